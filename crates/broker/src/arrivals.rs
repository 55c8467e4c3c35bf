//! Wakes fetches that wait for records. A waiting fetch registers the partitions it wants; growth on
//! stable storage of any of them wakes it once. Nothing is kept for whoever does not wait.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use std::collections::HashMap;
use tokio::sync::Notify;
use types::TopicPartition;

/// Everyone who waits for records.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    waiting: Mutex<HashMap<TopicPartition, Vec<Arc<Notify>>>>,
}

/// One waiting fetch; it is forgotten when dropped.
#[derive(Debug)]
pub(crate) struct Waiter<'a> {
    arrivals: &'a Arrivals,
    partitions: Vec<TopicPartition>,
    notify: Arc<Notify>,
}

impl Arrivals {
    fn waiting(&self) -> MutexGuard<'_, HashMap<TopicPartition, Vec<Arc<Notify>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `partitions` have more to read.
    pub(crate) fn grown(&self, partitions: &[TopicPartition]) {
        let waiting = self.waiting();
        if waiting.is_empty() {
            return;
        }
        for notify in partitions.iter().filter_map(|at| waiting.get(at)).flatten() {
            notify.notify_one();
        }
    }

    /// Registers for growth of `partitions`. Look for records after this, or growth in between is
    /// missed.
    pub(crate) fn wait_for(&self, partitions: Vec<TopicPartition>) -> Waiter<'_> {
        let notify = Arc::new(Notify::new());
        let mut waiting = self.waiting();
        for at in &partitions {
            waiting.entry(at.clone()).or_default().push(Arc::clone(&notify));
        }
        drop(waiting);
        Waiter { arrivals: self, partitions, notify }
    }
}

impl Waiter<'_> {
    /// Waits until one of the partitions has grown since the last call.
    pub(crate) async fn grown(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut waiting = self.arrivals.waiting();
        for at in &self.partitions {
            if let Some(waiters) = waiting.get_mut(at) {
                waiters.retain(|notify| !Arc::ptr_eq(notify, &self.notify));
                if waiters.is_empty() {
                    waiting.remove(at);
                }
            }
        }
    }
}
