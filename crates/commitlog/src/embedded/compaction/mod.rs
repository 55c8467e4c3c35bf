//! Compaction: of each key only the latest record stays, and of a latest tombstone nothing after
//! `delete.retention.ms`.
//!
//! A round takes down the latest offset of each key in the dirty part of a partition (behind what
//! earlier rounds have seen), then writes all closed segments up to there anew without what is
//! superseded, small neighbours into one. New files stand beside the old ones until the checkpoint
//! names them. The last segment is never compacted, nor what is younger than `min.compaction.lag.ms`,
//! nor what lies behind the first open transaction: aborted records supersede nothing and go, committed
//! ones are as any others.

mod filter;
mod keys;
mod output;

use std::sync::Arc;

use hashbrown::HashSet;
use records::Batch;

use self::filter::Filter;
use self::keys::LatestOffsets;
use self::output::Output;
use super::checkpoint::{Change, Checkpoint, Partition};
use super::core::Core;
use super::files::{Kind, remove_if_there};
use super::flushing::Replacement;
use super::limits::SEGMENT_BYTES_MAX;
use super::retention::{removals, renames};
use super::segment::{self, Segment};
use super::state::TopicId;
use crate::{Error, Result, TopicConfig};

/// A partition that is worth compacting.
#[derive(Debug)]
struct Job {
    topic: TopicId,
    number: i32,
    directory: String,
    config: Arc<TopicConfig>,
    partition: Partition,
    /// How many of the segments may be compacted.
    closed: usize,
    now_ms: i64,
    /// What the names of new files end in; no checkpoint before has named such files.
    suffix: String,
}

/// A group of neighbouring segments, compacted.
struct Compacted {
    segments: Vec<Segment>,
    /// Whether the segments are new ones.
    changed: bool,
}

