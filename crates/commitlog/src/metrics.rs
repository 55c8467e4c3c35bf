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

/// The counters at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Each of them.
    pub values: Vec<Reading>,
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
    pub(crate) fn snapshot(&self, memory_bytes: u64) -> Snapshot {
        let reading = |name, help, value| Reading { name, help, value };
        let values = vec![
            reading("tidemill_commitlog_commits_total", "Commits accepted.", self.commits.value()),
            reading(
                "tidemill_commitlog_batches_total",
                "Record batches appended by commits.",
                self.batches.value(),
            ),
            reading(
                "tidemill_commitlog_appended_bytes_total",
                "Bytes of record batches appended by commits.",
                self.appended_bytes.value(),
            ),
            reading(
                "tidemill_commitlog_syncs_total",
                "Times the journal was brought to stable storage.",
                self.syncs.value(),
            ),
            reading(
                "tidemill_commitlog_synced_commits_total",
                "Commits brought to stable storage; several share a sync.",
                self.synced_commits.value(),
            ),
            reading(
                "tidemill_commitlog_flushes_total",
                "Times held batches were written to segments.",
                self.flushes.value(),
            ),
            reading(
                "tidemill_commitlog_flushed_bytes_total",
                "Bytes of batches written to segments.",
                self.flushed_bytes.value(),
            ),
            reading(
                "tidemill_commitlog_segment_read_bytes_total",
                "Bytes read from segments.",
                self.segment_read_bytes.value(),
            ),
            reading(
                "tidemill_commitlog_damaged_indexes_total",
                "Segments found with damaged indexes.",
                self.damaged_indexes.value(),
            ),
            reading(
                "tidemill_commitlog_retired_segments_total",
                "Segments deleted because their records were too old or too many.",
                self.retired_segments.value(),
            ),
            reading(
                "tidemill_commitlog_compacted_bytes_total",
                "Bytes that compaction removed.",
                self.compacted_bytes.value(),
            ),
            reading(
                "tidemill_commitlog_failures_total",
                "Operations on the log's files that failed.",
                self.failures.value(),
            ),
            reading(
                "tidemill_commitlog_memory_bytes",
                "Bytes of batches held until they are in segments.",
                memory_bytes,
            ),
        ];
        Snapshot { values }
    }
}
