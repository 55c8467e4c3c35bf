//! Tells a reader that the topic it prints has grown.

use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use commitlog::{Listener, Visibility};
use types::TopicPartition;

use crate::Wake;

/// Listens to one topic.
pub struct Watch {
    topic: String,
    inner: Mutex<Watched>,
    grown: Condvar,
}

#[derive(Default)]
struct Watched {
    has_grown: bool,
    wake: Option<Wake>,
}

impl Watch {
    /// A watch over `topic`.
    pub fn new(topic: &str) -> Self {
        Self { topic: topic.to_owned(), inner: Mutex::default(), grown: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets growth noted so far; to be called before a look at the log.
    pub fn clear(&self) {
        self.lock().has_grown = false;
    }

    /// Waits for growth since the last [`Self::clear`] up to `timeout`, and tells whether there was.
    pub fn wait(&self, timeout: Duration) -> bool {
        let is_idle = |inner: &mut Watched| !inner.has_grown;
        let waited = self.grown.wait_timeout_while(self.lock(), timeout, is_idle);
        waited.unwrap_or_else(PoisonError::into_inner).0.has_grown
    }

    /// Has `wake` called on growth.
    pub fn on_growth(&self, wake: Wake) {
        self.lock().wake = Some(wake);
    }
}

impl Listener for Watch {
    fn grown(&self, partitions: &[TopicPartition], visibility: Visibility) {
        let is_mine = partitions.iter().any(|at| *at.topic == *self.topic);
        if visibility != Visibility::Durable || !is_mine {
            return;
        }
        let wake = {
            let mut inner = self.lock();
            inner.has_grown = true;
            inner.wake.clone()
        };
        self.grown.notify_all();
        if let Some(wake) = wake {
            wake();
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("topic", &self.topic).finish_non_exhaustive()
    }
}
