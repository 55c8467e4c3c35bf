//! The time as group coordination sees it.

use tokio::time::Instant;

use crate::Broker;

/// One moment, on both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    /// For sessions and time-outs.
    pub(crate) at: Instant,
    /// For what is written down, in ms since 1970.
    pub(crate) wall_ms: i64,
}

impl Now {
    /// This moment.
    pub(crate) fn of(broker: &Broker) -> Self {
        Self { at: Instant::now(), wall_ms: broker.clock.now_ms() }
    }
}
