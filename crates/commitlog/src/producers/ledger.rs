//! The producers of one partition, and its transactions.
//!
//! A transaction is *open* from its first batch to its marker. Behind the marker it stays *undecided*
//! for those outside until the marker is on stable storage, because a crash may still take it back.

use std::collections::BTreeSet;

use hashbrown::HashMap;
use records::{Batch, ControlKind};
use types::Offset;

use super::entry::{Entry, Written};
use crate::{Aborted, Producer, ProducerState};

/// The offsets of an aborted transaction, its marker last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AbortedRange {
    pub(crate) producer_id: i64,
    pub(crate) first_offset: i64,
    pub(crate) last_offset: i64,
    /// Where the first open transaction began when the marker was written: no aborted transaction
    /// behind this one in the list begins before it.
    pub(crate) stable_offset: i64,
}

/// What a partition knows of its producers. An empty one is not worth keeping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ledger {
    entries: HashMap<i64, Entry>,
    /// First offsets of open transactions.
    open: BTreeSet<i64>,
    /// First offsets and markers of transactions whose markers may not be on stable storage.
    decided: Vec<(i64, i64)>,
    /// By last offset.
    aborted: Vec<AbortedRange>,
}

impl Ledger {
    /// A ledger with what was saved of one; nothing of it is still to be made durable.
    pub(crate) fn restored(entries: HashMap<i64, Entry>, aborted: Vec<AbortedRange>) -> Self {
        let open = entries.values().filter_map(|entry| entry.transaction_start).collect();
        Self { entries, open, decided: Vec::new(), aborted }
    }

    /// The producers by id, for saving.
    pub(crate) fn entries(&self) -> impl ExactSizeIterator<Item = (i64, &Entry)> {
        self.entries.iter().map(|(id, entry)| (*id, entry))
    }

    /// The aborted transactions, for saving.
    pub(crate) fn aborted(&self) -> &[AbortedRange] {
        &self.aborted
    }

    /// Producer `id`, if it is known.
    pub(crate) fn entry(&self, id: i64) -> Option<&Entry> {
        self.entries.get(&id)
    }

    /// Takes in `batch`, which was appended and has a producer.
    pub(crate) fn append(&mut self, batch: &Batch, now_ms: i64) {
        let (id, epoch) = (batch.producer_id(), batch.producer_epoch());
        let entry = self.entries.entry(id).or_insert_with(|| Entry::new(epoch));
        entry.enter(epoch);
        entry.seen_ms = now_ms;
        if batch.is_control() {
            self.decide(batch);
            return;
        }
        entry.wrote(Written::of(batch), batch.is_transactional());
        self.open.extend(entry.transaction_start);
    }

    /// Ends the transaction that the marker in `batch` is for. A marker without one changes nothing
    /// for readers.
    fn decide(&mut self, batch: &Batch) {
        let Some((kind, coordinator_epoch)) = ControlKind::in_batch(batch) else { return };
        let Some(entry) = self.entries.get_mut(&batch.producer_id()) else { return };
        entry.coordinator_epoch = coordinator_epoch;
        entry.last_timestamp_ms = batch.max_timestamp_ms();
        let Some(first_offset) = entry.transaction_start.take() else { return };
        let last_offset = batch.last_offset();
        self.open.remove(&first_offset);
        self.decided.push((first_offset, last_offset));
        if kind == ControlKind::Abort {
            let stable_offset = self.open.first().copied().unwrap_or(last_offset + 1);
            let producer_id = batch.producer_id();
            let range = AbortedRange { producer_id, first_offset, last_offset, stable_offset };
            self.aborted.push(range);
        }
    }

    /// Everything before `durable_end` is on stable storage.
    pub(crate) fn make_durable(&mut self, durable_end: i64) {
        self.decided.retain(|(_, marker)| *marker >= durable_end);
    }

    /// Whether [`Self::make_durable`] has something to do.
    pub(crate) fn has_decided(&self) -> bool {
        !self.decided.is_empty()
    }

