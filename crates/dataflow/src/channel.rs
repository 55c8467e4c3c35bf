//! The bounded channel between a `Return` operator and whoever reads a push query's rows.
//!
//! The task never blocks on it: a full channel means the task is not run until the reader has taken
//! something ([`RowSender::on_space`]). The reader may poll, wait, or have itself called
//! ([`RowReceiver::on_rows`]); dropping it ends the query's output.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Error, Rows};

type Callback = Arc<dyn Fn() + Send + Sync>;

/// Creates a channel that holds at most `batches_max` batches (at least one).
pub fn push_channel(batches_max: usize) -> (RowSender, RowReceiver) {
    let shared = Arc::new(Shared {
        inner: Mutex::new(Inner::default()),
        arrived: Condvar::new(),
        batches_max: batches_max.max(1),
    });
    let sender = RowSender { guard: Arc::new(SenderGuard { shared: Arc::clone(&shared) }) };
    (sender, RowReceiver { shared })
}

/// The writing end; clones write to the same channel, which ends when the last is dropped.
#[derive(Clone)]
pub struct RowSender {
    guard: Arc<SenderGuard>,
}

/// The reading end.
pub struct RowReceiver {
    shared: Arc<Shared>,
}

/// What a receiver found.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "it is taken apart where it is received")]
pub enum Received {
    /// The next rows.
    Rows(Rows),
    /// Nothing for now.
    Nothing,
    /// The query failed; nothing more comes.
    Failed(Error),
    /// The query ended; nothing more comes.
    Ended,
}

struct Shared {
    inner: Mutex<Inner>,
    arrived: Condvar,
    batches_max: usize,
}

#[derive(Default)]
struct Inner {
    batches: VecDeque<Rows>,
    failure: Option<Error>,
    has_ended: bool,
    is_abandoned: bool,
    on_rows: Option<Callback>,
    on_space: Option<Callback>,
}

struct SenderGuard {
    shared: Arc<Shared>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Each critical section leaves the queue whole, so a poisoned lock holds good data.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Inner)) {
        let callback = {
            let mut inner = self.lock();
            change(&mut inner);
            inner.on_rows.clone()
        };
        self.arrived.notify_all();
        if let Some(callback) = callback {
            callback();
        }
    }
}

impl RowSender {
    /// Puts `rows` at the end. The bound is soft by one batch per task: a task runs only while
    /// [`Self::has_space`], and then delivers all rows of its batch.
    pub fn send(&self, rows: Rows) {
        self.guard.shared.change(|inner| {
            if !inner.is_abandoned {
                inner.batches.push_back(rows);
            }
        });
    }

    /// Ends the channel with a failure.
    pub fn fail(&self, error: Error) {
        self.guard.shared.change(|inner| inner.failure = Some(error));
    }

    /// Ends the channel.
    pub fn end(&self) {
        self.guard.shared.change(|inner| inner.has_ended = true);
    }

    /// Whether the bound is not reached.
    pub fn has_space(&self) -> bool {
        let inner = self.guard.shared.lock();
        inner.is_abandoned || inner.batches.len() < self.guard.shared.batches_max
    }

    /// Whether the reader is gone.
    pub fn is_abandoned(&self) -> bool {
        self.guard.shared.lock().is_abandoned
    }

    /// Has `callback` called after the reader took rows or went away; it must not block.
    pub fn on_space(&self, callback: Arc<dyn Fn() + Send + Sync>) {
        self.guard.shared.lock().on_space = Some(callback);
    }
}

impl RowReceiver {
    /// The next rows, if there are any now.
    pub fn try_recv(&self) -> Received {
        self.take(self.shared.lock())
    }

    /// The next rows, waiting for them up to `timeout`.
    pub fn recv_timeout(&self, timeout: Duration) -> Received {
        let is_idle = |inner: &mut Inner| {
            inner.batches.is_empty() && inner.failure.is_none() && !inner.has_ended
        };
        let waited = self.shared.arrived.wait_timeout_while(self.shared.lock(), timeout, is_idle);
        let (inner, _) = waited.unwrap_or_else(PoisonError::into_inner);
        self.take(inner)
    }

    /// Has `callback` called after rows, a failure or the end arrived; it must not block.
    pub fn on_rows(&self, callback: Arc<dyn Fn() + Send + Sync>) {
        self.shared.lock().on_rows = Some(callback);
    }

    fn take(&self, mut inner: MutexGuard<'_, Inner>) -> Received {
        if let Some(rows) = inner.batches.pop_front() {
            let callback = inner.on_space.clone();
            drop(inner);
            if let Some(callback) = callback {
                callback();
            }
            return Received::Rows(rows);
        }
        match (&inner.failure, inner.has_ended) {
            (Some(error), _) => Received::Failed(error.clone()),
            (None, true) => Received::Ended,
            (None, false) => Received::Nothing,
        }
    }
}

impl Drop for RowReceiver {
    fn drop(&mut self) {
        let callback = {
            let mut inner = self.shared.lock();
            inner.is_abandoned = true;
            inner.batches.clear();
            inner.on_space.clone()
        };
        if let Some(callback) = callback {
            callback();
        }
    }
}

impl Drop for SenderGuard {
    fn drop(&mut self) {
        self.shared.change(|inner| inner.has_ended = true);
    }
}

impl fmt::Debug for RowSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowSender").finish_non_exhaustive()
    }
}

impl fmt::Debug for RowReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowReceiver").finish_non_exhaustive()
    }
}
