//! What operators see of the task they run in.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use functions::{Environment, Failures};
use types::{QueryId, TopicPartition};

use crate::metrics::Counters;
use crate::services::Surroundings;
use crate::stores::Stores;
use crate::{ProblemKind, ProcessingLog, QueryOptions, Report};

/// Handed to operators with every chunk.
pub(crate) struct Context<'a> {
    /// The task's stores.
    pub stores: &'a mut Stores,
    /// Clock and randomness for functions.
    pub surroundings: &'a Surroundings,
    /// The query's options.
    pub options: &'a QueryOptions,
    /// Where problems go.
    pub reporter: &'a Reporter,
    /// The task's partition.
    pub partition: i32,
}

impl Context<'_> {
    /// Wall-clock time.
    pub fn now_ms(&self) -> i64 {
        self.surroundings.now_ms()
    }
}

/// Reports problems of one query.
#[derive(Clone, Debug)]
pub(crate) struct Reporter {
    /// The query.
    pub query: QueryId,
    /// Where to.
    pub log: Arc<dyn ProcessingLog>,
    /// The query's counters.
    pub counters: Arc<Counters>,
}

impl Reporter {
    /// Reports that expressions of `node` failed for rows that count.
    pub fn failures(&self, node: &str, failures: &Failures, counts: impl Fn(usize) -> bool) {
        for (row, message) in &failures.rows {
            if counts(*row) {
                self.row(node, message);
            }
        }
    }

    /// Reports a failed row of `node`.
    pub fn row(&self, node: &str, message: &str) {
        self.report(&Report {
            kind: ProblemKind::RecordProcessing,
            query: &self.query,
            node,
            message,
            partition: None,
            offset: None,
            target: None,
            payload: None,
        });
    }

    /// Reports a record that can't be decoded.
    pub fn undecodable(
        &self,
        node: &str,
        at: &TopicPartition,
        offset: i64,
        part: &Undecodable<'_>,
    ) {
        self.report(&Report {
            kind: ProblemKind::Deserialization,
            query: &self.query,
            node,
            message: part.message,
            partition: Some(at),
            offset: Some(offset),
            target: Some(part.target),
            payload: part.payload,
        });
    }

    /// Counts a record dropped because its window had closed.
    pub fn late(&self) {
        self.counters.late_records.fetch_add(1, Ordering::Relaxed);
    }

    fn report(&self, report: &Report<'_>) {
        self.counters.problems.fetch_add(1, Ordering::Relaxed);
        self.log.report(report);
    }
}

/// The part of a record that can't be decoded.
pub(crate) struct Undecodable<'a> {
    /// `key` or `value`.
    pub target: &'static str,
    /// Its bytes.
    pub payload: Option<&'a [u8]>,
    /// What is wrong.
    pub message: &'a str,
}
