//! Time for telling how long a producer has been idle: the wall clock's at the opening of the log, and
//! from then on what has passed. When somebody sets the wall clock, no producer is forgotten too early,
//! which would let its next repeated batch in twice.

use std::sync::Arc;
use std::time::Duration;

use types::seams::Clock;

/// A clock that goes on evenly while the log is open.
#[derive(Debug)]
pub(super) struct SteadyClock {
    clock: Arc<dyn Clock>,
    opened_ms: i64,
    opened: Duration,
}

impl SteadyClock {
    /// A clock that shows now what `clock` shows.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let (opened_ms, opened) = (clock.now_ms(), clock.monotonic());
        Self { clock, opened_ms, opened }
    }

    /// Milliseconds since 1970, but for settings of the wall clock since the opening.
    pub(super) fn now_ms(&self) -> i64 {
        let passed = self.clock.monotonic().saturating_sub(self.opened);
        self.opened_ms.saturating_add(i64::try_from(passed.as_millis()).unwrap_or(i64::MAX))
    }
}
