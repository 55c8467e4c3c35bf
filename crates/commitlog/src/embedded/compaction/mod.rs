//! Compaction: of each key only the latest record stays, and of a latest tombstone nothing after
//! `delete.retention.ms`.
//!
//! A round takes down the latest offset of each key in the dirty part of a partition (behind what
//! earlier rounds have seen), then writes all closed segments up to there anew without what is
//! superseded, small neighbours into one. New files stand beside the old ones until the checkpoint
//! names them. A segment that is still written to is never compacted, nor what is younger than
//! `min.compaction.lag.ms`, nor what lies behind the first open transaction: aborted records supersede
//! nothing and go, committed ones are as any others. Which partitions are due is said in `due`.
//!
//! Compaction may take long, so it lets flushes in between: commits wait for memory meanwhile. They
//! write behind the segments under compaction, never to them.

mod due;
mod filter;
mod keys;
mod output;

use std::sync::Arc;

use hashbrown::HashSet;
use records::Batch;

pub(super) use self::due::{Verdict, View};
use self::filter::Filter;
use self::keys::LatestOffsets;
use self::output::Output;
use super::checkpoint::{Change, Checkpoint, Partition};
use super::core::Core;
use super::files::{Kind, failed, remove_if_there};
use super::flushing::Replacement;
use super::limits::{REPLACED_AT_ONCE, REPLACED_BYTES_AT_ONCE, SEGMENT_BYTES_MAX};
use super::mending::MENDED;
use super::retention::{removals, renames};
use super::segment::{self, Segment};
use super::state::TopicId;
use crate::{Error, Result, TopicConfig};

/// What the names of files end in that compaction has not put in their place.
const CLEANED: &str = ".cleaned";

/// A partition that is worth compacting.
#[derive(Debug)]
struct Job {
    topic: TopicId,
    number: i32,
    directory: String,
    config: Arc<TopicConfig>,
    partition: Partition,
    /// How many of the segments may be compacted, and where they end.
    closed: usize,
    end: i64,
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
    /// Compacts every partition that is due, and says whether there were any that are due again, because
    /// they have more keys than one round remembers. A damaged partition is passed over from then on.
    pub(super) fn compact(&self, saved: &mut Checkpoint) -> Result<bool> {
        let compacted = self.compact_jobs(saved);
        self.cleaner().unseal();
        compacted
    }

    fn compact_jobs(&self, saved: &mut Checkpoint) -> Result<bool> {
        let mut is_left = false;
        let mut made = Vec::new();
        for job in self.jobs(saved) {
            match self.compact_partition(saved, &job) {
                Ok(replacement) => {
                    is_left |= replacement.cleaned_end < job.end;
                    made.push(replacement);
                }
                // Deleted in the meantime.
                Err(_) if saved.partition_mut(job.topic, job.number).is_none() => {}
                Err(error @ Error::CorruptFile { .. }) => self.give_up(&job, &error),
                Err(error) => {
                    self.replace(saved, made)?;
                    return Err(error);
                }
            }
            let gone = made.iter().flat_map(|replacement| &replacement.gone);
            let bytes: u64 = gone.map(|segment| segment.length).sum();
            if made.len() >= REPLACED_AT_ONCE || bytes > REPLACED_BYTES_AT_ONCE {
                self.replace(saved, std::mem::take(&mut made))?;
            }
        }
        self.replace(saved, made)?;
        Ok(is_left)
    }

    fn give_up(&self, job: &Job, error: &Error) {
        self.metrics.failures.add(1);
        self.cleaner().give_up(job.topic, job.number);
        tracing::error!(%error, partition = job.directory, "cannot compact until the next start");
    }