impl Core {
    /// Compacts every partition that is due. A damaged partition is passed over.
    pub(super) fn compact(&self, saved: &mut Checkpoint) -> Result<()> {
        for job in self.jobs(saved) {
            match self.compact_partition(&job) {
                Ok(replacement) => self.replace(saved, vec![replacement])?,
                Err(error @ Error::CorruptFile { .. }) => {
                    self.metrics.failures.add(1);
                    tracing::error!(%error, partition = job.directory, "cannot compact");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn jobs(&self, saved: &Checkpoint) -> Vec<Job> {
        let now_ms = self.clock.now_ms();
        let mut jobs = Vec::new();
        for topic in saved.topics.iter().filter(|topic| topic.config.compact) {
            for (number, partition) in topic.partitions.iter().enumerate() {
                let Some(closed) = due(&topic.config, partition, now_ms) else { continue };
                jobs.push(Job {
                    topic: topic.id,
                    number: number as i32,
                    directory: segment::directory_of(&topic.name, number as i32),
                    config: topic.config.clone(),
                    partition: partition.clone(),
                    closed,
                    now_ms,
                    suffix: format!(".{}.cleaned", saved.number + 1),
                });
            }
        }
        jobs
    }

    fn compact_partition(&self, job: &Job) -> Result<Replacement> {
        let (keys, cleaned_end) = self.latest_offsets(job)?;
        let segments = &job.partition.segments;
        let count = segments[..job.closed].partition_point(|segment| segment.base < cleaned_end);
        let (inputs, rest) = segments.split_at(count);
        let mut replacement = Replacement {
            topic: job.topic,
            partition: job.number,
            start: job.partition.start,
            cleaned_end,
            segments: Vec::new(),
            gone: Vec::new(),
            changes: Vec::new(),
        };
        let mut filter = Filter {
            keys: &keys,
            ledger: job.partition.ledger.as_deref(),
            cleaned_end,
            now_ms: job.now_ms,
            delete_retention_ms: job.config.delete_retention_ms,
            with_records: HashSet::new(),
        };
        for group in groups(inputs, &job.config) {
            let compacted = self.compact_group(job, group, &mut filter)?;
            if compacted.changed {
                replacement.changes.extend(changes(job, group, &compacted.segments));
                replacement.gone.extend_from_slice(group);
            }
            replacement.segments.extend(compacted.segments);
        }
        replacement.segments.extend_from_slice(rest);
        Ok(replacement)
    }

    /// The latest offset of each key in the dirty part, and where that part ends.
    fn latest_offsets(&self, job: &Job) -> Result<(LatestOffsets, i64)> {
        let mut keys = LatestOffsets::new(self.config.compaction_keys_max);
        let mut end = job.partition.cleaned_end;
        let dirty = job.partition.segments[..job.closed].iter().filter(|s| s.end > end);
        for segment in dirty.collect::<Vec<_>>() {
            if keys.is_full() {
                break;
            }
            self.reader(&job.directory, segment).scan(end, |batch| {
                if keys.is_full() {
                    return Ok(false);
                }
                if job.counts(&batch) {
                    keys.note(&batch).map_err(|error| job.broken(segment, &error))?;
                }
                end = batch.last_offset() + 1;
                Ok(true)
            })?;
        }
        Ok((keys, end))
    }

    fn compact_group(
        &self,
        job: &Job,
        group: &[Segment],
        filter: &mut Filter<'_>,
    ) -> Result<Compacted> {
        // New segments are as large as their group, whatever the topic says by now.
        let config = TopicConfig {
            segment_bytes_max: SEGMENT_BYTES_MAX,
            segment_ms_max: i64::MAX,
            compaction_lag_ms_max: None,
            ..TopicConfig::clone(&job.config)
        };
        let ledger = job.partition.ledger.as_deref();
        let target = self.target(&job.directory, &job.suffix, &config, ledger);
        let base = group.first().map_or(0, |segment| segment.base);
        let mut output = Output::new(target, base);
        for segment in group {
            self.reader(&job.directory, segment).scan(segment.base, |batch| {
                let kept = filter.apply(&batch).map_err(|error| job.broken(segment, &error))?;
                output.put(&batch, kept)?;
                Ok(true)
            })?;
        }
        let end = group.last().map_or(base, |segment| segment.end);
        let before: u64 = group.iter().map(|segment| segment.length).sum();
        let (segments, changed) = output.finish(end)?;
        if changed || group.len() > 1 {
            let after: u64 = segments.iter().map(|segment| segment.length).sum();
            self.metrics.compacted_bytes.add(before.saturating_sub(after));
            return Ok(Compacted { segments, changed: true });
        }
        for kind in [Kind::Log, Kind::Index, Kind::TimeIndex, Kind::TxnIndex] {
            let path = segment::path(&job.directory, base, kind, &job.suffix);
            remove_if_there(&*self.directory, &path)?;
        }
        Ok(Compacted { segments: group.to_vec(), changed: false })
    }
}

impl Job {
    /// Whether the records of `batch` may supersede others.
    fn counts(&self, batch: &Batch) -> bool {
        let ledger = self.partition.ledger.as_deref();
        let is_aborted = || ledger.is_some_and(|ledger| ledger.is_aborted(batch));
        !batch.is_control() && !batch.is_empty() && !is_aborted()
    }

    fn broken(&self, segment: &Segment, error: &records::Error) -> Error {
        let path = segment::path(&self.directory, segment.base, Kind::Log, "");
        super::files::corrupt(&path, 0, error.to_string())
    }
}

/// How many segments of a partition may be compacted, if enough of them is dirty.
fn due(config: &TopicConfig, partition: &Partition, now_ms: i64) -> Option<usize> {
    let segments = &partition.segments;
    let old_enough = |segment: &&Segment| {
        config.compaction_lag_ms_min <= 0
            || segment.max_timestamp_ms <= now_ms.saturating_sub(config.compaction_lag_ms_min)
    };
    let ledger = partition.ledger.as_deref();
    let decided_end =
        ledger.map_or(partition.flushed_end, |ledger| ledger.undecided(partition.flushed_end));
    let is_decided = |segment: &&Segment| segment.end <= decided_end;
    let all_but_last = &segments[..segments.len().saturating_sub(1)];
    let closed = all_but_last.iter().take_while(is_decided).take_while(old_enough).count();
    let bytes = |segments: &[Segment]| segments.iter().map(|segment| segment.length).sum::<u64>();
    let clean = segments[..closed].partition_point(|s| s.end <= partition.cleaned_end);
    let (total, dirty) = (bytes(&segments[..closed]), bytes(&segments[clean..closed]));
    let is_overdue = config.compaction_lag_ms_max.is_some_and(|lag_ms| {
        let oldest = segments[clean..closed].first().map(|segment| segment.first_timestamp_ms);
        oldest.is_some_and(|oldest_ms| oldest_ms < now_ms.saturating_sub(lag_ms))
    });
    let is_dirty = dirty as f64 >= total as f64 * config.min_cleanable_ratio;
    (dirty > 0 && (is_dirty || is_overdue)).then_some(closed)
}

/// Neighbours that fit into one segment.
fn groups<'a>(segments: &'a [Segment], config: &TopicConfig) -> Vec<&'a [Segment]> {
    let bytes_max = config.segment_bytes_max.min(SEGMENT_BYTES_MAX);
    let mut groups = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (number, segment) in segments.iter().enumerate() {
        let span = segment.end - segments[start].base;
        let fits = bytes + segment.length <= bytes_max && span <= i64::from(i32::MAX);
        if number > start && !fits {
            groups.push(&segments[start..number]);
            (start, bytes) = (number, 0);
        }
        bytes += segment.length;
    }
    if start < segments.len() {
        groups.push(&segments[start..]);
    }
    groups
}

/// The changes of names that put new segments in the place of `old` ones.
fn changes(job: &Job, old: &[Segment], new: &[Segment]) -> Vec<Change> {
    let mut changes = Vec::new();
    for segment in new {
        changes.extend(renames(&job.directory, segment, &job.suffix));
    }
    for segment in old.iter().filter(|old| new.iter().all(|new| new.base != old.base)) {
        changes.extend(removals(&job.directory, segment));
    }
    changes
}
