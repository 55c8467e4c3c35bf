//! From partitions that have grown to the tasks that read them.

use std::sync::{Arc, PoisonError, RwLock};

use commitlog::{Listener, Visibility};
use foldhash::HashMap;
use types::TopicPartition;

use super::inbox::Inbox;

/// A task on its worker.
type Reader = (usize, usize);

/// Who reads what.
pub(super) struct Routes {
    inboxes: Vec<Arc<Inbox>>,
    readers: RwLock<HashMap<TopicPartition, Vec<Reader>>>,
}

impl Routes {
    /// Routes to these workers.
    pub fn new(inboxes: Vec<Arc<Inbox>>) -> Self {
        Self { inboxes, readers: RwLock::new(HashMap::default()) }
    }

    /// Task `task` on `worker` reads `partitions`.
    pub fn add(&self, worker: usize, task: usize, partitions: Vec<TopicPartition>) {
        let mut readers = self.readers.write().unwrap_or_else(PoisonError::into_inner);
        for partition in partitions {
            readers.entry(partition).or_default().push((worker, task));
        }
    }

    /// Task `task` reads no more.
    pub fn remove(&self, task: usize) {
        let mut readers = self.readers.write().unwrap_or_else(PoisonError::into_inner);
        readers.retain(|_, tasks| {
            tasks.retain(|(_, reader)| *reader != task);
            !tasks.is_empty()
        });
    }
}

impl Listener for Routes {
    fn grown(&self, partitions: &[TopicPartition], visibility: Visibility) {
        if visibility != Visibility::Committed {
            return;
        }
        let readers = self.readers.read().unwrap_or_else(PoisonError::into_inner);
        for (worker, task) in partitions.iter().filter_map(|at| readers.get(at)).flatten() {
            self.inboxes[*worker].wake(*task);
        }
    }
}
