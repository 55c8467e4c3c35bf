//! Runs physical plans: operators, tasks, time, commits, recovery.
//!
//! # Public surface
//! - [`Services`]: what a runtime stands on (log, schemas, functions, clock, state backend, ...).
//! - [`QuerySpec`]: a plan with its options, given to [`Runtime::create`] or [`TestDriver::create`].
//! - [`Runtime`]: worker threads that run queries as their inputs grow. `create`, `pause`, `resume`,
//!   `stop` (keeps state), `delete` (removes state, internal topics and positions), `restart`,
//!   `status`, `metrics`, `pull`, `set_caches_bytes_max`, `shut_down`.
//! - [`TestDriver`]: the same tasks on the caller's thread over a log in memory and a virtual clock.
//! - [`PullRequest`]: key lookups or scans of a query's materialised table, answered with [`Rows`].
//! - [`Scan`]: one look at a source topic, for pull queries over streams.
//! - [`push_channel`]: the bounded channel through which a plan ending in `Return` hands out [`Rows`].
//! - [`ProcessingLog`]: where records that can't be processed are reported.
//!
//! # How it is built
//! A query's plan is cut into sub-topologies; a task is one of them on one partition and owns its
//! operators and stores. It takes records in timestamp order over its input partitions, pushes them
//! as [`Rows`]-like columnar chunks through its operators, and commits outputs, changelogs and
//! positions in one log commit. This crate sees no SQL text, HTTP or Kafka request.

mod aggregate;
mod channel;
mod chunk;
mod coalesce;
mod context;
mod envelope;
mod error;
mod expressions;
mod join;
mod materialized;
mod metrics;
mod operator;
mod processing_log;
mod pull;
mod query;
mod row_codec;
mod rows;
mod running;
mod runtime;
mod scan;
mod services;
mod shares;
mod source;
mod stores;
mod task;
mod test_driver;
mod timestamps;
mod topology;

pub use channel::{Received, RowReceiver, RowSender, push_channel};
pub use error::{Error, Result};
pub use metrics::{QueryMetrics, QueryState, QueryStatus};
pub use processing_log::{CountingLog, ProblemKind, ProcessingLog, Report};
pub use pull::{KeyBound, KeyRange, KeySelection, PullRequest, WindowBounds};
pub use query::{OffsetReset, QueryOptions, QuerySpec};
pub use rows::{Rows, Windows};
pub use runtime::{OnFailure, Runtime};
pub use scan::Scan;
pub use services::{Services, Surroundings};
pub use test_driver::{Restart, TestDriver, TestRecord, VirtualClock};
