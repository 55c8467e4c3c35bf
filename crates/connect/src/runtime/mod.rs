//! Starts, watches and stops connectors, and keeps what they are and where they stand in the log.

mod backoff;
mod manager;
mod options;
mod positions;
mod status;
mod supervisor;
mod topics;

pub use manager::{Description, Info, Runtime, Services};
pub(crate) use options::WORKER_OPTIONS;
pub(crate) use positions::{Positions, position_key};
pub use status::{Gauges, Progress, State, Status, TableProgress};
pub(crate) use topics::OFFSETS_TOPIC;
