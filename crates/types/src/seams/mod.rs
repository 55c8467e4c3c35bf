//! The seams: clock, randomness and disk are passed in, so that tests and the simulator can hold
//! the whole node in their hands.

mod directory;
pub mod system;

use std::fmt;
use std::time::Duration;

pub use directory::{Directory, Entry, File, OpenMode, Space};

/// Wall clock and monotonic time.
pub trait Clock: Send + Sync + fmt::Debug {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> i64;

    /// Time since some fixed moment; never goes back.
    fn monotonic(&self) -> Duration;
}

/// A source of random bits.
pub trait Random: Send + Sync + fmt::Debug {
    /// The next 64 random bits.
    fn next_u64(&self) -> u64;
}
