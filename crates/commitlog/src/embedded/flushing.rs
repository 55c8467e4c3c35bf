//! Moving recent batches from memory to segments, which frees memory and lets the journal go.
//!
//! A flush goes: start a new journal file, so that everything before it is one prefix of commits; sync
//! that prefix; write and sync its batches to segments; save the checkpoint; show readers the segments
//! and let the memory go; remove the journal files. A crash in between leaves the old checkpoint with
//! the journal that belongs to it.

use std::sync::{Arc, PoisonError};

use records::Batch;

use super::checkpoint::{self, Checkpoint};
use super::core::Core;
use super::files::{self, failed};
use super::limits::UNSYNCED_BYTES_MAX;
use super::segment::{self, Segment};
use super::segment_writer::{SegmentWriter, Target};
use super::state::{Removal, TopicId};
use super::unsynced::{self, Unsynced};
use crate::producers::Ledger;
use crate::{Error, Result, TopicConfig};

/// How many partitions are written before they are synced together; each has three open files.
const PARTITIONS_AT_ONCE: usize = 32;

/// The recent batches of one partition, on their way to segments.
struct Batches {
    topic: TopicId,
    partition: i32,
    batches: Vec<Batch>,
}

/// What one flush moves.
struct Work {
    checkpoint: Checkpoint,
    batches: Vec<Batches>,
    removals: Vec<Removal>,
}

impl Core {
    /// Moves everything committed so far to segments.
    pub(super) fn flush(&self) -> Result<()> {
        let flushed = self.flush_holding(&mut self.keeper());
        self.tell_poisoned();
        flushed
    }

    /// The same for whoever holds the keeper's lock already.
    pub(super) fn flush_holding(&self, saved: &mut Checkpoint) -> Result<()> {
        self.progress.check_sound()?;
        let flushed = self.try_flush(saved).map_err(|error| self.noted(error));
        self.progress.set_flushed(flushed.as_ref().err().cloned());
        flushed
    }

    fn try_flush(&self, saved: &mut Checkpoint) -> Result<()> {
        let Some(mut work) = self.gather(saved)? else { return Ok(()) };
        let commit = work.checkpoint.commit;
        while self.progress.durable() < commit {
            self.sync()?;
        }
        let removed = work.removals.iter();
        self.files.forget(removed.clone().flat_map(|removal| removal.files.iter().copied()));
        self.remove_directories(removed.map(|removal| removal.directory.as_str()))?;
        self.write_all_segments(&mut work.checkpoint, &work.batches)?;
        checkpoint::save(&*self.directory, &work.checkpoint)?;
        *saved = work.checkpoint;
        self.publish(saved, &work.batches);
        for path in self.journal().take_files_before(commit) {
            files::remove_if_there(&*self.directory, &path)?;
        }
        self.metrics.flushes.add(1);
        Ok(())
    }

    /// Ends the journal file and takes down the log as it is at its last commit. What comes later must
    /// not be in the checkpoint, or a crash could leave a part of a lost commit. `None` when nothing
    /// has happened since the last checkpoint, which has no changes of names left to forget.
    fn gather(&self, saved: &Checkpoint) -> Result<Option<Work>> {
        let mut journal = self.journal();
        if journal.last_commit() == saved.commit && saved.changes.is_empty() {
            return Ok(None);
        }
        let commit = journal.rotate()?;
        let state = self.state();
        let mut batches = Vec::new();
        for topic in state.topics() {
            for (number, partition) in topic.partitions.iter().enumerate() {
                let recent = partition.recent_until(commit);
                if !recent.is_empty() {
                    let partition = number as i32;
                    batches.push(Batches { topic: topic.id, partition, batches: recent });
                }
            }
        }
        let checkpoint = Checkpoint {
            log_id: saved.log_id,
            number: saved.number + 1,
            commit,
            next_topic: state.next_topic().0,
            producer_ids: state.producer_ids.reserved(),
            topics: state.saved_topics(),
            positions: state.positions.all(),
            pending: state.positions.all_pending(),
            changes: Vec::new(),
        };
        Ok(Some(Work { checkpoint, batches, removals: state.removals_until(commit) }))
    }

