//! The log's threads: one that syncs, one that keeps (flushes, retires, compacts). Both sleep while
//! there is nothing to do.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::core::Core;
use super::files::failed;
use super::progress::Wake;
use super::timetable::{Round, Timetable};
use crate::{Error, Result};

/// How long the keeper waits before it tries again what a full disk refused.
const RETRY: Duration = Duration::from_millis(500);

/// What a thread of the log is for; its name says it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sync,
    Keeper,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Sync => "log-sync",
            Self::Keeper => "log-keeper",
        }
    }

    fn run(self, core: &Core) {
        match self {
            Self::Sync => core.keep_syncing(),
            Self::Keeper => core.keep_keeping(),
        }
    }
}

/// Starts a thread of the log. It ends when the log is closed or poisoned.
pub(super) fn spawn(kind: Kind, core: &Arc<Core>) -> Result<JoinHandle<()>> {
    let core = core.clone();
    let thread = Builder::new().name(kind.name().to_owned());
    thread
        .spawn(move || kind.run(&core))
        .map_err(|error| failed("start thread", kind.name(), &error))
}

impl Core {
    fn keep_syncing(&self) {
        while self.progress.wait_for_sync() {
            // A failed sync poisons the log, which ends the loop and tells everyone who waits.
            if let Err(error) = self.sync() {
                tracing::error!(%error, "cannot sync the journal");
            }
        }
        self.tell_poisoned();
    }

    fn keep_keeping(&self) {
        let mut timetable = Timetable::new(&self.config);
        let mut before = self.clock.monotonic();
        loop {
            self.tell_poisoned();
            let rest = timetable.rest();
            let woken = self.progress.wait_for_work(rest);
            let now = self.clock.monotonic();
            let passed = now.saturating_sub(std::mem::replace(&mut before, now));
            let flushed = match woken {
                Wake::Closed => return,
                Wake::Flush => {
                    timetable.pass(passed);
                    self.flush()
                }
                Wake::Interval => {
                    timetable.pass(passed.max(rest));
                    Ok(())
                }
            };
            // Also after a flush that failed: on a full disk it is retention that makes room.
            let kept = self.keep_to(&mut timetable);
            if let Err(error) = flushed.and(kept) {
                self.pause_after(&error);
            }
        }
    }

    /// Does what is due.
    fn keep_to(&self, timetable: &mut Timetable) -> Result<()> {
        let backoff_ms = self.cleaner_backoff_ms.load(Ordering::Relaxed);
        match timetable.take_due(backoff_ms) {
            Some(Round::Clean) => {
                if self.clean()? {
                    timetable.hurry();
                }
                Ok(())
            }
            Some(Round::Maintain) => self.maintain(),
            None => Ok(()),
        }
    }

    fn pause_after(&self, error: &Error) {
        if matches!(error, Error::Closed) {
            return;
        }
        // Of a full disk the log has told already.
        if !error.is_retryable() {
            tracing::warn!(%error, "the log's upkeep failed and will be tried again");
        }
        // Commits that wait for room were told already; they ask again when they come back.
        self.progress.pause(RETRY);
    }
}
