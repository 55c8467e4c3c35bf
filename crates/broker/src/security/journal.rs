//! The topic `__tidemill_security`: reads it at start, appends changes. What its records say stands in
//! `change`. The topic is created with its first record, so that nobody who needs no security has it.

use std::sync::Arc;

use bytes::Bytes;
use commitlog::{Append, Commit, CommitId, EmbeddedLog, Log as _, TopicConfig, Visibility};
use records::{Batches, Builder, Compression};
use types::TopicPartition;
use types::seams::Clock;

use super::change::Change;
use crate::{Error, Result};

/// The topic's name. No client may touch it, whatever ACLs say.
pub(crate) const TOPIC: &str = "__tidemill_security";
/// Bytes read at a time.
const READ_BYTES_MAX: usize = 1 << 20;
/// A request's changes are one batch, whatever the request's size.
const MESSAGE_BYTES_MAX: u32 = 64 << 20;

/// Reads and writes the topic.
#[derive(Debug)]
pub(crate) struct Journal {
    log: Arc<EmbeddedLog>,
    clock: Arc<dyn Clock>,
    partition: TopicPartition,
}

impl Journal {
    /// The topic in `log`.
    pub(crate) fn of(log: Arc<EmbeddedLog>, clock: Arc<dyn Clock>) -> Self {
        Self { log, clock, partition: TopicPartition::new(TOPIC, 0) }
    }

    /// Hands every change to `apply`, in order.
    ///
    /// # Errors
    /// `Log` when the topic cannot be read; `SecurityRecord` when a record makes no sense: passing
    /// over one could open what it closed.
    pub(crate) fn replay(&self, mut apply: impl FnMut(Change)) -> Result<()> {
        if self.log.topic(TOPIC).is_none() {
            return Ok(());
        }
        let offsets = self.log.offsets(&self.partition)?;
        let mut position = offsets.start;
        while position < offsets.end {
            let read =
                self.log.read(&self.partition, position, READ_BYTES_MAX, Visibility::Committed)?;
            if read.next <= position {
                break;
            }
            position = read.next;
            for bytes in &read.batches {
                replay_batches(bytes, &mut apply)?;
            }
        }
        Ok(())
    }

    /// Appends `changes` as one commit, to be waited for.
    ///
    /// # Errors
    /// `Log` when it refuses; nothing has happened then.
    pub(crate) fn append(&self, changes: &[Change]) -> Result<CommitId> {
        if self.log.topic(TOPIC).is_none() {
            let config = TopicConfig {
                message_bytes_max: MESSAGE_BYTES_MAX,
                ..TopicConfig::with_partitions(1).compacted()
            };
            self.log.create_topic(TOPIC, &config)?;
        }
        let mut builder = Builder::new(Compression::None);
        let now_ms = self.clock.now_ms();
        for change in changes {
            let (key, value) = change.to_record();
            builder.append(now_ms, Some(&key), value.as_deref(), &[]);
        }
        let append = Append { partition: self.partition.clone(), batch: builder.build() };
        let commit = Commit { appends: vec![append], ..Commit::default() };
        Ok(self.log.commit(commit)?.id)
    }
}

fn replay_batches(bytes: &Bytes, apply: &mut impl FnMut(Change)) -> Result<()> {
    let corrupt = |reason: String| {
        let partition = TopicPartition::new(TOPIC, 0);
        Error::Log(commitlog::Error::CorruptBatch { partition, reason })
    };
    for batch in Batches::new(bytes) {
        let batch = batch.map_err(|error| corrupt(error.to_string()))?;
        let records = batch.records().map_err(|error| corrupt(error.to_string()))?;
        for record in records.iter() {
            let change = Change::of_record(record.key, record.value);
            apply(change.ok_or(Error::SecurityRecord { offset: record.offset })?);
        }
    }
    Ok(())
}
