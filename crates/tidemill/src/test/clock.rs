//! Time as query tests have it: the wall clock stands at the epoch.

use std::time::Duration;

use types::seams::{Clock, Random};

/// A clock that stands still at 0, and randomness that is none.
#[derive(Clone, Copy, Debug)]
pub struct EpochClock;

impl Clock for EpochClock {
    fn now_ms(&self) -> i64 {
        0
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

impl Random for EpochClock {
    fn next_u64(&self) -> u64 {
        0
    }
}

impl functions::Environment for EpochClock {
    fn now_ms(&self) -> i64 {
        0
    }

    fn random_u64(&self) -> u64 {
        0
    }
}
