//! Tells the user of a full disk: when it begins to refuse, now and then while that lasts, and when it is
//! over. Whoever is refused would otherwise say so each time, many times a second. The log's calls
//! report here; whoever calls them need not log a full disk.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::Error;

/// How long nothing more is said while it lasts.
const PAUSE: Duration = Duration::from_secs(60);
/// How long nothing may have been refused for it to be over. A disk that is all but full takes small
/// writes between large ones that it refuses.
const CALM: Duration = Duration::from_secs(10);

/// Whether the disk is full, and what was said of it.
#[derive(Debug, Default)]
pub(super) struct FullDisk {
    /// Set while there is a spell, so that a disk with room costs commits no lock.
    lasts: AtomicBool,
    spell: Mutex<Option<Spell>>,
}

/// The time from the first refusal on.
#[derive(Debug)]
struct Spell {
    began: Duration,
    told: Duration,
    last: Duration,
    refusals: u64,
}

/// What there is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notice {
    Begins,
    Lasts { seconds: u64, refusals: u64 },
    Ends { seconds: u64, refusals: u64 },
}

impl FullDisk {
    /// Something failed with `error` at the monotonic time `now`.
    pub(super) fn failed(&self, error: &Error, now: Duration) {
        if !error.is_retryable() {
            return;
        }
        match self.refused(now) {
            Some(Notice::Begins) => {
                tracing::error!(%error, "the disk is full: nothing is taken until there is room");
            }
            Some(Notice::Lasts { seconds, refusals }) => {
                tracing::error!(%error, seconds, refusals, "the disk is still full");
            }
            Some(Notice::Ends { .. }) | None => {}
        }
    }

    /// Something was written at the monotonic time `now`.
    pub(super) fn worked(&self, now: impl FnOnce() -> Duration) {
        if !self.lasts.load(Ordering::Relaxed) {
            return;
        }
        if let Some(Notice::Ends { seconds, refusals }) = self.accepted(now()) {
            tracing::info!(seconds, refusals, "the disk has room again");
        }
    }

    /// Whether the disk counts as full.
    #[cfg(test)]
    pub(super) fn lasts(&self) -> bool {
        self.spell().is_some()
    }

    fn spell(&self) -> MutexGuard<'_, Option<Spell>> {
        self.spell.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refused(&self, now: Duration) -> Option<Notice> {
        let mut spell = self.spell();
        let Some(lasting) = &mut *spell else {
            *spell = Some(Spell { began: now, told: now, last: now, refusals: 1 });
            self.lasts.store(true, Ordering::Relaxed);
            return Some(Notice::Begins);
        };
        lasting.refusals += 1;
        lasting.last = now;
        if now.saturating_sub(lasting.told) < PAUSE {
            return None;
        }
        lasting.told = now;
        Some(Notice::Lasts { seconds: lasting.seconds(now), refusals: lasting.refusals })
    }

    fn accepted(&self, now: Duration) -> Option<Notice> {
        let mut spell = self.spell();
        let over = spell.take_if(|spell| now.saturating_sub(spell.last) >= CALM)?;
        self.lasts.store(false, Ordering::Relaxed);
        Some(Notice::Ends { seconds: over.seconds(now), refusals: over.refusals })
    }
}

impl Spell {
    fn seconds(&self, now: Duration) -> u64 {
        now.saturating_sub(self.began).as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn it_is_told_when_it_begins_now_and_then_and_when_it_ends() {
        let disk = FullDisk::default();
        assert_eq!(disk.accepted(at(0)), None);
        assert_eq!(disk.refused(at(1)), Some(Notice::Begins));
        for seconds in 2..61 {
            assert_eq!(disk.refused(at(seconds)), None);
            assert_eq!(disk.accepted(at(seconds)), None, "it takes small writes");
        }
        assert_eq!(disk.refused(at(61)), Some(Notice::Lasts { seconds: 60, refusals: 61 }));
        assert_eq!(disk.refused(at(62)), None);
        assert_eq!(disk.accepted(at(71)), None);
        assert_eq!(disk.accepted(at(72)), Some(Notice::Ends { seconds: 71, refusals: 62 }));
        assert_eq!(disk.accepted(at(73)), None);
        assert_eq!(disk.refused(at(74)), Some(Notice::Begins));
    }

    #[test]
    fn other_failures_are_none_of_its_business() {
        let disk = FullDisk::default();
        disk.failed(&Error::Closed, at(1));
        assert!(!disk.lasts());
    }
}
