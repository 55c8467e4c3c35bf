//! Retention: whole segments go when all their records are too old, or when the partition is larger
//! than it may be without them.

use std::sync::PoisonError;

use super::checkpoint::{Change, Checkpoint, Partition, Topic};
use super::core::Core;
use super::files::Kind;
use super::flushing::Replacement;
use super::segment::{self, Segment};
use crate::{Result, TopicConfig};

impl Core {
    /// One round of mending indexes, retention and compaction. Everything is in segments before, unless the
    /// disk is full.
    pub(super) fn maintain(&self) -> Result<()> {
        let maintained = self.maintain_holding(&mut self.keeper());
        self.tell_poisoned();
        maintained
    }

    fn maintain_holding(&self, saved: &mut Checkpoint) -> Result<()> {
        if let Err(error) = self.flush_holding(saved) {
            if !error.is_retryable() {
                return Err(error);
            }
            // On a full disk old segments have to go all the more: they make the room that is wanted.
            self.retire(saved).map_err(|error| self.noted(error))?;
            self.flush_holding(saved)?;
        }
        self.mend(saved).map_err(|error| self.noted(error))?;
        self.retire(saved).map_err(|error| self.noted(error))?;
        self.tidy_ledgers();
        // What is left is found by the next look.
        let _is_left = self.compact(saved).map_err(|error| self.noted(error))?;
        // The changes of names are made, so the next start need not make them again.
        if saved.changes.is_empty() { Ok(()) } else { self.flush_holding(saved) }
    }

    /// Forgets producers that are idle for long, and aborted transactions whose records are gone.
    fn tidy_ledgers(&self) {
        let idle_since_ms =
            self.steady_clock.now_ms().saturating_sub(self.config.producer_id_expiration_ms);
        // Whoever reads segments needs the aborted transactions in them.
        let _gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.state();
        for partition in state.topics.values_mut().flat_map(|topic| &mut topic.partitions) {
            partition.tidy_ledger(partition.start, idle_since_ms);
        }
    }

    fn retire(&self, saved: &mut Checkpoint) -> Result<()> {
        let now_ms = self.clock.now_ms();
        let mut replacements = Vec::new();
        for topic in &saved.topics {
            let config = self.config_of(topic);
            for (number, partition) in topic.partitions.iter().enumerate() {
                let count = expired(&config, partition, now_ms);
                if count > 0 {
                    self.metrics.retired_segments.add(count as u64);
                    replacements.push(without(topic, number as i32, partition, count));
                }
            }
        }
        self.replace(saved, replacements)
    }
}

/// How many of the oldest segments are to go.
fn expired(config: &TopicConfig, partition: &Partition, now_ms: i64) -> usize {
    let segments = &partition.segments;
    let deleted = segments.partition_point(|segment| segment.end <= partition.start);
    if !config.delete {
        return deleted;
    }
    let by_time = config.retention_ms.map_or(0, |retention_ms| {
        let oldest_ms = now_ms.saturating_sub(retention_ms);
        segments.iter().take_while(|segment| segment.latest_ms(config) < oldest_ms).count()
    });
    let by_size = config.retention_bytes.map_or(0, |retention_bytes| {
        let total: u64 = segments.iter().map(|segment| segment.length).sum();
        let mut excess = total.saturating_sub(retention_bytes);
        let fits = |segment: &&Segment| match excess.checked_sub(segment.length) {
            Some(left) => {
                excess = left;
                true
            }
            None => false,
        };
        segments.iter().take_while(fits).count()
    });
    by_time.max(by_size).max(deleted)
}

/// The partition without its first `count` segments.
fn without(topic: &Topic, number: i32, partition: &Partition, count: usize) -> Replacement {
    let (gone, kept) = partition.segments.split_at(count);
    let directory = segment::directory_of(&topic.name, number);
    let start = kept.first().map_or(partition.flushed_end, |segment| segment.base);
    Replacement {
        topic: topic.id,
        partition: number,
        start: start.max(partition.start),
        cleaned_end: partition.cleaned_end.max(start),
        segments: Vec::new(),
        until: kept.first().map_or(i64::MAX, |segment| segment.base),
        gone: gone.to_vec(),
        changes: gone.iter().flat_map(|segment| removals(&directory, segment)).collect(),
    }
}

/// The removal of a segment's files.
pub(super) fn removals(directory: &str, segment: &Segment) -> Vec<Change> {
    let kinds = [Kind::Log, Kind::Index, Kind::TimeIndex, Kind::TxnIndex];
    let has_file = |kind: &Kind| *kind != Kind::TxnIndex || segment.txn_index_bytes > 0;
    let remove = |kind| Change::Remove { path: segment::path(directory, segment.base, kind, "") };
    kinds.into_iter().filter(has_file).map(remove).collect()
}

/// The moves of a new segment's files, written with `suffix`, into their place.
pub(super) fn renames(directory: &str, segment: &Segment, suffix: &str) -> Vec<Change> {
    let place = |kind| segment::path(directory, segment.base, kind, "");
    let rename = |kind| Change::Rename {
        from: segment::path(directory, segment.base, kind, suffix),
        to: place(kind),
    };
    let mut changes: Vec<Change> =
        [Kind::Log, Kind::Index, Kind::TimeIndex].into_iter().map(rename).collect();
    changes.push(match segment.txn_index_bytes {
        // That of the segment before it must not stay.
        0 => Change::Remove { path: place(Kind::TxnIndex) },
        _ => rename(Kind::TxnIndex),
    });
    changes
}
