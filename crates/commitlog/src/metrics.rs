//! Counters of the embedded log. The server prints a [`Snapshot`]; nothing here reads the clock.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that counts up, or a level that goes both ways.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters, updated per commit, sync or flush.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) commits: Counter,
    pub(crate) batches: Counter,
    pub(crate) appended_bytes: Counter,
    pub(crate) syncs: Counter,
    pub(crate) synced_commits: Counter,
    pub(crate) flushes: Counter,
    pub(crate) flushed_bytes: Counter,
    pub(crate) segment_read_bytes: Counter,
    pub(crate) damaged_indexes: Counter,
    pub(crate) retired_segments: Counter,
    pub(crate) compacted_bytes: Counter,
    pub(crate) failures: Counter,
}

/// The counters at one moment: names in the form that the metrics page prints, with their values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Name and value of each.
    pub values: Vec<(&'static str, u64)>,
}

impl Metrics {
    pub(crate) fn snapshot(&self, memory_bytes: u64) -> Snapshot {
        let values = vec![
            ("tidemill_commitlog_commits_total", self.commits.value()),
            ("tidemill_commitlog_batches_total", self.batches.value()),
            ("tidemill_commitlog_appended_bytes_total", self.appended_bytes.value()),
            ("tidemill_commitlog_syncs_total", self.syncs.value()),
            ("tidemill_commitlog_synced_commits_total", self.synced_commits.value()),
            ("tidemill_commitlog_flushes_total", self.flushes.value()),
            ("tidemill_commitlog_flushed_bytes_total", self.flushed_bytes.value()),
            ("tidemill_commitlog_segment_read_bytes_total", self.segment_read_bytes.value()),
            ("tidemill_commitlog_damaged_indexes_total", self.damaged_indexes.value()),
            ("tidemill_commitlog_retired_segments_total", self.retired_segments.value()),
            ("tidemill_commitlog_compacted_bytes_total", self.compacted_bytes.value()),
            ("tidemill_commitlog_failures_total", self.failures.value()),
            ("tidemill_commitlog_memory_bytes", memory_bytes),
        ];
        Snapshot { values }
    }
}
