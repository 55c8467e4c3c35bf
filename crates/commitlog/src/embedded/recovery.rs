//! Opening a log: the checkpoint, then the journal behind it.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, RwLock};

use types::seams::{Clock, Directory};

use super::applying::Moment;
use super::checkpoint::{self, Checkpoint};
use super::config::Config;
use super::core::Core;
use super::files::{self, FileCache, corrupt, failed};
use super::frame;
use super::full_disk::FullDisk;
use super::journal::{self, Journal};
use super::offsets_topic;
use super::progress::Progress;
use super::replay;
use super::state::State;
use super::steady_clock::SteadyClock;
use super::unsynced;
use crate::listeners::Listeners;
use crate::metrics::Metrics;
use crate::unpacking::Unpacking;
use crate::{Error, Result};

/// Opening leaves this many journal files as they are. More of them go to segments at once: every crash
/// before a flush leaves one more, and the next start reads them all.
const FILES_LEFT_MAX: usize = 8;

impl Core {
    /// Opens the log in `directory`, or makes one. Fails when anything acknowledged is damaged in the
    /// checkpoint or the journal; segments are checked when they are read.
    pub(super) fn open(
        directory: Arc<dyn Directory>,
        clock: Arc<dyn Clock>,
        config: Config,
    ) -> Result<Self> {
        let files = FileCache::new(directory.clone(), config.open_files_max);
        let checkpoint = match checkpoint::load(&*directory, &files)? {
            Some(checkpoint) => checkpoint,
            None => initial(&*directory, &*clock)?,
        };
        let changed = checkpoint::make_changes(&*directory, &checkpoint.changes)?;
        unsynced::sync_all(&*directory, &changed, config.background)?;
        let created = directory.create_directory(journal::DIRECTORY);
        created.map_err(|error| failed("create", journal::DIRECTORY, &error))?;
        files::sync_directory(&*directory, "")?;

        let mut state = State::restored(checkpoint.clone());
        let steady_clock = SteadyClock::new(clock.clone());
        let now_ms = steady_clock.now_ms();
        let mut apply = |commit, payload: &_, path: &str, position| {
            let broken = |reason| corrupt(path, position, reason);
            let operations = frame::operations(payload);
            let operations = operations.ok_or_else(|| broken("the commit is not understood"))?;
            state.apply(Moment { commit, now_ms }, operations).map(|_| ()).map_err(broken)
        };
        let replayed =
            replay::replay(&directory, checkpoint.log_id, checkpoint.commit, &mut apply)?;
        state.make_durable(replayed.last_commit);
        state.producer_ids.skip_reserved();
        let (last_commit, log_id) = (replayed.last_commit, checkpoint.log_id);
        let journal = Journal::create(directory.clone(), log_id, last_commit, replayed.files)?;
        let cleaner_backoff_ms = AtomicU64::new(config.cleaner_backoff_ms);
        let core = Self {
            directory,
            clock,
            steady_clock,
            config,
            files,
            keeper: Mutex::new(checkpoint),
            cleaner: Mutex::default(),
            cleaner_backoff_ms,
            sync_turn: Mutex::new(()),
            journal: Mutex::new(journal),
            state: Mutex::new(state),
            progress: Progress::new(last_commit),
            gate: RwLock::new(()),
            unpacking: Unpacking::default(),
            listeners: Listeners::default(),
            metrics: Metrics::default(),
            full_disk: FullDisk::default(),
        };
        Ok(core)
    }

    /// Moves the journal to segments when opening had to read many files. The log works without that,
    /// so a disk that refuses is only complained about.
    pub(super) fn shorten_journal(&self) {
        if self.journal().older_files() <= FILES_LEFT_MAX {
            return;
        }
        if self.config.background {
            self.progress.want_flush();
        } else if let Err(error) = self.flush() {
            tracing::warn!(%error, "cannot move the journal to segments");
        }
    }

    /// Creates the topics that the log itself needs.
    pub(super) fn create_own_topics(&self) -> Result<()> {
        match self.create_topic(offsets_topic::NAME, &self.config.offsets_topic()) {
            Ok(()) | Err(Error::TopicExists(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The checkpoint of an empty log. Fails when the directory holds a journal already: then the log is
/// not new, its checkpoint is missing.
fn initial(directory: &dyn Directory, clock: &dyn Clock) -> Result<Checkpoint> {
    let journal_exists = match directory.list(journal::DIRECTORY) {
        Ok(entries) => !entries.is_empty(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(failed("list", journal::DIRECTORY, &error)),
    };
    if journal_exists {
        return Err(corrupt(checkpoint::PATH, 0, "the file is missing but there is a journal"));
    }
    let checkpoint = Checkpoint {
        // Only tells logs apart, so the time of creation will do.
        log_id: u64::from(frame::salt(clock.now_ms() as u64, clock.monotonic().as_nanos() as u64))
            | (clock.now_ms() as u64) << 32,
        number: 1,
        commit: 0,
        next_topic: 1,
        topics: Vec::new(),
        producer_ids: 0,
        positions: Vec::new(),
        pending: Vec::new(),
        changes: Vec::new(),
    };
    checkpoint::save(directory, &checkpoint)?;
    Ok(checkpoint)
}
