//! How `tidemill.memory.limit` is shared out.
//!
//! | part | share | what it holds |
//! |---|---|---|
//! | queries | 1/2 | caches of state stores, groups of aggregations |
//! | log | 1/8 | appended bytes that are not in segments yet |
//! | state store | 1/16 | blocks read from disk |
//! | the rest | 5/16 | batches under way, connectors, connections, the program itself |

/// Taken when nothing is set: 1 GiB.
pub const LIMIT_BYTES_DEFAULT: u64 = 1 << 30;
/// Below this the parts get too little to work with.
pub const LIMIT_BYTES_MIN: u64 = 256 << 20;

/// The parts' shares of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    limit_bytes: u64,
}

impl Memory {
    /// Shares of `limit_bytes`.
    pub fn new(limit_bytes: u64) -> Self {
        Self { limit_bytes }
    }

    /// For caches of state stores and groups of aggregations, over all queries.
    pub fn query_caches_bytes(self) -> usize {
        bytes(self.limit_bytes / 2)
    }

    /// For appended bytes that are not in segments yet.
    pub fn log_bytes(self) -> usize {
        bytes(self.limit_bytes / 8)
    }

    /// For blocks of the state store.
    pub fn state_blocks_bytes(self) -> u64 {
        self.limit_bytes / 16
    }
}

fn bytes(share: u64) -> usize {
    usize::try_from(share).unwrap_or(usize::MAX)
}
