//! Keeping a client that is over its quota waiting: its answers go out at once and say how long, and
//! its next request is not looked at before that time is over (KIP-219).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use types::seams::Clock;

/// Until when one connection's requests wait, in milliseconds of the monotonic clock.
#[derive(Debug, Default)]
pub(crate) struct HoldBack {
    until_ms: AtomicU64,
}

impl HoldBack {
    /// Holds requests back for `throttle_ms` from now on; a longer wait that is under way remains.
    pub(crate) fn extend(&self, clock: &dyn Clock, throttle_ms: i32) {
        let throttle_ms = u64::try_from(throttle_ms).unwrap_or(0);
        self.until_ms.fetch_max(now_ms(clock) + throttle_ms, Ordering::Relaxed);
    }

    /// How long requests still wait.
    pub(super) fn left_ms(&self, clock: &dyn Clock) -> i32 {
        match self.until_ms.load(Ordering::Relaxed) {
            // Nobody was ever held back, so the clock need not be asked.
            0 => 0,
            until_ms => i32::try_from(until_ms.saturating_sub(now_ms(clock))).unwrap_or(i32::MAX),
        }
    }

    /// Waits until requests are served again.
    pub(crate) async fn wait(&self, clock: &dyn Clock) {
        let left_ms = u64::try_from(self.left_ms(clock)).unwrap_or(0);
        if left_ms > 0 {
            tokio::time::sleep(Duration::from_millis(left_ms)).await;
        }
    }
}

pub(super) fn now_ms(clock: &dyn Clock) -> u64 {
    u64::try_from(clock.monotonic().as_millis()).unwrap_or(u64::MAX / 2)
}
