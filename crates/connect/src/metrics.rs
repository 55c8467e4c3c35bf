//! The connectors' counters and levels, for whoever shows them (the server's `/metrics`). Nothing is
//! counted here: a snapshot is taken of what the connectors keep.

use crate::runtime::{Description, Progress, Runtime};

/// One metric of all connectors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Its name; that of a counter ends in `_total`.
    pub name: &'static str,
    /// What it tells.
    pub help: &'static str,
    /// The connectors' names and values.
    pub samples: Vec<(String, u64)>,
}

type Level = fn(&Progress) -> u64;

const LEVELS: [(&str, &str, Level); 8] = [
    ("tidemill_connect_records_total", "Records captured.", |p| p.records_total),
    ("tidemill_connect_bytes_total", "Bytes of captured record batches.", |p| p.bytes_total),
    ("tidemill_connect_commits_total", "Commits into the log.", |p| p.commits_total),
    ("tidemill_connect_restarts_total", "Attempts after failures.", |p| p.restarts_total),
    ("tidemill_connect_lag_ms", "Age of the newest change when it was captured.", |p| {
        p.lag_ms.unsigned_abs()
    }),
    ("tidemill_connect_last_commit_timestamp_ms", "Time of the last commit.", |p| {
        p.last_commit_ms.unsigned_abs()
    }),
    ("tidemill_connect_snapshot_rows", "Rows that the snapshot has captured.", snapshot_rows),
    (
        "tidemill_connect_snapshot_remaining_rows",
        "Rows that the snapshot has still to capture, by the server's estimate.",
        snapshot_rows_remaining,
    ),
];

impl Runtime {
    /// All metrics, now.
    pub fn metrics(&self) -> Vec<Family> {
        let described: Vec<Description> =
            self.list().iter().filter_map(|info| self.describe(&info.name).ok()).collect();
        let family = |(name, help, level): (&'static str, &'static str, Level)| {
            let sample = |one: &Description| (one.info.name.clone(), level(&one.progress));
            Family { name, help, samples: described.iter().map(sample).collect() }
        };
        LEVELS.into_iter().map(family).collect()
    }
}

fn snapshot_rows(progress: &Progress) -> u64 {
    progress.tables.iter().map(|table| table.rows).sum()
}

fn snapshot_rows_remaining(progress: &Progress) -> u64 {
    let unfinished = progress.tables.iter().filter(|table| !table.is_done);
    unfinished.map(|table| table.rows_estimated.saturating_sub(table.rows)).sum()
}
