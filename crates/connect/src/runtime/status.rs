//! What a connector shows of itself: state, trace, progress, counts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// State of a connector, in Kafka Connect's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Not started yet.
    #[default]
    Unassigned,
    /// At work, or done with all there was to do.
    Running,
    /// Paused by the user.
    Paused,
    /// Waiting to try again after a failure that may pass.
    Restarting,
    /// Failed; waits for the user.
    Failed,
}

impl State {
    /// The state's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unassigned => "UNASSIGNED",
            Self::Running => "RUNNING",
            Self::Paused => "PAUSED",
            Self::Restarting => "RESTARTING",
            Self::Failed => "FAILED",
        }
    }
}

/// State and the reason for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The state.
    pub state: State,
    /// Why it failed or restarts.
    pub trace: Option<String>,
}

/// How far a connector has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// `snapshot`, `streaming` or another word of the connector's; empty before it runs. A notice of
    /// something that keeps the connector from its work follows, if there is one.
    pub phase: String,
    /// Tables of a snapshot with their progress.
    pub tables: Vec<TableProgress>,
    /// Milliseconds until the snapshot is done, as far as one can tell.
    pub snapshot_eta_ms: Option<u64>,
    /// The source's position, for people.
    pub position: String,
    /// Records committed since the start of the process.
    pub records_total: u64,
    /// Bytes of record batches committed since the start of the process.
    pub bytes_total: u64,
    /// Commits since the start of the process.
    pub commits_total: u64,
    /// Failures that were followed by another attempt.
    pub restarts_total: u64,
    /// When the last commit was made; 0 before the first.
    pub last_commit_ms: i64,
    /// Age of the newest captured change when it was captured.
    pub lag_ms: i64,
    /// Topics written to.
    pub topics: Vec<String>,
}

/// Progress of one table's snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableProgress {
    /// `database.table`.
    pub table: String,
    /// Rows captured.
    pub rows: u64,
    /// Rows that the server estimates there are.
    pub rows_estimated: u64,
    /// Whether all rows were captured.
    pub is_done: bool,
}

/// The live values behind [`Progress`] and [`Status`].
#[derive(Debug, Default)]
pub struct Gauges {
    records: AtomicU64,
    bytes: AtomicU64,
    commits: AtomicU64,
    restarts: AtomicU64,
    last_commit_ms: AtomicI64,
    lag_ms: AtomicI64,
    shown: Mutex<Shown>,
}

#[derive(Debug, Default)]
struct Shown {
    status: Status,
    phase: String,
    notice: Option<String>,
    position: String,
    tables: BTreeMap<String, TableProgress>,
    topics: Vec<String>,
    snapshot_started_ms: i64,
    snapshot_rows_before: u64,
}

impl Gauges {
    /// Sets the state.
    pub fn set_status(&self, state: State, trace: Option<String>) {
        self.shown().status = Status { state, trace };
    }

    /// The state.
    pub fn status(&self) -> Status {
        self.shown().status.clone()
    }

    /// Counts an attempt after a failure.
    pub fn restarted(&self) {
        self.restarts.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a commit.
    pub fn committed(&self, records: u64, bytes: u64, now_ms: i64) {
        self.records.fetch_add(records, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.last_commit_ms.store(now_ms, Ordering::Relaxed);
    }

    /// Records committed since the start of the process.
    pub fn records_total(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }

    /// Sets how old the newest change was when captured.
    pub fn set_lag_ms(&self, lag_ms: i64) {
        self.lag_ms.store(lag_ms.max(0), Ordering::Relaxed);
    }

    /// Sets what the connector is doing.
    pub fn set_phase(&self, phase: &str) {
        self.shown().phase = phase.to_owned();
    }

    /// Sets or removes what the user should notice; tells whether it is another one.
    pub fn set_notice(&self, notice: Option<String>) -> bool {
        let mut shown = self.shown();
        let is_new = shown.notice != notice;
        shown.notice = notice;
        is_new
    }

    /// Sets the source's position.
    pub fn set_position(&self, position: String) {
        self.shown().position = position;
    }

    /// Adds a topic that is written to.
    pub fn add_topic(&self, topic: &str) {
        let mut shown = self.shown();
        if let Err(place) = shown.topics.binary_search_by(|known| known.as_str().cmp(topic)) {
            shown.topics.insert(place, topic.to_owned());
        }
    }

    /// Begins a snapshot of `tables`.
    pub fn begin_snapshot(&self, tables: Vec<TableProgress>, now_ms: i64) {
        let mut shown = self.shown();
        shown.snapshot_started_ms = now_ms;
        shown.snapshot_rows_before = tables.iter().map(|table| table.rows).sum();
        shown.tables = tables.into_iter().map(|table| (table.table.clone(), table)).collect();
    }

    /// Shows the snapshot of an earlier process, unless one of this process is shown.
    pub fn restore_snapshot(&self, tables: Vec<TableProgress>) {
        let mut shown = self.shown();
        if shown.tables.is_empty() {
            shown.tables = tables.into_iter().map(|table| (table.table.clone(), table)).collect();
        }
    }

    /// Moves one table's snapshot on.
    pub fn table_progress(&self, table: &str, rows: u64, is_done: bool) {
        if let Some(entry) = self.shown().tables.get_mut(table) {
            entry.rows = rows;
            entry.is_done = is_done;
        }
    }

    /// All of it, at `now_ms`.
    pub fn progress(&self, now_ms: i64) -> Progress {
        let shown = self.shown();
        Progress {
            phase: shown.phase(),
            tables: shown.tables.values().cloned().collect(),
            snapshot_eta_ms: shown.eta_ms(now_ms),
            position: shown.position.clone(),
            records_total: self.records.load(Ordering::Relaxed),
            bytes_total: self.bytes.load(Ordering::Relaxed),
            commits_total: self.commits.load(Ordering::Relaxed),
            restarts_total: self.restarts.load(Ordering::Relaxed),
            last_commit_ms: self.last_commit_ms.load(Ordering::Relaxed),
            lag_ms: self.lag_ms.load(Ordering::Relaxed),
            topics: shown.topics.clone(),
        }
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        // Every change of what is shown is complete by itself, so a poisoned lock can be used.
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shown {
    fn phase(&self) -> String {
        match &self.notice {
            Some(notice) => format!("{}; {notice}", self.phase),
            None => self.phase.clone(),
        }
    }

    /// Remaining rows at the rate since the snapshot began.
    fn eta_ms(&self, now_ms: i64) -> Option<u64> {
        let unfinished = self.tables.values().filter(|table| !table.is_done);
        let remaining: u64 =
            unfinished.map(|table| table.rows_estimated.saturating_sub(table.rows)).sum();
        let captured: u64 = self.tables.values().map(|table| table.rows).sum();
        let captured = captured.saturating_sub(self.snapshot_rows_before);
        let elapsed_ms = u64::try_from(now_ms - self.snapshot_started_ms).ok()?;
        let is_running = self.tables.values().any(|table| !table.is_done);
        (is_running && captured > 0).then(|| remaining.saturating_mul(elapsed_ms) / captured)
    }
}
