//! Where rows come from: reads a partition of a topic, decodes record batches straight to columns, and
//! hands out runs of rows in the order the task asks for. Owned by a task.

mod decode;
mod header_columns;
mod shared_decodes;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use commitlog::{Log, Visibility};
use records::{Batches, Records};
use types::{Offset, TopicPartition};

use crate::chunk::Chunk;
use crate::context::Context;
use crate::{Error, Result};

pub(crate) use decode::{Decoded, RowDecoder};
pub(crate) use shared_decodes::{SharedDecodes, SharedReader};

/// Reads one partition.
pub(crate) struct Source {
    /// Index of the Read node in its sub-topology.
    pub node: usize,
    /// Where from.
    pub partition: TopicPartition,
    /// Whether records count as the query's input.
    pub is_external: bool,
    log: Arc<dyn Log>,
    decoder: RowDecoder,
    /// What readers of the same topic decode for each other.
    shared: Option<SharedReader>,
    /// The next offset to read from the log.
    next_read: Offset,
    /// Decoded rows not all handed out.
    ahead: Option<Ahead>,
    /// Nothing was there at the last look, and nobody said that the partition has grown.
    is_drained: bool,
}

struct Ahead {
    decoded: Decoded,
    next: usize,
}

impl Source {
    /// A source that starts at `from`.
    pub fn new(
        node: usize,
        partition: TopicPartition,
        is_external: bool,
        log: Arc<dyn Log>,
        decoder: RowDecoder,
        from: Offset,
    ) -> Self {
        Self {
            node,
            partition,
            is_external,
            log,
            decoder,
            shared: None,
            next_read: from,
            ahead: None,
            is_drained: false,
        }
    }

    /// The same source, which shares what it decodes.
    pub fn sharing(mut self, shared: Option<SharedReader>) -> Self {
        self.shared = shared;
        self
    }

    /// The partition may have grown.
    pub fn wake(&mut self) {
        self.is_drained = false;
    }

    /// The next offset the task wants: that of the first row not handed out.
    pub fn position(&self) -> Offset {
        match &self.ahead {
            Some(ahead) => Offset(ahead.decoded.offsets.value(ahead.next)),
            None => self.next_read,
        }
    }

    /// Timestamp of the next row, reading and decoding when needed; `None` when there is none now.
    pub fn head(&mut self, context: &Context<'_>) -> Result<Option<i64>> {
        while self.ahead.is_none() && !self.is_drained {
            self.read(context)?;
        }
        Ok(self.ahead.as_ref().map(|ahead| ahead.decoded.chunk.timestamps.value(ahead.next)))
    }

    /// Hands out rows while their timestamp is at most `limit`, at least one and at most `rows_max`.
    /// Call it only after [`Self::head`] found a row.
    pub fn take_run(&mut self, limit: i64, rows_max: usize) -> Chunk {
        let ahead = self.ahead.as_mut().expect("a row was found");
        let times = &ahead.decoded.chunk.timestamps.values()[ahead.next..];
        let run =
            times.iter().take(rows_max).skip(1).take_while(|time| **time <= limit).count() + 1;
        let chunk = ahead.decoded.chunk.slice(ahead.next, run);
        ahead.next += run;
        if ahead.next == ahead.decoded.offsets.len() {
            self.ahead = None;
        }
        chunk
    }

    fn read(&mut self, context: &Context<'_>) -> Result<()> {
        let Some(decoded) = self.decoded(context)? else {
            self.is_drained = true;
            return Ok(());
        };
        self.next_read = decoded.end.max(self.next_read);
        if self.is_external {
            let counters = &context.reporter.counters;
            counters.records_in.fetch_add(decoded.records, Ordering::Relaxed);
            counters.last_message_ms.store(context.now_ms(), Ordering::Relaxed);
        }
        if !decoded.offsets.is_empty() {
            self.ahead = Some(Ahead { decoded, next: 0 });
        }
        Ok(())
    }

    /// The rows from `next_read` on, as another reader left them or from the log; `None` when there are
    /// no records.
    fn decoded(&mut self, context: &Context<'_>) -> Result<Option<Decoded>> {
        if let Some(left) = self.shared.as_ref().and_then(|shared| shared.take(self.next_read)) {
            // A topic that was made anew begins again at offset 0.
            let offsets = self.log.offsets(&self.partition)?;
            if offsets.start <= self.next_read && left.end <= offsets.end {
                return Ok(Some(left));
            }
        }
        let batches = self.fetch(context.options.fetch_bytes_max)?;
        if batches.is_empty() {
            return Ok(None);
        }
        // Fetching may have gone over a gap.
        let from = self.next_read;
        let decoded = self.decoder.decode(&self.partition, &batches, from, context)?;
        if let Some(shared) = self.shared.as_ref().filter(|_| decoded.is_complete()) {
            shared.leave(from, &decoded);
        }
        Ok(Some(decoded))
    }

    /// Records from `next_read` on. When retention has removed that offset, reading goes on at the
    /// first one kept.
    fn fetch(&mut self, bytes_max: usize) -> Result<Vec<Records>> {
        let read = self.log.read(&self.partition, self.next_read, bytes_max, Visibility::Committed);
        let read = match read {
            Err(commitlog::Error::OffsetOutOfRange { start, end, .. }) => {
                let next = if self.next_read < start { start } else { end };
                tracing::warn!(
                    partition = %self.partition, offset = %self.next_read, %next,
                    "position is out of range, reading goes on elsewhere"
                );
                self.next_read = next;
                self.log.read(&self.partition, next, bytes_max, Visibility::Committed)?
            }
            other => other?,
        };
        let damaged = |error: records::Error| Error::Records {
            partition: self.partition.clone(),
            reason: error.to_string(),
        };
        let mut found = Vec::new();
        for batch in read.batches.iter().flat_map(Batches::unverified) {
            found.push(batch.map_err(damaged)?.records().map_err(damaged)?);
        }
        if found.is_empty() && read.next > self.next_read {
            self.next_read = read.next;
            return self.fetch(bytes_max);
        }
        Ok(found)
    }
}
