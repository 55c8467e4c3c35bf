//! One producer in one partition.

use std::collections::VecDeque;

use records::Batch;

/// How many of a producer's last batches are remembered, as many as a client has under way at once.
const BATCHES_MAX: usize = 5;
/// No sequence number, and the state before the first one.
const NO_SEQUENCE: i32 = -1;

/// A batch that a producer wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) last_sequence: i32,
    pub(crate) last_offset: i64,
    /// Last offset minus first offset.
    pub(crate) offset_delta: i32,
    pub(crate) timestamp_ms: i64,
}

impl Written {
    /// What is remembered of `batch`, which has a producer.
    pub(crate) fn of(batch: &Batch) -> Self {
        Self {
            last_sequence: last_sequence(batch.base_sequence(), batch.last_offset_delta()),
            last_offset: batch.last_offset(),
            offset_delta: batch.last_offset_delta(),
            timestamp_ms: batch.max_timestamp_ms(),
        }
    }

    /// The offset of its first record.
    pub(crate) fn first_offset(&self) -> i64 {
        self.last_offset - i64::from(self.offset_delta)
    }
}

/// The sequence number `delta` after `first`; behind the greatest comes 0.
pub(crate) fn last_sequence(first: i32, delta: i32) -> i32 {
    match first {
        NO_SEQUENCE => NO_SEQUENCE,
        // Both lie below 2^31, so their sum stays in 32 bits and the cut wraps it as it should.
        first => ((first as u32 + delta as u32) & i32::MAX as u32) as i32,
    }
}

/// A producer's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) epoch: i16,
    /// Its last batches with sequence numbers in this epoch, oldest first.
    pub(crate) batches: VecDeque<Written>,
    pub(crate) coordinator_epoch: i32,
    pub(crate) last_timestamp_ms: i64,
    /// When something of it was appended last, by the log's steady clock.
    pub(crate) seen_ms: i64,
    /// The first offset of its open transaction.
    pub(crate) transaction_start: Option<i64>,
}

impl Entry {
    /// A producer that has not written yet.
    pub(crate) fn new(epoch: i16) -> Self {
        Self {
            epoch,
            batches: VecDeque::new(),
            coordinator_epoch: -1,
            last_timestamp_ms: -1,
            seen_ms: -1,
            transaction_start: None,
        }
    }

    /// The sequence number of its last record, or -1.
    pub(crate) fn last_sequence(&self) -> i32 {
        self.batches.back().map_or(NO_SEQUENCE, |batch| batch.last_sequence)
    }

    /// The sequence number its next record must have, in `epoch`.
    pub(crate) fn expected_sequence(&self, epoch: i16) -> i32 {
        match self.last_sequence() {
            last if last == NO_SEQUENCE || epoch != self.epoch => 0,
            last => last_sequence(last, 1),
        }
    }

    /// The remembered batch of `epoch` with just these sequence numbers.
    pub(crate) fn repeated(&self, epoch: i16, first: i32, delta: i32) -> Option<Written> {
        let last = last_sequence(first, delta);
        let is_same =
            |written: &&Written| written.last_sequence == last && written.offset_delta == delta;
        self.batches.iter().find(is_same).copied().filter(|_| epoch == self.epoch)
    }

    /// Goes over to `epoch`; what was remembered of another one no longer counts.
    pub(crate) fn enter(&mut self, epoch: i16) {
        if self.epoch != epoch {
            self.epoch = epoch;
            self.batches.clear();
        }
    }

    /// Notes a batch of records written in the present epoch.
    pub(crate) fn wrote(&mut self, written: Written, is_transactional: bool) {
        self.last_timestamp_ms = written.timestamp_ms;
        if is_transactional && self.transaction_start.is_none() {
            self.transaction_start = Some(written.first_offset());
        }
        if written.last_sequence == NO_SEQUENCE {
            return;
        }
        if self.batches.len() == BATCHES_MAX {
            self.batches.pop_front();
        }
        self.batches.push_back(written);
    }
}
