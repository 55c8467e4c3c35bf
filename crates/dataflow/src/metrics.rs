//! What can be seen of a running query: its status and its counters, updated once per batch.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::Error;

/// Whether a query runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryState {
    /// Its tasks run when their inputs grow.
    Running,
    /// Its tasks rest until it is resumed.
    Paused,
    /// It stopped on an error.
    Error,
}

/// State of a query and, in [`QueryState::Error`], why.
#[derive(Clone, Debug)]
pub struct QueryStatus {
    /// The state.
    pub state: QueryState,
    /// The error that stopped it.
    pub error: Option<Error>,
}

/// Counters of a query since it was created in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueryMetrics {
    /// Records read from its source topics (not from internal ones).
    pub records_in: u64,
    /// Records written to its sink topic, or rows returned.
    pub records_out: u64,
    /// Records dropped and rows failed (processing-log reports).
    pub problems: u64,
    /// Records dropped because they came after their window had closed.
    pub late_records: u64,
    /// Wall-clock time of the last batch that read records; 0 when there was none.
    pub last_message_ms: i64,
}

/// The counters tasks write to.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub records_in: AtomicU64,
    pub records_out: AtomicU64,
    pub problems: AtomicU64,
    pub late_records: AtomicU64,
    pub last_message_ms: AtomicI64,
}

impl Counters {
    /// The present values.
    pub(crate) fn snapshot(&self) -> QueryMetrics {
        QueryMetrics {
            records_in: self.records_in.load(Ordering::Relaxed),
            records_out: self.records_out.load(Ordering::Relaxed),
            problems: self.problems.load(Ordering::Relaxed),
            late_records: self.late_records.load(Ordering::Relaxed),
            last_message_ms: self.last_message_ms.load(Ordering::Relaxed),
        }
    }
}
