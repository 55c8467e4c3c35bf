//! A partition in memory: what is in its segments, and the recent batches that are not there yet.

use std::collections::VecDeque;
use std::sync::Arc;

use records::Batch;
use types::Offset;

use super::applying::Moment;
use super::checkpoint;
use super::files::FileId;
use super::segment::Segment;
use crate::producers::{AbortedRange, Ledger};
use crate::{Isolation, PartitionOffsets, Visibility};

/// How many places are remembered where readers left off.
const HINTS_MAX: usize = 8;

/// A partition.
#[derive(Debug, Default)]
pub(super) struct Partition {
    /// The first offset kept.
    pub(super) start: i64,
    /// One past the last offset in segments; the recent batches start there.
    pub(super) flushed_end: i64,
    /// Compaction has seen everything before this offset.
    pub(super) cleaned_end: i64,
    pub(super) segments: Arc<Vec<Segment>>,
    recent: VecDeque<Recent>,
    /// Bytes of the recent batches.
    recent_bytes: usize,
    pub(super) durable_end: i64,
    pub(super) end: i64,
    hints: VecDeque<Hint>,
    /// Its producers and transactions; shared with checkpoints in the making.
    ledger: Option<Arc<Ledger>>,
}

/// A batch that only the journal and memory hold.
#[derive(Clone, Debug)]
pub(super) struct Recent {
    pub(super) commit: u64,
    pub(super) batch: Batch,
}

/// Where a sequential reader will go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hint {
    pub(super) file: FileId,
    /// The base offset of the batch at `position`.
    pub(super) offset: i64,
    pub(super) position: u64,
}

impl Partition {
    /// The partition as a checkpoint has it.
    pub(super) fn restored(saved: checkpoint::Partition) -> Self {
        Self {
            start: saved.start,
            flushed_end: saved.flushed_end,
            cleaned_end: saved.cleaned_end,
            segments: saved.segments,
            durable_end: saved.flushed_end,
            end: saved.flushed_end,
            ledger: saved.ledger,
            ..Self::default()
        }
    }

    /// The partition for a checkpoint.
    pub(super) fn saved(&self) -> checkpoint::Partition {
        checkpoint::Partition {
            start: self.start,
            flushed_end: self.flushed_end,
            cleaned_end: self.cleaned_end,
            segments: self.segments.clone(),
            ledger: self.ledger.clone(),
        }
    }

    pub(super) fn offsets(&self) -> PartitionOffsets {
        PartitionOffsets {
            start: Offset(self.start),
            stable: Offset(self.outside_end(Isolation::ReadCommitted)),
            durable_end: Offset(self.durable_end),
            end: Offset(self.end),
        }
    }

    /// One past the last offset that a reader of records that count sees.
    pub(super) fn visible_end(&self, visibility: Visibility) -> i64 {
        match visibility {
            Visibility::Committed => {
                self.ledger().map_or(self.end, |ledger| ledger.undecided(self.end).max(self.start))
            }
            Visibility::Durable => self.outside_end(Isolation::ReadCommitted),
        }
    }

    /// One past the last offset that a fetch sees. Retention may have taken the first records of an
    /// open transaction.
    pub(super) fn outside_end(&self, isolation: Isolation) -> i64 {
        match (isolation, self.ledger()) {
            (Isolation::ReadCommitted, Some(ledger)) => {
                ledger.stable(self.durable_end).max(self.start)
            }
            _ => self.durable_end,
        }
    }

    /// What is known of producers.
    pub(super) fn ledger(&self) -> Option<&Ledger> {
        self.ledger.as_deref()
    }

    /// Aborted transactions that overlap the offsets `from` to before `end`.
    pub(super) fn aborted_within(&self, from: i64, end: i64) -> Vec<AbortedRange> {
        self.ledger().map_or_else(Vec::new, |ledger| ledger.aborted_within(from, end))
    }

