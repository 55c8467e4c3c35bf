//! Queries over the same topic share the read and the decode: the first one that comes to a stretch of a
//! partition leaves it here for the others, and the last of them takes it away.
//!
//! Only external topics that several tasks read with the same serdes and columns are kept, and only
//! stretches of which no record was dropped, because problems are reported by each query for itself. What
//! is kept is bounded in number and bytes; a task that comes too late decodes for itself. Sources use it
//! once per fetch, so its lock is no matter.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arrow_array::{Array, ArrayRef};
use foldhash::HashMap;
use plan::physical::{Node, Read};
use types::{Offset, TopicPartition};

use super::Decoded;

/// Stretches kept at most.
const STRETCHES_MAX: usize = 64;
/// Bytes of columns kept at most.
const BYTES_MAX: usize = 32 << 20;

/// Decoded stretches of partitions.
#[derive(Debug, Default)]
pub(crate) struct SharedDecodes {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// How many sources read each stream.
    readers: HashMap<Stream, usize>,
    /// Oldest first.
    stretches: VecDeque<Stretch>,
    bytes: usize,
}

/// A partition as it looks through one decoder.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Stream {
    partition: TopicPartition,
    signature: Arc<str>,
}

#[derive(Debug)]
struct Stretch {
    stream: Stream,
    from: Offset,
    decoded: Decoded,
    bytes: usize,
    /// Readers that have not taken it.
    awaited: usize,
}

/// A source's part in the shared stretches; ends when it is dropped.
#[derive(Debug)]
pub(crate) struct SharedReader {
    shared: Arc<SharedDecodes>,
    stream: Stream,
}

impl SharedDecodes {
    /// Takes part as a reader of `partition` by `node`, whose operator is `read`. `None` for internal
    /// topics, which one task alone reads.
    pub fn join(
        self: &Arc<Self>,
        node: &Node,
        read: &Read,
        partition: &TopicPartition,
    ) -> Option<SharedReader> {
        read.source.as_ref()?;
        let stream = Stream { partition: partition.clone(), signature: signature(node, read) };
        *self.lock().readers.entry(stream.clone()).or_default() += 1;
        Some(SharedReader { shared: Arc::clone(self), stream })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Counts may be off after a panic, which costs a decode more or a stretch kept longer.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many stretches and bytes are kept.
    #[cfg(test)]
    pub fn size(&self) -> (usize, usize) {
        let inner = self.lock();
        (inner.stretches.len(), inner.bytes)
    }
}

impl SharedReader {
    /// What another reader decoded from offset `from` on.
    pub fn take(&self, from: Offset) -> Option<Decoded> {
        let mut inner = self.shared.lock();
        let is_it = |kept: &Stretch| kept.from == from && kept.stream == self.stream;
        let index = inner.stretches.iter().position(is_it)?;
        let found = &mut inner.stretches[index];
        found.awaited = found.awaited.saturating_sub(1);
        let decoded = found.decoded.clone();
        if found.awaited == 0 {
            inner.remove(index);
        }
        Some(decoded)
    }

    /// Leaves what was decoded from `from` on to the other readers, if there are any.
    pub fn leave(&self, from: Offset, decoded: &Decoded) {
        let mut inner = self.shared.lock();
        let awaited =
            inner.readers.get(&self.stream).map_or(0, |readers| readers.saturating_sub(1));
        let bytes = decoded.bytes();
        if awaited == 0 || bytes > BYTES_MAX {
            return;
        }
        while inner.stretches.len() >= STRETCHES_MAX || inner.bytes + bytes > BYTES_MAX {
            inner.remove(0);
        }
        inner.bytes += bytes;
        let (stream, decoded) = (self.stream.clone(), decoded.clone());
        inner.stretches.push_back(Stretch { stream, from, decoded, bytes, awaited });
    }
}

impl Drop for SharedReader {
    fn drop(&mut self) {
        let mut inner = self.shared.lock();
        let left = inner.readers.get_mut(&self.stream).map_or(0, |readers| {
            *readers -= 1;
            *readers
        });
        if left == 0 {
            inner.readers.remove(&self.stream);
        }
        if left <= 1 {
            while let Some(index) =
                inner.stretches.iter().position(|stretch| stretch.stream == self.stream)
            {
                inner.remove(index);
            }
        }
    }
}

impl Inner {
    fn remove(&mut self, index: usize) {
        if let Some(removed) = self.stretches.remove(index) {
            self.bytes -= removed.bytes;
        }
    }
}

/// What decides how the records of a partition become rows.
fn signature(node: &Node, read: &Read) -> Arc<str> {
    let Read { key_serde, value_serde, window, timestamp, headers, changes, .. } = read;
    let decoder = (key_serde, value_serde, window, timestamp, headers, changes);
    let rows = (node.layout.kind, &node.layout.key, &node.layout.value);
    format!("{decoder:?} {rows:?}").into()
}

impl Decoded {
    fn bytes(&self) -> usize {
        let chunk = &self.chunk;
        let size = |columns: &[ArrayRef]| -> usize {
            columns.iter().map(|column| column.get_array_memory_size()).sum()
        };
        size(&chunk.key)
            + size(&chunk.value)
            + chunk.headers.as_ref().map_or(0, |headers| headers.get_array_memory_size())
            // Timestamps and offsets.
            + 2 * size_of::<i64>() * chunk.rows()
    }
}
