//! Where records and rows that can't be processed are reported (spec section 2.7). The engine turns
//! reports into the processing-log stream.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use types::{QueryId, TopicPartition};

/// What kind of problem, with ksqlDB's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// A key or value could not be decoded; the record is dropped.
    Deserialization = 0,
    /// An expression, timestamp or grouping failed for a row.
    RecordProcessing = 1,
    /// Results could not be appended; the query stops.
    Production = 2,
    /// A result could not be encoded; the query stops.
    Serialization = 3,
    /// The query stopped for another reason.
    Thread = 4,
}

/// One problem.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What kind.
    pub kind: ProblemKind,
    /// The query it happened in.
    pub query: &'a QueryId,
    /// The plan node's name (`Aggregate.GroupBy`).
    pub node: &'a str,
    /// What is wrong.
    pub message: &'a str,
    /// For deserialisation: where the record lies.
    pub partition: Option<&'a TopicPartition>,
    /// For deserialisation: the record's offset.
    pub offset: Option<i64>,
    /// For (de)serialisation: `key` or `value`.
    pub target: Option<&'static str>,
    /// For deserialisation: the payload's bytes.
    pub payload: Option<&'a [u8]>,
}

/// Takes reports. Called from worker threads in the middle of a batch, so it must be quick and bounded;
/// a log that writes somewhere hands over to another thread and drops what it can't take.
pub trait ProcessingLog: Send + Sync + fmt::Debug {
    /// Takes one report.
    fn report(&self, report: &Report<'_>);
}

/// Counts reports and forgets them: for tests, and where no processing log is configured.
#[derive(Debug, Default)]
pub struct CountingLog {
    counts: [AtomicU64; 5],
}

impl CountingLog {
    /// How many reports of `kind` came.
    pub fn count(&self, kind: ProblemKind) -> u64 {
        self.counts[kind as usize].load(Ordering::Relaxed)
    }
}

impl ProcessingLog for CountingLog {
    fn report(&self, report: &Report<'_>) {
        self.counts[report.kind as usize].fetch_add(1, Ordering::Relaxed);
    }
}
