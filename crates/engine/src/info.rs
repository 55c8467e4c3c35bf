//! What the engine says of itself: version and ids, health, counters.

use std::collections::BTreeMap;

use dataflow::{QueryMetrics, QueryState};
use types::QueryId;

/// Which server this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Version of this program.
    pub version: String,
    /// Id of the log, the same over all restarts.
    pub cluster_id: String,
    /// `ksql.service.id`.
    pub service_id: String,
}

/// Which parts work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// The definitions could be read.
    pub metastore: bool,
    /// The log answers.
    pub log: bool,
    /// Definitions can be written.
    pub command_runner: bool,
}

impl Health {
    /// Whether all parts work.
    pub fn is_healthy(&self) -> bool {
        self.metastore && self.log && self.command_runner
    }
}

/// Counters of the engine at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Persistent queries, with their state.
    pub queries: BTreeMap<QueryId, QueryCounters>,
    /// Push queries that somebody reads.
    pub push_queries: usize,
    /// Pull queries answered since the start.
    pub pull_queries: u64,
    /// Reports written to the processing log since the start.
    pub problems_reported: u64,
    /// Reports dropped because the processing log could not keep up.
    pub problems_dropped: u64,
}

/// Counters of one persistent query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueryCounters {
    /// Its state.
    pub state: QueryState,
    /// Its counters.
    pub counts: QueryMetrics,
}