    /// Removes the directories of deleted topics for good, before new topics may use the names again.
    pub(super) fn remove_directories<'a>(
        &self,
        paths: impl Iterator<Item = &'a str>,
    ) -> Result<()> {
        let mut changed = false;
        for path in paths {
            changed = true;
            match self.directory.remove_directory(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(failed("remove", path, &error));
                }
                _ => {}
            }
        }
        if changed { files::sync_directory(&*self.directory, "") } else { Ok(()) }
    }

    /// Writes to the segments of all partitions, some at a time, and syncs them.
    fn write_all_segments(&self, checkpoint: &mut Checkpoint, work: &[Batches]) -> Result<()> {
        let mut unsynced = Vec::new();
        let (mut partitions, mut bytes) = (0, 0);
        for batches in work {
            unsynced.extend(self.write_segments(checkpoint, batches)?);
            partitions += 1;
            bytes += batches.batches.iter().map(Batch::len).sum::<usize>();
            if partitions == PARTITIONS_AT_ONCE || bytes >= UNSYNCED_BYTES_MAX {
                let some = std::mem::take(&mut unsynced);
                unsynced::sync_all(&*self.directory, &some, self.config.background)?;
                (partitions, bytes) = (0, 0);
            }
        }
        unsynced::sync_all(&*self.directory, &unsynced, self.config.background)
    }

    /// Writes to the segments of one partition; returns what is still to be synced of them.
    fn write_segments(&self, checkpoint: &mut Checkpoint, work: &Batches) -> Result<Vec<Unsynced>> {
        let Some((name, config, partition)) = checkpoint.partition_mut(work.topic, work.partition)
        else {
            return Ok(Vec::new());
        };
        let path = segment::directory_of(&name, work.partition);
        let ledger = partition.ledger.clone();
        let target = self.target(&path, "", &config, ledger.as_deref());
        let mut segments = partition.segments.to_vec();
        let is_open = |last: &mut Segment| !self.is_closed(last, partition.cleaned_end);
        let mut writer = match segments.pop_if(is_open) {
            Some(last) => SegmentWriter::behind(target, last)?,
            None => SegmentWriter::new(target),
        };
        for batch in &work.batches {
            writer.append(batch)?;
            self.metrics.flushed_bytes.add(batch.len() as u64);
        }
        let (written, unsynced) = writer.finish_unsynced()?;
        segments.extend(written);
        partition.flushed_end = segments.last().map_or(partition.flushed_end, |last| last.end);
        partition.segments = Arc::new(segments);
        Ok(unsynced)
    }

    /// Where segments of the partition in directory `path` are written to.
    pub(super) fn target<'a>(
        &'a self,
        path: &'a str,
        suffix: &'a str,
        config: &'a TopicConfig,
        ledger: Option<&'a Ledger>,
    ) -> Target<'a> {
        let (directory, files, now_ms) = (&*self.directory, &self.files, self.clock.now_ms());
        Target { directory, files, path, suffix, config, now_ms, ledger }
    }

    fn publish(&self, saved: &mut Checkpoint, batches: &[Batches]) {
        let mut gone = Vec::with_capacity(batches.len());
        let mut state = self.state();
        for work in batches {
            let Some((_, _, flushed)) = saved.partition_mut(work.topic, work.partition) else {
                continue;
            };
            let (segments, end) = (flushed.segments.clone(), flushed.flushed_end);
            // One that was deleted in the meantime went with its memory.
            if let Some(partition) = state.partition_mut(work.topic, work.partition) {
                let before = partition.recent_bytes();
                gone.push(partition.flushed(segments, end));
                let freed = before - partition.recent_bytes();
                state.recent_bytes -= freed;
            }
        }
        state.removed_until(saved.commit);
        // Commits and readers need not wait until the batches are freed.
        drop(state);
        drop(gone);
    }
}

/// A change of one partition's segments by retention, compaction or mending.
#[derive(Debug)]
pub(super) struct Replacement {
    pub(super) topic: TopicId,
    pub(super) partition: i32,
    pub(super) start: i64,
    pub(super) cleaned_end: i64,
    /// What stands for the segments before `until`; those behind stay.
    pub(super) segments: Vec<Segment>,
    pub(super) until: i64,
    /// Segments whose files go or are replaced.
    pub(super) gone: Vec<Segment>,
    pub(super) changes: Vec<checkpoint::Change>,
}

impl Replacement {
    /// Makes the change of segments to `partition`, which may have got new ones at its end.
    fn make(&self, partition: &mut checkpoint::Partition) {
        let behind = partition.segments.iter().filter(|segment| segment.base >= self.until);
        let segments = self.segments.iter().chain(behind).cloned().collect();
        partition.start = partition.start.max(self.start);
        partition.cleaned_end = self.cleaned_end;
        partition.segments = Arc::new(segments);
    }
}

impl Core {
    /// Makes `replacements` part of the log: first in the checkpoint, then on disk and for readers.
    pub(super) fn replace(
        &self,
        saved: &mut Checkpoint,
        replacements: Vec<Replacement>,
    ) -> Result<()> {
        if replacements.is_empty() {
            return Ok(());
        }
        let mut next = saved.clone();
        next.number += 1;
        next.changes.clear();
        for replacement in &replacements {
            // A topic may have been deleted in the meantime, and another one have its directory.
            let entry = next.partition_mut(replacement.topic, replacement.partition);
            let Some((_, _, partition)) = entry else { continue };
            replacement.make(partition);
            next.changes.extend(replacement.changes.iter().cloned());
        }
        checkpoint::save(&*self.directory, &next)?;
        *saved = next;
        let gate = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        // Half-changed names fit neither what memory says nor the next checkpoint; only opening the
        // log again, which makes the changes once more, helps then.
        let half_made = |error: Error| Error::Poisoned(error.to_string());
        let changed = checkpoint::make_changes(&*self.directory, &saved.changes);
        let changed = changed.map_err(half_made)?;
        let mut state = self.state();
        for replacement in replacements {
            self.files.forget(replacement.gone.iter().map(|segment| segment.file));
            let (topic, number) = (replacement.topic, replacement.partition);
            let Some((_, _, made)) = saved.partition_mut(topic, number) else { continue };
            if let Some(partition) = state.partition_mut(topic, number) {
                // Records may have been deleted since the checkpoint.
                partition.start = partition.start.max(made.start);
                partition.cleaned_end = made.cleaned_end;
                partition.segments = made.segments.clone();
                // Compaction has left nothing of aborted transactions.
                partition.tidy_ledger(partition.cleaned_end, i64::MIN);
            }
        }
        drop(gate);
        unsynced::sync_all(&*self.directory, &changed, self.config.background).map_err(half_made)
    }
}