    fn jobs(&self, saved: &Checkpoint) -> Vec<Job> {
        let now_ms = self.clock.now_ms();
        let mut cleaner = self.cleaner();
        let mut jobs = Vec::new();
        for topic in &saved.topics {
            let config = self.config_of(topic);
            if !config.compact {
                continue;
            }
            for (number, partition) in topic.partitions.iter().enumerate() {
                let number = number as i32;
                let verdict = View::of_saved(&config, partition, now_ms).verdict();
                let Verdict::Due { segments: closed, end } = verdict else { continue };
                if cleaner.has_given_up(topic.id, number) {
                    continue;
                }
                if let Some(last) = partition.segments.get(closed - 1) {
                    cleaner.seal(last.file);
                }
                jobs.push(Job {
                    topic: topic.id,
                    number,
                    directory: segment::directory_of(&topic.name, number),
                    config: config.clone(),
                    partition: partition.clone(),
                    closed,
                    end,
                    now_ms,
                    suffix: format!(".{}{CLEANED}", saved.number + 1),
                });
            }
        }
        jobs
    }

    /// Removes what a compaction or mending of the partition that failed has left.
    fn remove_leftovers(&self, job: &Job) -> Result<()> {
        let entries = self.directory.list(&job.directory);
        let entries = entries.map_err(|error| failed("list", &job.directory, &error))?;
        let is_left = |name: &str| name.ends_with(CLEANED) || name.ends_with(MENDED);
        for entry in entries.iter().filter(|entry| is_left(&entry.name)) {
            remove_if_there(&*self.directory, &format!("{}/{}", job.directory, entry.name))?;
        }
        Ok(())
    }

    fn compact_partition(&self, saved: &mut Checkpoint, job: &Job) -> Result<Replacement> {
        self.remove_leftovers(job)?;
        let (keys, cleaned_end) = self.latest_offsets(saved, job)?;
        let segments = &job.partition.segments;
        let count = segments[..job.closed].partition_point(|segment| segment.base < cleaned_end);
        let inputs = &segments[..count];
        let mut replacement = Replacement {
            topic: job.topic,
            partition: job.number,
            start: job.partition.start,
            cleaned_end,
            segments: Vec::new(),
            until: inputs.last().map_or(cleaned_end, |segment| segment.end),
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
            let compacted = self.compact_group(saved, job, group, &mut filter)?;
            if compacted.changed {
                replacement.changes.extend(changes(job, group, &compacted.segments));
                replacement.gone.extend_from_slice(group);
            }
            replacement.segments.extend(compacted.segments);
        }
        Ok(replacement)
    }

    /// The latest offset of each key in the dirty part, and where that part ends.
    fn latest_offsets(&self, saved: &mut Checkpoint, job: &Job) -> Result<(LatestOffsets, i64)> {
        let mut keys = LatestOffsets::new(self.config.compaction_keys_max);
        let mut end = job.partition.cleaned_end;
        let dirty = job.partition.segments[..job.closed].iter().filter(|s| s.end > end);
        for segment in dirty.collect::<Vec<_>>() {
            if keys.is_full() {
                break;
            }
            self.reader(&job.directory, segment).scan(end, |batch| {
                self.breathe(saved)?;
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
        saved: &mut Checkpoint,
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
                self.breathe(saved)?;
                let kept = filter.apply(&batch).map_err(|error| job.broken(segment, &error))?;
                output.put(&batch, kept)?;
                Ok(true)
            })?;
        }
        let end = group.last().map_or(base, |segment| segment.end);
        let before: u64 = group.iter().map(|segment| segment.length).sum();
        let (mut segments, changed) = output.finish(end)?;
        // The batch that their time counts from may be gone.
        let first_timestamp_ms = group.first().map_or(job.now_ms, |it| it.first_timestamp_ms);
        segments.iter_mut().for_each(|new| new.first_timestamp_ms = first_timestamp_ms);
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

/// Neighbours that fit into one segment.
fn groups<'a>(segments: &'a [Segment], config: &TopicConfig) -> Vec<&'a [Segment]> {
    let bytes_max = segment::bytes_max(config);
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