    /// Where readers of committed records stop, in a partition that ends at `end`.
    pub(crate) fn undecided(&self, end: i64) -> i64 {
        self.open.first().map_or(end, |first| end.min(*first))
    }

    /// Where those outside stop, in a partition that is durable to `durable_end`.
    pub(crate) fn stable(&self, durable_end: i64) -> i64 {
        let decided = self.decided.iter().map(|(first, _)| *first).min();
        decided.map_or(durable_end, |first| durable_end.min(first)).min(self.undecided(durable_end))
    }

    /// Aborted transactions that overlap the offsets `from` to before `end`, by first offset.
    pub(crate) fn aborted_within(&self, from: i64, end: i64) -> Vec<AbortedRange> {
        let start = self.aborted.partition_point(|range| range.last_offset < from);
        let mut found = Vec::new();
        for range in &self.aborted[start..] {
            if range.first_offset < end {
                found.push(*range);
            }
            if range.stable_offset >= end {
                break;
            }
        }
        found.sort_unstable_by_key(|range| range.first_offset);
        found
    }

    /// Whether `batch` belongs to an aborted transaction.
    pub(crate) fn is_aborted(&self, batch: &Batch) -> bool {
        let offset = batch.base_offset();
        let around = || self.aborted_within(offset, offset + 1);
        batch.is_transactional() && around().iter().any(|range| range.holds(batch))
    }

    /// Forgets aborted transactions of which nothing is left at or behind `start`; says whether there
    /// were any.
    pub(crate) fn forget_before(&mut self, start: i64) -> bool {
        let before = self.aborted.len();
        self.aborted.retain(|range| range.last_offset >= start);
        before != self.aborted.len()
    }

    /// Whether [`Self::forget_before`] or [`Self::expire`] would change anything.
    pub(crate) fn has_outdated(&self, start: i64, idle_since_ms: i64) -> bool {
        self.aborted.first().is_some_and(|range| range.last_offset < start)
            || self.entries.values().any(|entry| is_idle(entry, idle_since_ms))
    }

    /// Forgets producers without an open transaction that have been idle since `idle_since_ms`.
    pub(crate) fn expire(&mut self, idle_since_ms: i64) {
        self.entries.retain(|_, entry| !is_idle(entry, idle_since_ms));
    }

    /// Whether nothing is known any more.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.aborted.is_empty() && self.decided.is_empty()
    }

    /// The producers for those outside, by id.
    pub(crate) fn states(&self) -> Vec<ProducerState> {
        let state = |(id, entry): (&i64, &Entry)| ProducerState {
            producer: Producer { id: *id, epoch: entry.epoch },
            last_sequence: entry.last_sequence(),
            last_timestamp_ms: entry.last_timestamp_ms,
            coordinator_epoch: entry.coordinator_epoch,
            transaction_start: entry.transaction_start.map(Offset),
        };
        let mut states: Vec<ProducerState> = self.entries.iter().map(state).collect();
        states.sort_unstable_by_key(|state| state.producer);
        states
    }
}

fn is_idle(entry: &Entry, idle_since_ms: i64) -> bool {
    entry.transaction_start.is_none() && entry.seen_ms <= idle_since_ms
}

impl AbortedRange {
    /// Whether `batch` is part of the aborted transaction.
    pub(crate) fn holds(&self, batch: &Batch) -> bool {
        batch.producer_id() == self.producer_id
            && (self.first_offset..=self.last_offset).contains(&batch.base_offset())
    }

    /// The transaction for those outside.
    pub(crate) fn outside(&self) -> Aborted {
        Aborted { producer_id: self.producer_id, first_offset: Offset(self.first_offset) }
    }
}

/// Whether the records of `batch` count when the transactions `aborted` do not.
pub(crate) fn counts(batch: &Batch, aborted: &[AbortedRange]) -> bool {
    let is_aborted = || batch.is_transactional() && aborted.iter().any(|range| range.holds(batch));
    !batch.is_control() && !is_aborted()
}
