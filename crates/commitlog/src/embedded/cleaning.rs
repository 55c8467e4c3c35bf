//! The look for something to compact, which the keeper takes every `log.cleaner.backoff.ms` as Kafka's
//! cleaner does. A look at a log where nothing was written since the last one costs next to nothing,
//! however many partitions there are; any other is a walk over the compacted topics in memory. Segments
//! are written, and the disk touched, only when a partition is due.

use hashbrown::HashSet;

use super::checkpoint::Checkpoint;
use super::compaction::{Verdict, View};
use super::core::Core;
use super::files::FileId;
use super::segment::Segment;
use super::state::TopicId;
use crate::Result;

/// What the cleaner remembers from look to look.
#[derive(Debug, Default)]
pub(super) struct Cleaner {
    /// The last commit when a look found nothing, and when time alone may change that.
    seen: Option<(u64, Option<i64>)>,
    /// The last segments of what is under compaction.
    sealed: HashSet<FileId>,
    /// Damaged partitions, which would only be complained about again and again.
    given_up: HashSet<(TopicId, i32)>,
}

impl Cleaner {
    /// Whether a look would find nothing, after `commit` at `now_ms`.
    fn has_seen(&self, commit: u64, now_ms: i64) -> bool {
        self.seen.is_some_and(|(seen, until_ms)| {
            seen == commit && until_ms.is_none_or(|until_ms| now_ms < until_ms)
        })
    }

    /// Nothing is written to `segment` until [`Self::unseal`].
    pub(super) fn seal(&mut self, segment: FileId) {
        self.sealed.insert(segment);
    }

    pub(super) fn unseal(&mut self) {
        self.sealed.clear();
    }

    pub(super) fn give_up(&mut self, topic: TopicId, partition: i32) {
        self.given_up.insert((topic, partition));
    }

    pub(super) fn has_given_up(&self, topic: TopicId, partition: i32) -> bool {
        self.given_up.contains(&(topic, partition))
    }
}

/// What a look has found.
#[derive(Debug, Default)]
struct Survey {
    is_due: bool,
    /// Whether what is due lies in memory, or directories of deleted topics are still there.
    wants_flush: bool,
    /// When time alone may make something due.
    next_ms: Option<i64>,
}

impl Core {
    /// Compacts what is due, and removes what is left of deleted topics. Says whether more is due because a
    /// round remembers only so many keys: it is left to the caller, who may have something else to do in
    /// between.
    pub(super) fn clean(&self) -> Result<bool> {
        let cleaned = self.clean_holding(&mut self.keeper());
        self.tell_poisoned();
        cleaned
    }

    fn clean_holding(&self, saved: &mut Checkpoint) -> Result<bool> {
        let (commit, now_ms) = (self.progress.written(), self.clock.now_ms());
        if self.cleaner().has_seen(commit, now_ms) {
            return Ok(false);
        }
        let survey = self.survey(now_ms);
        if survey.wants_flush {
            self.flush_holding(saved)?;
        }
        if survey.is_due {
            return self.compact(saved).map_err(|error| self.noted(error));
        }
        self.cleaner().seen = Some((commit, survey.next_ms));
        Ok(false)
    }

    fn survey(&self, now_ms: i64) -> Survey {
        let cleaner = self.cleaner();
        let state = self.state();
        let mut survey = Survey { wants_flush: !state.removals.is_empty(), ..Survey::default() };
        for topic in state.topics().filter(|topic| topic.config.compact) {
            for (number, partition) in topic.partitions.iter().enumerate() {
                let is_clean = partition.end <= partition.cleaned_end;
                if is_clean || cleaner.has_given_up(topic.id, number as i32) {
                    continue;
                }
                match View::of_flushed(&topic.config, partition, now_ms).verdict() {
                    Verdict::Due { end, .. } => {
                        survey.is_due = true;
                        survey.wants_flush |= end > partition.flushed_end;
                    }
                    Verdict::Later(at_ms) => {
                        survey.next_ms = [survey.next_ms, at_ms].into_iter().flatten().min();
                    }
                }
            }
        }
        survey
    }

    /// Lets a flush in when one is wanted. Fails when the log is being closed or poisoned: then whoever
    /// holds the keeper for long should end.
    pub(super) fn breathe(&self, saved: &mut Checkpoint) -> Result<()> {
        if !self.progress.take_flush_wanted()? {
            return Ok(());
        }
        // Whoever waits for it was told, and everybody of a full disk. A log that is poisoned ends the next
        // breath.
        if let Err(error) = self.flush_holding(saved)
            && !error.is_retryable()
        {
            tracing::warn!(%error, "cannot write segments");
        }
        Ok(())
    }

    /// Whether nothing is to be written to the end of `last`, the last segment of a partition that
    /// compaction has seen up to `cleaned_end`: it would be dirty as a whole again.
    pub(super) fn is_closed(&self, last: &Segment, cleaned_end: i64) -> bool {
        last.end <= cleaned_end || self.cleaner().sealed.contains(&last.file)
    }
}
