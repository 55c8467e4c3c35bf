//! What compaction keeps of a batch. Batches are shown to it from the start of the partition on, so
//! that at a marker it knows whether records of the transaction are left.
//!
//! Of a producer's last batch an empty one stays when its records go: it holds the last sequence
//! number, which whoever reads the segments without a checkpoint needs.

use bytes::Bytes;
use hashbrown::HashSet;
use records::{Batch, Builder, Record, Records};

use super::keys::LatestOffsets;
use crate::producers::Ledger;

/// Decides record by record.
#[derive(Debug)]
pub(super) struct Filter<'a> {
    pub(super) keys: &'a LatestOffsets,
    pub(super) ledger: Option<&'a Ledger>,
    /// What lies behind it has not been looked at and stays.
    pub(super) cleaned_end: i64,
    pub(super) now_ms: i64,
    pub(super) delete_retention_ms: i64,
    /// Producers that have records left of the transaction under way.
    pub(super) with_records: HashSet<i64>,
}

/// What is kept of a batch.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    /// All of it, as it is.
    Unchanged,
    /// Nothing.
    Nothing,
    /// This instead.
    Rewritten(Bytes),
}

impl Filter<'_> {
    /// What to keep of `batch`.
    pub(super) fn apply(&mut self, batch: &Batch) -> records::Result<Kept> {
        if batch.base_offset() >= self.cleaned_end {
            return Ok(Kept::Unchanged);
        }
        if batch.is_control() {
            return self.marker(batch);
        }
        if batch.is_empty() {
            let is_needed = self.is_last_of_producer(batch);
            return Ok(if is_needed { Kept::Unchanged } else { Kept::Nothing });
        }
        let is_aborted = self.ledger.is_some_and(|ledger| ledger.is_aborted(batch));
        let kept = if is_aborted { Kept::Nothing } else { self.records(batch)? };
        match kept {
            Kept::Nothing if self.is_last_of_producer(batch) => {
                Ok(Kept::Rewritten(without_records(batch)))
            }
            Kept::Nothing => Ok(Kept::Nothing),
            kept => {
                if batch.is_transactional() {
                    self.with_records.insert(batch.producer_id());
                }
                Ok(kept)
            }
        }
    }

    /// A marker stays as long as records of its transaction, and then `delete.retention.ms` more for
    /// readers that have seen some.
    fn marker(&mut self, batch: &Batch) -> records::Result<Kept> {
        if self.with_records.remove(&batch.producer_id()) {
            return Ok(Kept::Unchanged);
        }
        match batch.delete_horizon_ms() {
            Some(horizon_ms) if self.now_ms >= horizon_ms => Ok(Kept::Nothing),
            Some(_) => Ok(Kept::Unchanged),
            None => {
                let builder = rebuilder(batch).delete_horizon_ms(self.new_horizon_ms());
                Ok(Kept::Rewritten(build(builder, batch, batch.records()?.iter())))
            }
        }
    }

    fn records(&self, batch: &Batch) -> records::Result<Kept> {
        let horizon_ms = batch.delete_horizon_ms();
        let records = batch.records()?;
        let kept = records.iter().filter(|record| self.keeps(record, horizon_ms));
        let (mut count, mut tombstones) = (0, false);
        for record in kept {
            count += 1;
            tombstones |= record.value.is_none();
        }
        match count {
            0 => Ok(Kept::Nothing),
            all if all == records.len() && (!tombstones || horizon_ms.is_some()) => {
                Ok(Kept::Unchanged)
            }
            _ => Ok(Kept::Rewritten(self.rewrite(batch, &records, tombstones))),
        }
    }

    /// Whether `record` stays, when tombstones of its batch may go from `horizon_ms` on.
    fn keeps(&self, record: &Record<'_>, horizon_ms: Option<i64>) -> bool {
        let Some(key) = record.key else { return false };
        let is_over =
            record.value.is_none() && horizon_ms.is_some_and(|horizon| self.now_ms >= horizon);
        !is_over && !self.keys.supersedes(key, record.offset)
    }

    fn rewrite(&self, batch: &Batch, records: &Records, tombstones: bool) -> Bytes {
        let horizon_ms = batch.delete_horizon_ms();
        let mut builder = rebuilder(batch);
        if tombstones {
            builder =
                builder.delete_horizon_ms(horizon_ms.unwrap_or_else(|| self.new_horizon_ms()));
        }
        let kept = records.iter().filter(|record| self.keeps(record, horizon_ms));
        build(builder, batch, kept)
    }

    fn new_horizon_ms(&self) -> i64 {
        self.now_ms.saturating_add(self.delete_retention_ms)
    }

    fn is_last_of_producer(&self, batch: &Batch) -> bool {
        let entry = self.ledger.and_then(|ledger| ledger.entry(batch.producer_id()));
        let last = entry.and_then(|entry| entry.batches.back());
        // Batches with a producer are never widened, so the last offset tells them.
        last.is_some_and(|last| last.last_offset == batch.last_offset())
    }
}

/// A builder of a batch that differs from `batch` in its records only.
fn rebuilder(batch: &Batch) -> Builder {
    Builder::like(batch, batch.compression())
}

fn build<'a>(
    mut builder: Builder,
    batch: &Batch,
    records: impl Iterator<Item = Record<'a>>,
) -> Bytes {
    if batch.is_append_time() {
        builder = builder.append_time().max_timestamp_ms(batch.max_timestamp_ms());
    }
    for record in records {
        // Both offsets lie in one batch, whose span is 31 bits.
        let delta = (record.offset - batch.base_offset()) as i32;
        let Record { timestamp_ms, key, value, .. } = record;
        builder.append_at(delta, timestamp_ms, key, value, record.headers());
    }
    builder.last_offset_delta(batch.last_offset_delta()).build()
}

fn without_records(batch: &Batch) -> Bytes {
    let builder = rebuilder(batch).max_timestamp_ms(batch.max_timestamp_ms());
    builder.last_offset_delta(batch.last_offset_delta()).build()
}
