//! The broker's counters. The server prints a [`Snapshot`]; nothing here reads the clock.

use std::sync::atomic::{AtomicU64, Ordering};

/// The counters, updated per request.
#[derive(Debug, Default)]
pub struct Metrics {
    pub(crate) requests: AtomicU64,
    pub(crate) refused_frames: AtomicU64,
    pub(crate) produced_bytes: AtomicU64,
    pub(crate) fetched_bytes: AtomicU64,
    pub(crate) connections: AtomicU64,
}

/// One counter at one moment, in the words of the metrics page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its name.
    pub name: &'static str,
    /// What it counts, as a sentence.
    pub help: &'static str,
    /// Its value.
    pub value: u64,
}

impl Metrics {
    /// Every counter now.
    pub(crate) fn snapshot(&self) -> Vec<Reading> {
        let reading = |name, help, counter: &AtomicU64| Reading {
            name,
            help,
            value: counter.load(Ordering::Relaxed),
        };
        vec![
            reading("tidemill_broker_requests_total", "Requests of Kafka clients.", &self.requests),
            reading(
                "tidemill_broker_refused_frames_total",
                "Connections closed because of a malformed request.",
                &self.refused_frames,
            ),
            reading(
                "tidemill_broker_produced_bytes_total",
                "Bytes of record batches taken from producers.",
                &self.produced_bytes,
            ),
            reading(
                "tidemill_broker_fetched_bytes_total",
                "Bytes of record batches given to consumers.",
                &self.fetched_bytes,
            ),
            reading("tidemill_broker_connections", "Open connections.", &self.connections),
        ]
    }
}
