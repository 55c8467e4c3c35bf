//! When to look at which transactional id again: when its transaction times out, or when it has been
//! unused for so long that it is forgotten.
//!
//! Every id stands in the queue at most once, at its next deadline or before. One that comes up too
//! early is put back at its real deadline; so an id that begins a transaction many times a second
//! costs the queue one move per timeout.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The queue of deadlines.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    queue: Mutex<BTreeSet<(i64, Arc<str>)>>,
    sooner: Notify,
}

impl Deadlines {
    fn queue(&self) -> MutexGuard<'_, BTreeSet<(i64, Arc<str>)>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves `id` from `before_ms`, where it stood, to `at_ms`.
    pub(super) fn move_to(&self, id: &Arc<str>, before_ms: Option<i64>, at_ms: i64) {
        let mut queue = self.queue();
        if let Some(before_ms) = before_ms {
            queue.remove(&(before_ms, Arc::clone(id)));
        }
        queue.insert((at_ms, Arc::clone(id)));
        let is_first = queue.first().is_some_and(|(_, first)| first == id);
        drop(queue);
        if is_first {
            self.sooner.notify_one();
        }
    }

    /// The first deadline.
    pub(super) fn next_ms(&self) -> Option<i64> {
        self.queue().first().map(|(at_ms, _)| *at_ms)
    }

    /// Takes the next id whose deadline has passed out of the queue, with that deadline.
    pub(super) fn take_due(&self, now_ms: i64) -> Option<(i64, Arc<str>)> {
        let mut queue = self.queue();
        let is_due = queue.first().is_some_and(|(at_ms, _)| *at_ms <= now_ms);
        if is_due { queue.pop_first() } else { None }
    }

    /// Waits until the first deadline has changed since the last call.
    pub(super) async fn changed(&self) {
        self.sooner.notified().await;
    }
}
