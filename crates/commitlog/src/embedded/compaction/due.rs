//! Which partitions are due to be compacted, by Kafka's rules: a part of `min.cleanable.dirty.ratio` is
//! dirty, or something dirty is older than `max.compaction.lag.ms`. What is younger than
//! `min.compaction.lag.ms` or behind an open transaction does not count, nor does a segment that is still
//! written to. Unlike Kafka's, a segment also ends when `segment.ms` has passed and nothing follows.

use std::cmp::Ordering;

use crate::TopicConfig;
use crate::embedded::checkpoint;
use crate::embedded::files::FileId;
use crate::embedded::partition::Partition;
use crate::embedded::segment::{self, Segment};

/// What counts of a partition at one moment.
#[derive(Debug)]
pub(in crate::embedded) struct View<'a> {
    config: &'a TopicConfig,
    now_ms: i64,
    /// All segments but the last.
    ended: &'a [Segment],
    last: Option<Segment>,
    is_last_ended: bool,
    cleaned_end: i64,
    decided_end: i64,
}

/// What is to be done with a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::embedded) enum Verdict {
    /// The first `segments` segments, which end at `end`, are to be compacted.
    Due { segments: usize, end: i64 },
    /// Nothing; but at a time in the future there may be, even if nothing is written.
    Later(Option<i64>),
}

impl<'a> View<'a> {
    /// The partition as it lies in segments.
    pub(in crate::embedded) fn of_saved(
        config: &'a TopicConfig,
        partition: &'a checkpoint::Partition,
        now_ms: i64,
    ) -> Self {
        let ledger = partition.ledger.as_deref();
        let end = partition.flushed_end;
        let decided_end = ledger.map_or(end, |ledger| ledger.undecided(end));
        let cleaned_end = partition.cleaned_end;
        Self::new(config, now_ms, &partition.segments, cleaned_end, decided_end)
    }

    /// The partition as it would lie in segments after a flush, roughly: what is in memory counts to the
    /// last segment, and should that roll then, all of it counts as ended.
    pub(in crate::embedded) fn of_flushed(
        config: &'a TopicConfig,
        partition: &'a Partition,
        now_ms: i64,
    ) -> Self {
        let decided_end =
            partition.ledger().map_or(partition.end, |it| it.undecided(partition.end));
        let cleaned_end = partition.cleaned_end;
        let mut view = Self::new(config, now_ms, &partition.segments, cleaned_end, decided_end);
        view.add_recent(partition);
        view
    }

    fn new(
        config: &'a TopicConfig,
        now_ms: i64,
        segments: &'a [Segment],
        cleaned_end: i64,
        decided_end: i64,
    ) -> Self {
        let (last, ended) = match segments.split_last() {
            Some((last, ended)) => (Some(last.clone()), ended),
            None => (None, segments),
        };
        let is_last_ended = last.as_ref().is_some_and(|last| last.is_over(config, now_ms));
        Self { config, now_ms, ended, last, is_last_ended, cleaned_end, decided_end }
    }

    fn add_recent(&mut self, partition: &Partition) {
        let mut recent = partition.recent_from(partition.flushed_end);
        let (Some(first), newest) = (recent.next(), recent.next_back()) else { return };
        let newest_ms = segment::rolling_ms(newest.unwrap_or(first), self.now_ms);
        let last = self.last.get_or_insert_with(|| Segment {
            first_timestamp_ms: segment::rolling_ms(first, self.now_ms),
            ..Segment::new(FileId::NONE, first.base_offset())
        });
        last.end = partition.end;
        last.length += partition.recent_bytes() as u64;
        let is_over = |time_ms| last.is_over(self.config, time_ms);
        self.is_last_ended = last.length > segment::bytes_max(self.config)
            || is_over(newest_ms)
            || is_over(self.now_ms);
    }

    /// Whether it is due.
    pub(in crate::embedded) fn verdict(&self) -> Verdict {
        let (mut total, mut dirty, mut segments) = (0, 0, 0);
        let mut end = self.cleaned_end;
        let mut oldest_dirty_ms = None;
        for segment in self.closed() {
            segments += 1;
            total += segment.length;
            if segment.end > self.cleaned_end {
                dirty += segment.length;
                oldest_dirty_ms.get_or_insert(segment.first_timestamp_ms);
            }
            end = segment.end;
        }
        let lag_ms_max = self.config.compaction_lag_ms_max.unwrap_or(i64::MAX);
        let is_overdue =
            oldest_dirty_ms.is_some_and(|oldest| self.now_ms.saturating_sub(oldest) > lag_ms_max);
        let is_dirty = dirty as f64 > total as f64 * self.config.min_cleanable_ratio;
        match dirty.cmp(&0) {
            Ordering::Greater if is_dirty || is_overdue => Verdict::Due { segments, end },
            _ => Verdict::Later(self.next_change_ms(oldest_dirty_ms)),
        }
    }

    /// The segments that may be compacted.
    fn closed(&self) -> impl Iterator<Item = &Segment> {
        let last = self.last.as_ref().filter(|_| self.is_last_ended);
        let ended = self.ended.iter().chain(last);
        ended.take_while(|segment| segment.end <= self.decided_end && self.is_settled(segment))
    }

    fn is_settled(&self, segment: &Segment) -> bool {
        segment.max_timestamp_ms <= self.now_ms.saturating_sub(self.lag_ms_min())
    }

    /// Without a least lag even records from the future may be compacted.
    fn lag_ms_min(&self) -> i64 {
        match self.config.compaction_lag_ms_min {
            ..=0 => i64::MIN,
            lag_ms => lag_ms,
        }
    }

    /// When the verdict may be another one although nothing is written.
    fn next_change_ms(&self, oldest_dirty_ms: Option<i64>) -> Option<i64> {
        let last = self.last.as_ref().filter(|last| last.end > self.cleaned_end);
        let over = last.map(|last| (last.first_timestamp_ms, segment::span_ms_max(self.config)));
        let overdue = oldest_dirty_ms.zip(self.config.compaction_lag_ms_max);
        let young = self.ended.iter().chain(&self.last).find(|segment| !self.is_settled(segment));
        let settled = young.map(|segment| (segment.max_timestamp_ms, self.lag_ms_min()));
        let moments = [over, overdue, settled].into_iter().flatten();
        let moments = moments.map(|(from_ms, after_ms)| from_ms.saturating_add(after_ms));
        // All limits are to be passed, not only reached.
        moments.filter(|at_ms| *at_ms >= self.now_ms).min().map(|at_ms| at_ms.saturating_add(1))
    }
}

#[cfg(test)]
mod tests;
