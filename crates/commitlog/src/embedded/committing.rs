//! The way of a commit: planned, written to the journal, applied to memory.

use super::applying::Moment;
use super::core::Core;
use super::frame;
use super::planning::Unchecked;
use super::state::State;
use crate::{Commit, CommitId, Committed, Error, Result, Visibility};

/// A frame to write, if any, and what the caller wants to know of it.
type Prepared<T> = (Option<frame::Builder>, T);

impl Core {
    /// Commits `commit`. Fails without any trace when something in it is wrong or the disk refuses.
    pub(super) fn commit(&self, commit: Commit) -> Result<Committed> {
        self.make_room()?;
        let now_ms = self.clock.now_ms();
        let unchecked = Unchecked::try_new(commit, &self.state(), now_ms)?;
        let plan = unchecked.checked(&self.unpacking)?;
        if plan.is_empty() {
            return Ok(Committed { id: self.last_commit(), appended: Vec::new() });
        }
        let written = self.try_write(|state| {
            let fitted = plan.fit(state)?;
            Ok((fitted.frame, (fitted.appended, fitted.batches)))
        });
        self.tell_poisoned();
        let (id, (appended, batches)) = written?;
        self.metrics.batches.add(batches as u64);
        Ok(Committed { id, appended })
    }

    /// The last commit written.
    pub(super) fn last_commit(&self) -> CommitId {
        CommitId(self.journal().last_commit())
    }

    /// Writes the frame that `prepare` completes; see [`Self::try_write`].
    pub(super) fn write<T>(
        &self,
        prepare: impl FnOnce(&State) -> Result<(frame::Builder, T)>,
    ) -> Result<(CommitId, T)> {
        let written = self.try_write(|state| {
            let (frame, result) = prepare(state)?;
            Ok((Some(frame), result))
        });
        self.tell_poisoned();
        written
    }

    /// Writes the frame that `prepare` completes in the order of commits, and applies it. Nothing
    /// else is written or applied in between. Without a frame nothing is written.
    fn try_write<T>(
        &self,
        prepare: impl FnOnce(&State) -> Result<Prepared<T>>,
    ) -> Result<(CommitId, T)> {
        let mut journal = self.journal();
        self.progress.check_open()?;
        let (frame, result) = prepare(&self.state())?;
        let Some(frame) = frame else { return Ok((CommitId(journal.last_commit()), result)) };
        let bytes = frame.payload_len() as u64;
        let durable = self.progress.durable();
        let written = journal.append(frame, durable).map_err(|error| self.noted(error))?;
        let commit = journal.last_commit();
        let moment = Moment { commit, now_ms: self.steady_clock.now_ms() };
        let applied = self.state().apply(moment, written.operations);
        let grown = applied.map_err(|reason| self.noted(Error::Poisoned(reason.to_owned())))?;
        self.progress.set_written(commit);
        drop(journal);
        self.full_disk.worked(|| self.clock.monotonic());
        self.metrics.commits.add(1);
        self.metrics.appended_bytes.add(bytes);
        self.listeners.notify(&grown, Visibility::Committed);
        Ok((CommitId(commit), result))
    }

    /// Sees to it that memory has room for more. Fails when it is full and cannot be flushed.
    fn make_room(&self) -> Result<()> {
        let held = self.state().recent_bytes;
        if held < self.config.memory_bytes_flush {
            return Ok(());
        }
        let is_full = held >= self.config.memory_bytes_max;
        match (self.config.background, is_full) {
            (true, false) => self.progress.want_flush(),
            (true, true) => self.wait_for_room()?,
            (false, true) => self.flush()?,
            (false, false) => {
                // There is still room, so a flush that failed is tried again by the next commit.
                if let Err(error) = self.flush()
                    && !error.is_retryable()
                {
                    tracing::warn!(%error, "cannot write segments");
                }
            }
        }
        Ok(())
    }

    fn wait_for_room(&self) -> Result<()> {
        while self.state().recent_bytes >= self.config.memory_bytes_max {
            self.progress.wait_flushed()?;
        }
        Ok(())
    }
}