    /// Forgets aborted transactions that lie before `aborted_before`, and producers idle since
    /// `idle_since_ms`.
    pub(super) fn tidy_ledger(&mut self, aborted_before: i64, idle_since_ms: i64) {
        let outdated = |ledger: &Ledger| ledger.has_outdated(aborted_before, idle_since_ms);
        if let Some(shared) = self.ledger.as_mut().filter(|shared| outdated(shared)) {
            let ledger = Arc::make_mut(shared);
            ledger.forget_before(aborted_before);
            ledger.expire(idle_since_ms);
        }
        if self.ledger().is_some_and(Ledger::is_empty) {
            self.ledger = None;
        }
    }

    /// Everything before `end` is on stable storage.
    pub(super) fn make_durable(&mut self, end: i64) {
        self.durable_end = end;
        if let Some(shared) = self.ledger.as_mut().filter(|shared| shared.has_decided()) {
            Arc::make_mut(shared).make_durable(end);
        }
    }

    /// Takes a batch whose base offset is [`Self::end`].
    pub(super) fn append(&mut self, moment: Moment, batch: Batch) {
        debug_assert_eq!(batch.base_offset(), self.end, "offsets have no gaps");
        self.end = batch.last_offset() + 1;
        if batch.producer_id() >= 0 {
            let ledger = self.ledger.get_or_insert_default();
            Arc::make_mut(ledger).append(&batch, moment.now_ms);
        }
        self.recent_bytes += batch.len();
        self.recent.push_back(Recent { commit: moment.commit, batch });
    }

    /// Recent batches from the one that holds `from` on, up to about `bytes_max`, all before `end`.
    pub(super) fn read_recent(&self, from: i64, end: i64, bytes_max: usize) -> Vec<Batch> {
        let mut read = Vec::new();
        let mut total = 0;
        for batch in self.recent_from(from).take_while(|batch| batch.last_offset() < end) {
            total += batch.len();
            if total > bytes_max && !read.is_empty() {
                break;
            }
            read.push(batch.clone());
        }
        read
    }

    /// Recent batches from the one that holds `from` on.
    pub(super) fn recent_from(&self, from: i64) -> impl DoubleEndedIterator<Item = &Batch> {
        let first = self.recent.partition_point(|recent| recent.batch.last_offset() < from);
        self.recent.range(first..).map(|recent| &recent.batch)
    }

    /// Recent batches of commits up to `commit`, for segments.
    pub(super) fn recent_until(&self, commit: u64) -> Vec<Batch> {
        let until = self.recent.iter().take_while(|recent| recent.commit <= commit);
        until.map(|recent| recent.batch.clone()).collect()
    }

    /// Lets the batches go that are in `segments` now, and hands them out: to free many takes its time.
    pub(super) fn flushed(&mut self, segments: Arc<Vec<Segment>>, end: i64) -> VecDeque<Recent> {
        self.segments = segments;
        self.flushed_end = end;
        let first_kept = self.recent.partition_point(|recent| recent.batch.last_offset() < end);
        let kept = self.recent.split_off(first_kept);
        let gone = std::mem::replace(&mut self.recent, kept);
        self.recent_bytes -= gone.iter().map(|recent| recent.batch.len()).sum::<usize>();
        gone
    }

    /// Bytes of all recent batches.
    pub(super) fn recent_bytes(&self) -> usize {
        self.recent_bytes
    }

    /// The place where a reader that wants `offset` left off in `file`.
    pub(super) fn hint(&self, file: FileId, offset: i64) -> Option<Hint> {
        self.hints.iter().find(|hint| hint.file == file && hint.offset == offset).copied()
    }

    /// Remembers where a reader left off.
    pub(super) fn remember(&mut self, hint: Hint) {
        if self.hints.contains(&hint) {
            return;
        }
        if self.hints.len() == HINTS_MAX {
            self.hints.pop_front();
        }
        self.hints.push_back(hint);
    }
}
