//! Reads back, at a start, what the broker has written to a topic of its own: groups, transactions,
//! configurations. It never passes over what it cannot read without being told to: what stands there
//! would be forgotten without a word. Nor does it stop where a transaction is open that has moved a
//! group's offsets: what the broker writes itself stands behind it and counts at once.

use bytes::Bytes;
use commitlog::{EmbeddedLog, Error as LogError, Isolation, Log as _};
use records::{Batch, Record};
use types::{Offset, TopicPartition};

use crate::{Error, Result};

/// The property by which a user lets a start pass over what cannot be read.
pub(crate) const SKIP: &str = "tidemill.unreadable.records.skip";
/// Bytes read at once.
const READ_BYTES: usize = 1 << 20;

/// What a reader says of a record: nothing, or why it is none that the broker would write.
pub(crate) type Understood = std::result::Result<(), &'static str>;

/// A topic of the broker's own in `log`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replay<'a> {
    pub(crate) log: &'a EmbeddedLog,
    /// Whether what cannot be read is passed over.
    pub(crate) skips: bool,
}

impl Replay<'_> {
    /// Hands every record of the broker's own in every partition of `topic` to `visit`, in order within
    /// each partition; what is part of transactions is the log's. A topic that is not there has none.
    ///
    /// # Errors
    /// `Log` when the log cannot be read; `Unreadable` when a batch is damaged or `visit` does not
    /// understand a record.
    pub(crate) fn topic(
        &self,
        topic: &str,
        mut visit: impl FnMut(&TopicPartition, &Record<'_>) -> Understood,
    ) -> Result<()> {
        let partitions = self.log.topic(topic).map_or(0, |topic| topic.config.partitions);
        for partition in 0..partitions {
            self.partition(&TopicPartition::new(topic, partition), &mut visit)?;
        }
        Ok(())
    }

    fn partition(
        &self,
        at: &TopicPartition,
        visit: &mut impl FnMut(&TopicPartition, &Record<'_>) -> Understood,
    ) -> Result<()> {
        let offsets = self.log.offsets(at)?;
        let (mut next, mut is_damage_told) = (offsets.start, false);
        while next < offsets.end {
            match self.batches(at, next) {
                Ok(batches) => {
                    for batch in &batches {
                        self.batch(at, batch, visit)?;
                    }
                    // Compaction may have left nothing up to the end.
                    let end = batches.last().and_then(end_of).filter(|end| *end > next);
                    let Some(end) = end else { break };
                    (next, is_damage_told) = (end, false);
                }
                Err(error @ LogError::CorruptFile { .. }) => {
                    if !is_damage_told {
                        self.unreadable(at, next.0, &error.to_string())?;
                    }
                    // Nobody knows how far the damage goes: it is over where reading works again.
                    (next, is_damage_told) = (Offset(next.0 + 1), true);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Whole batches from `next` on; near damage one at a time, so that all before it are found.
    fn batches(&self, at: &TopicPartition, next: Offset) -> commitlog::Result<Vec<Bytes>> {
        let fetch = |bytes_max| self.log.fetch(at, next, bytes_max, Isolation::ReadUncommitted);
        let fetched = match fetch(READ_BYTES) {
            Err(LogError::CorruptFile { .. }) => fetch(1),
            fetched => fetched,
        };
        Ok(fetched?.batches)
    }

    /// The log gives batches one by one.
    fn batch(
        &self,
        at: &TopicPartition,
        bytes: &Bytes,
        visit: &mut impl FnMut(&TopicPartition, &Record<'_>) -> Understood,
    ) -> Result<()> {
        let records = match Batch::parse(bytes) {
            Ok(batch) if batch.is_transactional() => return Ok(()),
            batch => batch.and_then(|batch| batch.records()),
        };
        let records = match records {
            Ok(records) => records,
            Err(error) => return self.unreadable(at, base_offset(bytes), &error.to_string()),
        };
        for record in &records {
            if let Err(reason) = visit(at, &record) {
                self.unreadable(at, record.offset, reason)?;
            }
        }
        Ok(())
    }

    fn unreadable(&self, at: &TopicPartition, offset: i64, reason: &str) -> Result<()> {
        if self.skips {
            tracing::error!(partition = %at, offset, reason, "passing over what cannot be read");
            return Ok(());
        }
        let partition = at.clone();
        Err(Error::Unreadable { partition, offset, reason: reason.to_owned() })
    }
}

/// The first field of a batch. The log has gone by it to find the batch, so it is right even where the
/// checksum is wrong.
fn base_offset(bytes: &Bytes) -> i64 {
    bytes.first_chunk().map_or(-1, |first| i64::from_be_bytes(*first))
}

/// Where the log goes on behind a batch.
fn end_of(bytes: &Bytes) -> Option<Offset> {
    Batch::parse_unverified(bytes).ok().map(|batch| Offset(batch.last_offset() + 1))
}

#[cfg(test)]
mod tests;
