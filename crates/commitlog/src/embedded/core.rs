//! What the log's calls and threads share. Each of the log's jobs has a file of its own that adds to
//! [`Core`]: `committing`, `syncing`, `reading`, `flushing`, `retention`, `cleaning` and `compaction`.
//!
//! Locks are taken in this order: keeper, cleaner, sync turn, journal, state. The gate is taken before the
//! state by readers of segments, and by the keeper when files are replaced.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use types::seams::{Clock, Directory};

use super::checkpoint::{self, Checkpoint};
use super::cleaning::Cleaner;
use super::config::Config;
use super::files::{FileCache, SYNC};
use super::full_disk::FullDisk;
use super::journal::Journal;
use super::progress::Progress;
use super::state::State;
use super::steady_clock::SteadyClock;
use crate::listeners::Listeners;
use crate::metrics::Metrics;
use crate::unpacking::Unpacking;
use crate::{Error, TopicConfig};

/// The log behind its handle.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) directory: Arc<dyn Directory>,
    pub(super) clock: Arc<dyn Clock>,
    /// Tells how long producers have been idle.
    pub(super) steady_clock: SteadyClock,
    pub(super) config: Config,
    pub(super) files: FileCache,
    /// Whoever changes segments holds it; the last checkpoint is inside.
    pub(super) keeper: Mutex<Checkpoint>,
    /// What compaction remembers.
    pub(super) cleaner: Mutex<Cleaner>,
    pub(super) cleaner_backoff_ms: AtomicU64,
    /// One sync at a time.
    pub(super) sync_turn: Mutex<()>,
    pub(super) journal: Mutex<Journal>,
    pub(super) state: Mutex<State>,
    pub(super) progress: Progress,
    /// Readers of segments hold it for reading, replacing files takes it for writing.
    pub(super) gate: RwLock<()>,
    pub(super) unpacking: Unpacking,
    pub(super) listeners: Listeners,
    pub(super) metrics: Metrics,
    pub(super) full_disk: FullDisk,
}

impl Core {
    pub(super) fn keeper(&self) -> MutexGuard<'_, Checkpoint> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn cleaner(&self) -> MutexGuard<'_, Cleaner> {
        self.cleaner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How `topic` is kept by now: its checkpoint may be older than that. One that was deleted since is as it
    /// was.
    pub(super) fn config_of(&self, topic: &checkpoint::Topic) -> Arc<TopicConfig> {
        let state = self.state();
        state.topics.get(&topic.id).map_or(&topic.config, |current| &current.config).clone()
    }

    /// Tells the listeners when the log was poisoned. Called without any lock, after whatever may
    /// poison it.
    pub(super) fn tell_poisoned(&self) {
        if let Some(reason) = self.progress.take_poison() {
            self.listeners.notify_poisoned(&reason);
        }
    }

    /// Poisons the log when `error` means that unsynced bytes may be lost, and tells of a full disk; hands
    /// `error` on.
    pub(super) fn noted(&self, error: Error) -> Error {
        self.metrics.failures.add(1);
        self.full_disk.failed(&error, self.clock.monotonic());
        match &error {
            Error::Io { action, .. } if *action == SYNC => self.progress.poison(error.to_string()),
            Error::Poisoned(reason) => self.progress.poison(reason.clone()),
            _ => {}
        }
        error
    }
}
