//! A query as the runtime knows it: where its tasks are and how it is.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::key_router::KeyRouter;
use crate::running::PreparedQuery;
use crate::{Error, QueryState, QueryStatus};

/// Where a task lives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placement {
    /// Number of the worker.
    pub worker: usize,
    /// Number of the task, unique in the runtime.
    pub task: usize,
    /// Index of its sub-topology.
    pub sub_topology: usize,
}

/// A query in the runtime.
#[derive(Debug)]
pub(super) struct QueryHandle {
    /// The query.
    pub query: PreparedQuery,
    /// Its tasks, in the order of the query's.
    pub placements: Vec<Placement>,
    /// Finds the owners of keys, where that can be told.
    pub router: Option<KeyRouter>,
    is_paused: AtomicBool,
    error: Mutex<Option<Error>>,
}

impl QueryHandle {
    /// A query that runs.
    pub fn new(
        query: PreparedQuery,
        placements: Vec<Placement>,
        router: Option<KeyRouter>,
    ) -> Self {
        let is_paused = AtomicBool::new(false);
        Self { query, placements, router, is_paused, error: Mutex::new(None) }
    }

    /// Its status.
    pub fn status(&self) -> QueryStatus {
        let error = super::lock(&self.error).clone();
        let state = match (&error, self.is_paused()) {
            (Some(_), _) => QueryState::Error,
            (None, true) => QueryState::Paused,
            (None, false) => QueryState::Running,
        };
        QueryStatus { state, error }
    }

    /// Whether its tasks rest.
    pub fn is_paused(&self) -> bool {
        self.is_paused.load(Ordering::Acquire)
    }

    /// Lets its tasks rest or run.
    pub fn set_paused(&self, is_paused: bool) {
        self.is_paused.store(is_paused, Ordering::Release);
    }

    /// Notes the error that stops it; false when it had stopped before.
    pub fn set_failed(&self, error: &Error) -> bool {
        let mut present = super::lock(&self.error);
        if present.is_some() {
            return false;
        }
        *present = Some(error.clone());
        if let Some(rows) = &self.query.rows {
            rows.fail(error.clone());
        }
        true
    }

    /// Forgets the error.
    pub fn set_running(&self) {
        *super::lock(&self.error) = None;
    }

    /// Tells the reader of its rows that no more come.
    pub fn end_rows(&self) {
        if let Some(rows) = &self.query.rows {
            rows.end();
        }
    }
}
