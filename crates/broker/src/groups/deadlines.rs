//! When which group has something to do. A group is entered again whenever its next deadline comes
//! closer; entries that are out of date are recognised by their group when they come up.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// A group's deadline.
type Due = (Instant, Arc<str>);

/// The deadlines of all groups.
#[derive(Debug, Default)]
pub(super) struct Deadlines {
    heap: Mutex<BinaryHeap<Reverse<Due>>>,
    earlier: Notify,
}

impl Deadlines {
    fn heap(&self) -> MutexGuard<'_, BinaryHeap<Reverse<Due>>> {
        self.heap.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `group` has something to do at `at`.
    pub(super) fn add(&self, at: Instant, group: Arc<str>) {
        let mut heap = self.heap();
        let is_earliest = heap.peek().is_none_or(|Reverse((earliest, _))| at < *earliest);
        heap.push(Reverse((at, group)));
        drop(heap);
        if is_earliest {
            self.earlier.notify_one();
        }
    }

    /// Waits for the next deadline, or longer when it is put off meanwhile.
    pub(super) async fn next(&self) -> Due {
        loop {
            let next = self.heap().peek().map(|Reverse((at, _))| *at);
            match next {
                None => self.earlier.notified().await,
                Some(at) if at > Instant::now() => {
                    tokio::select! {
                        biased;
                        () = sleep_until(at) => {}
                        () = self.earlier.notified() => {}
                    }
                }
                Some(_) => {
                    if let Some(Reverse(due)) = self.heap().pop() {
                        return due;
                    }
                }
            }
        }
    }
}
