//! The Kafka door against Apache Kafka (KRaft, one node, from Maven) on the same machine: the same
//! tools of Apache's as client of both, one broker at a time, in turns.
//!
//! Ours syncs before it acknowledges with acks=all; Apache Kafka never syncs by default, and after
//! every message in the series that says so.

mod broker;
mod latency;
mod life;
mod throughput;
mod tools;

pub use life::run as life;

use crate::outcome::Result;
use crate::report::Report;

/// Throughput and latency of producers and consumers.
pub fn traffic(report: &mut Report) -> Result<()> {
    throughput::run(report)?;
    latency::run(report)
}
