//! A query as it is handed to the runtime.

use std::sync::Arc;

use plan::physical::Plan;
use types::QueryId;

use crate::channel::RowSender;

/// A plan to run, with its options.
#[derive(Debug)]
pub struct QuerySpec {
    /// The query's id, unique in the runtime.
    pub id: QueryId,
    /// What to run.
    pub plan: Arc<Plan>,
    /// How to run it.
    pub options: QueryOptions,
    /// Where a `Return` node hands its rows; plans without one leave it out.
    pub rows: Option<RowSender>,
}

/// Where a query starts in a partition of a stream in which it has no position yet. Tables and
/// internal topics are always read from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetReset {
    /// At the first record kept.
    Earliest,
    /// At the end as it is when the query is created.
    Latest,
}

/// How a query runs. `Default` is what a server without special properties uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryOptions {
    /// `auto.offset.reset`.
    pub offset_reset: OffsetReset,
    /// Whether several updates of a key within one batch leave as one (false when
    /// `cache.max.bytes.buffering` is 0).
    pub is_coalescing: bool,
    /// Upper bound of records a task takes before it commits.
    pub batch_records_max: usize,
    /// Upper bound of bytes fetched from a partition at once.
    pub fetch_bytes_max: usize,
    /// Limit of each store's cache.
    pub cache_bytes_max: usize,
    /// `ksql.timestamp.throw.on.invalid`.
    pub fails_on_invalid_timestamp: bool,
    /// `ksql.fail.on.deserialization.error`.
    pub fails_on_deserialization_error: bool,
    /// Least wall-clock time between two checks for closed windows of EMIT FINAL
    /// (`__emit.interval.ms.kstreams.windowed.aggregation__`).
    pub emit_final_interval_ms: i64,
    /// Least wall-clock time between two flushes of unmatched rows of outer joins with GRACE.
    pub outer_join_interval_ms: i64,
    /// Whether the query lives only as long as somebody reads its rows: it commits no positions and
    /// keeps no changelogs (push queries).
    pub is_transient: bool,
}

impl Default for QueryOptions {
    fn default() -> Self {
        Self {
            offset_reset: OffsetReset::Latest,
            is_coalescing: true,
            batch_records_max: 65_536,
            fetch_bytes_max: 4 << 20,
            cache_bytes_max: 64 << 20,
            fails_on_invalid_timestamp: false,
            fails_on_deserialization_error: false,
            emit_final_interval_ms: 1_000,
            outer_join_interval_ms: 1_000,
            is_transient: false,
        }
    }
}
