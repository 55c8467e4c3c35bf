//! Waiting for stable storage without holding a thread: one number that the log's sync thread moves
//! and every answer that must not be given too early waits for.

use commitlog::{CommitId, EmbeddedLog};
use tokio::sync::watch;

use crate::{Error, Result};

/// How far the log is on stable storage.
#[derive(Debug)]
pub(crate) struct Durability {
    progress: watch::Sender<Progress>,
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
        Self { progress: watch::Sender::new(Progress::UpTo(log.durable_commit())) }
    }

    /// Everything up to `commit` is on stable storage.
    pub(crate) fn reached(&self, commit: CommitId) {
        self.progress.send_if_modified(|progress| match progress {
            Progress::UpTo(known) if *known < commit => {
                *known = commit;
                true
            }
            _ => false,
        });
    }

    /// A sync failed: nothing more is acknowledged.
    pub(crate) fn lost(&self, reason: &str) {
        self.progress.send_replace(Progress::Never(reason.to_owned()));
    }

    /// Waits until `commit` is on stable storage.
    ///
    /// # Errors
    /// `Storage` when it never will be.
    pub(crate) async fn wait(&self, commit: CommitId) -> Result<()> {
        let mut progress = self.progress.subscribe();
        let decided = |progress: &Progress| match progress {
            Progress::UpTo(known) => *known >= commit,
            Progress::Never(_) => true,
        };
        let failed = |reason: String| Error::Log(commitlog::Error::Poisoned(reason));
        match progress.wait_for(decided).await.as_deref() {
            Ok(Progress::UpTo(_)) => Ok(()),
            Ok(Progress::Never(reason)) => Err(failed(reason.clone())),
            Err(_) => Err(Error::Log(commitlog::Error::Closed)),
        }
    }
}
