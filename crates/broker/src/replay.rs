//! Reads back, at a start, what the broker has written to a topic of its own: groups, transactions,
//! configurations. It never passes over what it cannot read without being told to: what stands there
//! would be forgotten without a word.

use bytes::Bytes;
use commitlog::{Chunk, EmbeddedLog, Error as LogError, Log as _, Visibility};
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
    /// Hands every record that counts in every partition of `topic` to `visit`, in order within each
    /// partition. A topic that is not there has none.
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
            match self.chunk(at, next) {
                Ok(chunk) if chunk.next <= next => break,
                Ok(chunk) => {
                    for batch in &chunk.batches {
                        self.batch(at, batch, visit)?;
                    }
                    (next, is_damage_told) = (chunk.next, false);
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
    fn chunk(&self, at: &TopicPartition, next: Offset) -> commitlog::Result<Chunk> {
        match self.log.read(at, next, READ_BYTES, Visibility::Committed) {
            Err(LogError::CorruptFile { .. }) => self.log.read(at, next, 1, Visibility::Committed),
            read => read,
        }
    }

    /// The log gives batches one by one.
    fn batch(
        &self,
        at: &TopicPartition,
        bytes: &Bytes,
        visit: &mut impl FnMut(&TopicPartition, &Record<'_>) -> Understood,
    ) -> Result<()> {
        let records = match Batch::parse(bytes).and_then(|batch| batch.records()) {
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

#[cfg(test)]
mod tests;
