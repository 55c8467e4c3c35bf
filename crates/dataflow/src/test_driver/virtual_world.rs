//! Clock and randomness of the test driver.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use types::seams::{Clock, Random};

/// A clock that stands until it is moved.
#[derive(Debug, Default)]
pub struct VirtualClock {
    now_ms: AtomicI64,
}

impl VirtualClock {
    /// Sets the time.
    pub fn set_ms(&self, now_ms: i64) {
        self.now_ms.store(now_ms, Ordering::Relaxed);
    }
}

impl Clock for VirtualClock {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::Relaxed)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.now_ms()).unwrap_or(0))
    }
}

/// Numbers that look random and are the same in every run (xorshift over a counter).
#[derive(Debug, Default)]
pub(super) struct VirtualRandom {
    count: AtomicU64,
}

impl Random for VirtualRandom {
    fn next_u64(&self) -> u64 {
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut number = (self.count.fetch_add(1, Ordering::Relaxed) + 1).wrapping_mul(SPREAD);
        number ^= number >> 29;
        number ^= number << 17;
        number ^ (number >> 31)
    }
}
