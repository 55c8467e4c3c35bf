//! Checks what a commit writes against what the partitions know of its producers, and against what
//! the same commit writes before it. Nothing changes by a check.

use hashbrown::HashMap;
use records::Batch;
use types::TopicPartition;

use super::entry::{Entry, Written};
use super::ledger::Ledger;
use crate::{Error, Marker, Producer, Result};

/// Whether a batch is to be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is new.
    Append,
    /// It repeats this one.
    Repeats(Written),
}

/// The producers as they will be when the commit is applied.
#[derive(Debug, Default)]
pub(crate) struct Check {
    /// By partition and producer; `None` is a producer that nothing is known of.
    entries: HashMap<(TopicPartition, i64), Option<Entry>>,
}

impl Check {
    fn entry(
        &mut self,
        at: &TopicPartition,
        ledger: Option<&Ledger>,
        producer_id: i64,
    ) -> &mut Option<Entry> {
        let known = || ledger.and_then(|ledger| ledger.entry(producer_id)).cloned();
        self.entries.entry((at.clone(), producer_id)).or_insert_with(known)
    }

    /// Whether `batch`, which will begin at `base_offset`, may be appended to `at`. Fails when a newer
    /// epoch of its producer has written, when sequence numbers are missing, or when it stands in a
    /// transaction without belonging to it.
    pub(crate) fn batch(
        &mut self,
        at: &TopicPartition,
        ledger: Option<&Ledger>,
        batch: &Batch,
        base_offset: i64,
    ) -> Result<Verdict> {
        let producer = Producer { id: batch.producer_id(), epoch: batch.producer_epoch() };
        if producer.id < 0 {
            return Ok(Verdict::Append);
        }
        let mut written = Written::of(batch);
        written.last_offset = base_offset + i64::from(written.offset_delta);
        let slot = self.entry(at, ledger, producer.id);
        if let Some(entry) = slot {
            let repeated =
                entry.repeated(producer.epoch, batch.base_sequence(), written.offset_delta);
            if let Some(repeated) = repeated {
                return Ok(Verdict::Repeats(repeated));
            }
            check_epoch(at, entry, producer)?;
            check_sequence(at, entry, producer, batch.base_sequence())?;
            if entry.transaction_start.is_some() && !batch.is_transactional() {
                let reason = "its open transaction allows only transactional batches";
                return Err(invalid(at, producer, reason));
            }
        }
        let entry = slot.get_or_insert_with(|| Entry::new(producer.epoch));
        entry.enter(producer.epoch);
        entry.wrote(written, batch.is_transactional());
        Ok(Verdict::Append)
    }

    /// Fails when a newer epoch of the producer has written, or a newer coordinator decided.
    pub(crate) fn marker(&mut self, ledger: Option<&Ledger>, marker: &Marker) -> Result<()> {
        let Marker { partition: at, producer, coordinator_epoch, .. } = marker;
        let slot = self.entry(at, ledger, producer.id);
        if let Some(entry) = slot {
            check_epoch(at, entry, *producer)?;
            if entry.coordinator_epoch > *coordinator_epoch {
                return Err(invalid(at, *producer, "a newer coordinator has written a marker"));
            }
        }
        let entry = slot.get_or_insert_with(|| Entry::new(producer.epoch));
        entry.enter(producer.epoch);
        entry.transaction_start = None;
        entry.coordinator_epoch = *coordinator_epoch;
        Ok(())
    }
}

fn check_epoch(at: &TopicPartition, entry: &Entry, producer: Producer) -> Result<()> {
    if producer.epoch >= entry.epoch {
        return Ok(());
    }
    Err(Error::ProducerFenced {
        partition: at.clone(),
        producer_id: producer.id,
        epoch: producer.epoch,
        current: entry.epoch,
    })
}

/// A new epoch starts at 0, otherwise the next number is due. Batches without sequence numbers are the
/// log's own.
fn check_sequence(at: &TopicPartition, entry: &Entry, producer: Producer, got: i32) -> Result<()> {
    let expected = entry.expected_sequence(producer.epoch);
    if got < 0 || got == expected {
        return Ok(());
    }
    Err(Error::OutOfOrderSequence {
        partition: at.clone(),
        producer_id: producer.id,
        expected,
        got,
    })
}

fn invalid(at: &TopicPartition, producer: Producer, reason: &'static str) -> Error {
    Error::InvalidTransaction { partition: at.clone(), producer_id: producer.id, reason }
}
