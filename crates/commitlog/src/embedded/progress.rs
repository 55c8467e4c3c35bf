//! How far the log has come, and the waiting on it: for syncs, for work to do, for room in memory.
//! Its lock is never held while anything else is locked or done.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{CommitId, Error, Result};

/// Shared by commits, waiters and the log's threads.
#[derive(Debug, Default)]
pub(super) struct Progress {
    inner: Mutex<Inner>,
    /// Something became durable, or never will.
    synced: Condvar,
    /// The sync thread has something to do.
    sync_wanted: Condvar,
    /// The keeper has something to do.
    flush_wanted: Condvar,
    /// A flush has ended.
    flush_ended: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    written: u64,
    durable: u64,
    poisoned: Option<String>,
    /// Whether listeners were told of it.
    is_poison_told: bool,
    /// What takes long is given up.
    closing: bool,
    closed: bool,
    flush_wanted: bool,
    flushes: u64,
    flush_error: Option<Error>,
}

impl Inner {
    fn check_open(&self) -> Result<()> {
        match &self.poisoned {
            Some(reason) => Err(Error::Poisoned(reason.clone())),
            None if self.closed => Err(Error::Closed),
            None => Ok(()),
        }
    }
}

/// Why the keeper was woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wake {
    /// Memory wants to be flushed.
    Flush,
    /// The time given has passed.
    Interval,
    /// The log is being closed.
    Closed,
}

impl Progress {
    /// The progress of a log whose commits up to `commit` are durable.
    pub(super) fn new(commit: u64) -> Self {
        let inner = Inner { written: commit, durable: commit, ..Inner::default() };
        Self { inner: Mutex::new(inner), ..Self::default() }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fails when the log takes no more commits.
    pub(super) fn check_open(&self) -> Result<()> {
        self.inner().check_open()
    }

    /// Fails when a sync has failed before.
    pub(super) fn check_sound(&self) -> Result<()> {
        match &self.inner().poisoned {
            Some(reason) => Err(Error::Poisoned(reason.clone())),
            None => Ok(()),
        }
    }

    /// The last commit on stable storage.
    pub(super) fn durable(&self) -> u64 {
        self.inner().durable
    }

    /// The last commit written.
    pub(super) fn written(&self) -> u64 {
        self.inner().written
    }

    /// Commit `commit` is written.
    pub(super) fn set_written(&self, commit: u64) {
        self.inner().written = commit;
        self.sync_wanted.notify_one();
    }

    /// Every commit up to `commit` is on stable storage.
    pub(super) fn set_durable(&self, commit: u64) {
        let mut inner = self.inner();
        inner.durable = inner.durable.max(commit);
        self.synced.notify_all();
    }

    /// No commit is taken or acknowledged any more.
    pub(super) fn poison(&self, reason: String) {
        tracing::error!(reason, "the log no longer accepts writes");
        self.inner().poisoned.get_or_insert(reason);
        self.wake_all();
    }

    /// Why the log takes no more commits, for the one who tells the listeners.
    pub(super) fn take_poison(&self) -> Option<String> {
        let mut inner = self.inner();
        let reason = inner.poisoned.clone().filter(|_| !inner.is_poison_told)?;
        inner.is_poison_told = true;
        Some(reason)
    }

    /// The log is about to be closed: compaction ends.
    pub(super) fn set_closing(&self) {
        self.inner().closing = true;
    }

    /// The log is being closed.
    pub(super) fn close(&self) {
        self.inner().closed = true;
        self.wake_all();
    }

    fn wake_all(&self) {
        for condvar in [&self.synced, &self.sync_wanted, &self.flush_wanted, &self.flush_ended] {
            condvar.notify_all();
        }
    }

    /// Blocks until `commit` is durable. Fails when it will never be.
    pub(super) fn wait_durable(&self, commit: CommitId) -> Result<()> {
        let mut inner = self.inner();
        while inner.durable < commit.0 {
            inner.check_open()?;
            inner = self.synced.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
        Ok(())
    }

    /// Blocks the sync thread until something is to be synced; false when it shall end.
    pub(super) fn wait_for_sync(&self) -> bool {
        let mut inner = self.inner();
        loop {
            if inner.check_open().is_err() {
                return false;
            }
            if inner.written > inner.durable {
                return true;
            }
            inner = self.sync_wanted.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Asks the keeper to flush.
    pub(super) fn want_flush(&self) {
        self.ask_for_flush(&mut self.inner());
    }

    fn ask_for_flush(&self, inner: &mut Inner) {
        if !std::mem::replace(&mut inner.flush_wanted, true) {
            self.flush_wanted.notify_one();
        }
    }

    /// Whether a flush is wanted, which the caller makes then. For whoever keeps the keeper busy; fails
    /// when that should end.
    pub(super) fn take_flush_wanted(&self) -> Result<bool> {
        let mut inner = self.inner();
        inner.check_open()?;
        if inner.closing {
            return Err(Error::Closed);
        }
        Ok(std::mem::take(&mut inner.flush_wanted))
    }

    /// Blocks the keeper until it is wanted or `interval` has passed.
    pub(super) fn wait_for_work(&self, interval: Duration) -> Wake {
        let idle = |inner: &mut Inner| inner.check_open().is_ok() && !inner.flush_wanted;
        let waited = self.flush_wanted.wait_timeout_while(self.inner(), interval, idle);
        let (mut inner, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if inner.check_open().is_err() {
            return Wake::Closed;
        }
        if std::mem::take(&mut inner.flush_wanted) { Wake::Flush } else { Wake::Interval }
    }

    /// Blocks the keeper for `pause`, or until the log is closed.
    pub(super) fn pause(&self, pause: Duration) {
        let open = |inner: &mut Inner| inner.check_open().is_ok();
        let waited = self.flush_wanted.wait_timeout_while(self.inner(), pause, open);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// A flush has ended, with `error` if it failed.
    pub(super) fn set_flushed(&self, error: Option<Error>) {
        let mut inner = self.inner();
        inner.flushes += 1;
        inner.flush_error = error;
        self.flush_ended.notify_all();
    }

    /// Asks for a flush and blocks until one has ended. Fails as it failed.
    pub(super) fn wait_flushed(&self) -> Result<()> {
        let mut inner = self.inner();
        // Both under one lock: a flush that ended in between would not count, and nobody would want another.
        let before = inner.flushes;
        self.ask_for_flush(&mut inner);
        while inner.flushes == before {
            inner.check_open()?;
            inner = self.flush_ended.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
        inner.flush_error.clone().map_or(Ok(()), Err)
    }
}
