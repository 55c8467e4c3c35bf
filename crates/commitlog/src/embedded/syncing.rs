//! Group commit: one sync makes every commit written so far durable, whoever waits for it.

use std::sync::PoisonError;

use types::TopicPartition;

use super::core::Core;
use super::files;
use super::journal::{DIRECTORY, SyncJob};
use crate::{CommitId, Result, Visibility};

/// What a sync brought to stable storage.
struct Synced {
    commit: CommitId,
    grown: Vec<TopicPartition>,
}

impl Core {
    /// Blocks until `commit` is durable.
    pub(super) fn wait_durable(&self, commit: CommitId) -> Result<()> {
        if self.config.background {
            return self.progress.wait_durable(commit);
        }
        while self.progress.durable() < commit.0 {
            self.sync()?;
        }
        Ok(())
    }

    /// Makes everything written so far durable and says so to everyone.
    pub(super) fn sync(&self) -> Result<()> {
        let synced = self.sync_once().map_err(|error| self.noted(error));
        self.tell_poisoned();
        if let Some(Synced { commit, grown }) = synced? {
            self.listeners.notify(&grown, Visibility::Durable);
            self.listeners.notify_durable(commit);
        }
        Ok(())
    }

    /// Syncs once for all commits written so far, if there are new ones. Waiters are told
    /// here, listeners by the caller, because no lock may be held while they are called.
    fn sync_once(&self) -> Result<Option<Synced>> {
        let _turn = self.sync_turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.progress.check_sound()?;
        let durable = self.progress.durable();
        let job = {
            let mut journal = self.journal();
            if journal.last_commit() <= durable {
                return Ok(None);
            }
            journal.sync_job()
        };
        self.run(&job)?;
        let grown = self.state().make_durable(job.commit);
        self.progress.set_durable(job.commit);
        self.metrics.syncs.add(1);
        self.metrics.synced_commits.add(job.commit - durable);
        self.journal().mark(job.commit)?;
        Ok(Some(Synced { commit: CommitId(job.commit), grown }))
    }

    fn run(&self, job: &SyncJob) -> Result<()> {
        for unsynced in &job.files {
            files::sync(&*unsynced.file, &unsynced.path)?;
        }
        if job.names {
            files::sync_directory(&*self.directory, DIRECTORY)?;
        }
        Ok(())
    }
}
