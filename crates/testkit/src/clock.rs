//! A clock that moves only when told to.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use types::seams::Clock;

/// Wall clock and monotonic time in one, moved by the test. Shared by reference.
#[derive(Debug)]
pub struct FakeClock {
    start_ms: i64,
    now_ms: AtomicI64,
}

impl FakeClock {
    /// A clock that shows `now_ms` (milliseconds since 1970).
    pub fn new(now_ms: i64) -> Self {
        Self { start_ms: now_ms, now_ms: AtomicI64::new(now_ms) }
    }

    /// Moves the clock on by `ms` milliseconds.
    pub fn advance_ms(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sets the clock; the monotonic time follows it, but never goes below zero.
    pub fn set_ms(&self, now_ms: i64) {
        self.now_ms.store(now_ms, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Duration {
        let passed_ms = self.now_ms() - self.start_ms;
        Duration::from_millis(u64::try_from(passed_ms).unwrap_or(0))
    }
}
