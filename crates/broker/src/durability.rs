//! Waiting for stable storage without holding a thread: one number that the log's sync thread moves
//! and every answer that must not be given too early waits for.

use std::sync::{Mutex, MutexGuard, PoisonError};

use commitlog::{CommitId, EmbeddedLog};
use tokio::sync::Notify;

use crate::{Error, Result};

/// How far the log is on stable storage.
///
/// A mutex and a notification rather than a watch channel: that one wakes its waiters in an order drawn
/// by lot, and a simulation must repeat itself.
#[derive(Debug)]
pub(crate) struct Durability {
    progress: Mutex<Progress>,
    moved: Notify,
}

#[derive(Clone, Debug)]
enum Progress {
    /// Every commit up to this one is on stable storage.
    UpTo(CommitId),
    /// Nothing more ever will be.
    Never(String),
}

impl Durability {
    /// Starts at what `log` has on stable storage now.
    pub(crate) fn of(log: &EmbeddedLog) -> Self {
        Self { progress: Mutex::new(Progress::UpTo(log.durable_commit())), moved: Notify::new() }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything up to `commit` is on stable storage.
    pub(crate) fn reached(&self, commit: CommitId) {
        match &mut *self.progress() {
            Progress::UpTo(known) if *known < commit => *known = commit,
            _ => return,
        }
        self.moved.notify_waiters();
    }

    /// A sync failed: nothing more is acknowledged.
    pub(crate) fn lost(&self, reason: &str) {
        *self.progress() = Progress::Never(reason.to_owned());
        self.moved.notify_waiters();
    }

    /// Waits until `commit` is on stable storage.
    ///
    /// # Errors
    /// `Log` when it never will be.
    pub(crate) async fn wait(&self, commit: CommitId) -> Result<()> {
        loop {
            // Waits from here on, so that a move between the look and the wait is not missed.
            let mut moved = std::pin::pin!(self.moved.notified());
            moved.as_mut().enable();
            match &*self.progress() {
                Progress::UpTo(known) if *known >= commit => return Ok(()),
                Progress::UpTo(_) => {}
                Progress::Never(reason) => {
                    return Err(Error::Log(commitlog::Error::Poisoned(reason.clone())));
                }
            }
            moved.await;
        }
    }
}
