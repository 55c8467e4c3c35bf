//! What compaction keeps of a batch.

use bytes::Bytes;
use records::{Batch, Builder, Record, Records};

use super::keys::LatestOffsets;

/// Decides record by record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter<'a> {
    pub(super) keys: &'a LatestOffsets,
    /// What lies behind it has not been looked at and stays.
    pub(super) cleaned_end: i64,
    pub(super) now_ms: i64,
    pub(super) delete_retention_ms: i64,
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
    pub(super) fn apply(&self, batch: &Batch) -> records::Result<Kept> {
        let is_foreign = batch.is_control() || batch.is_transactional();
        if is_foreign || batch.base_offset() >= self.cleaned_end {
            return Ok(Kept::Unchanged);
        }
        if batch.is_empty() {
            return Ok(Kept::Nothing);
        }
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
        let mut builder = Builder::new(batch.compression())
            .base_offset(batch.base_offset())
            .leader_epoch(batch.leader_epoch())
            .producer(batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
        if tombstones {
            let new_horizon_ms = self.now_ms.saturating_add(self.delete_retention_ms);
            builder = builder.delete_horizon_ms(horizon_ms.unwrap_or(new_horizon_ms));
        }
        if batch.is_append_time() {
            builder = builder.append_time().max_timestamp_ms(batch.max_timestamp_ms());
        }
        for record in records.iter().filter(|record| self.keeps(record, horizon_ms)) {
            // Both offsets lie in one batch, whose span is 31 bits.
            let delta = (record.offset - batch.base_offset()) as i32;
            let Record { timestamp_ms, key, value, .. } = record;
            builder.append_at(delta, timestamp_ms, key, value, record.headers());
        }
        builder.last_offset_delta(batch.last_offset_delta()).build()
    }
}
