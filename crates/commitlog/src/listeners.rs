//! The listeners of a log. Logs call [`Listeners::notify`] outside their own locks, so that a
//! listener may call back.

use std::fmt;
use std::sync::{Mutex, PoisonError, Weak};

use types::TopicPartition;

use crate::{CommitId, Listener, Visibility};

/// Whoever wants to be told of growth.
#[derive(Default)]
pub(crate) struct Listeners {
    registered: Mutex<Vec<Weak<dyn Listener>>>,
}

impl Listeners {
    /// Adds `listener`.
    pub(crate) fn add(&self, listener: Weak<dyn Listener>) {
        self.registered.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    /// Tells everyone that `partitions` have grown, and forgets those who are gone.
    pub(crate) fn notify(&self, partitions: &[TopicPartition], visibility: Visibility) {
        if !partitions.is_empty() {
            self.tell(|listener| listener.grown(partitions, visibility));
        }
    }

    /// Tells everyone that everything up to `commit` is on stable storage.
    pub(crate) fn notify_durable(&self, commit: CommitId) {
        self.tell(|listener| listener.durable(commit));
    }

    /// Tells everyone that the log takes no more commits.
    pub(crate) fn notify_poisoned(&self, reason: &str) {
        self.tell(|listener| listener.poisoned(reason));
    }

    fn tell(&self, what: impl Fn(&dyn Listener)) {
        let mut alive = Vec::new();
        {
            let mut registered = self.registered.lock().unwrap_or_else(PoisonError::into_inner);
            registered.retain(|listener| match listener.upgrade() {
                Some(strong) => {
                    alive.push(strong);
                    true
                }
                None => false,
            });
        }
        for listener in alive {
            what(&*listener);
        }
    }
}

impl fmt::Debug for Listeners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listeners").finish_non_exhaustive()
    }
}
