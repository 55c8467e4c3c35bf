//! Group commit: one sync makes every commit written so far durable, whoever waits for it.

use std::sync::PoisonError;

use super::core::Core;
use super::files;
use super::journal::{DIRECTORY, SyncJob};
use crate::{CommitId, Result, Visibility};

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
        let _turn = self.sync_turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.progress.check_sound()?;
        let durable = self.progress.durable();
        let job = {
            let mut journal = self.journal();
            if journal.last_commit() <= durable {
                return Ok(());
            }
            journal.sync_job()
        };
        self.run(&job).map_err(|error| self.noted(error))?;
        let grown = self.state().make_durable(job.commit);
        self.progress.set_durable(job.commit);
        self.metrics.syncs.add(1);
        self.metrics.synced_commits.add(job.commit - durable);
        self.listeners.notify(&grown, Visibility::Durable);
        self.journal().mark(job.commit).map_err(|error| self.noted(error))
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
