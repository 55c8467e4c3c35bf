//! Where transactional ids stand in memory: one slot each, which whoever works on the id holds alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use commitlog::CommitId;

use super::transaction::Transaction;

/// One transactional id.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) id: Arc<str>,
    /// What the log says; `None` as long as that is nothing.
    pub(super) transaction: Option<Arc<Transaction>>,
    /// The commit that says it.
    pub(super) commit: CommitId,
    /// Where the id stands in the queue of deadlines.
    pub(super) deadline_ms: Option<i64>,
    /// Set when the id is taken out of the map: whoever still finds the slot must look again.
    is_forgotten: bool,
}

/// The slots of all ids. Their map is locked only to look one up; who holds a slot may lock the map.
#[derive(Debug, Default)]
pub(super) struct Slots {
    by_id: Mutex<BTreeMap<Arc<str>, Arc<Mutex<Slot>>>>,
}

impl Slots {
    fn by_id(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Arc<Mutex<Slot>>>> {
        self.by_id.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, id: &str) -> Option<Arc<Mutex<Slot>>> {
        self.by_id().get(id).map(Arc::clone)
    }

    fn get_or_insert(&self, id: &str) -> Arc<Mutex<Slot>> {
        let mut by_id = self.by_id();
        if let Some(shared) = by_id.get(id) {
            return Arc::clone(shared);
        }
        let id: Arc<str> = id.into();
        let slot = Arc::new(Mutex::new(Slot::new(Arc::clone(&id))));
        by_id.insert(id, Arc::clone(&slot));
        slot
    }

    /// Works on `id` alone, whether it is known or not.
    pub(super) fn with<T>(&self, id: &str, work: impl FnOnce(&mut Slot) -> T) -> T {
        loop {
            let shared = self.get_or_insert(id);
            let mut slot = lock(&shared);
            if !slot.is_forgotten {
                return work(&mut slot);
            }
        }
    }

    /// Works on `id` alone if the log knows it.
    pub(super) fn with_known<T>(
        &self,
        id: &str,
        work: impl FnOnce(&mut Slot, &Transaction) -> T,
    ) -> Option<T> {
        let shared = self.get(id)?;
        let mut slot = lock(&shared);
        let transaction = slot.transaction.clone()?;
        Some(work(&mut slot, &transaction))
    }

    /// How `id` stands, if the log knows it.
    pub(super) fn find(&self, id: &str) -> Option<Arc<Transaction>> {
        let shared = self.get(id)?;
        lock(&shared).transaction.clone()
    }

    /// Every id with its state, each at its own moment.
    pub(super) fn snapshot(&self) -> Vec<(Arc<str>, Arc<Transaction>)> {
        let slots: Vec<_> = self.by_id().values().cloned().collect();
        let states = slots.iter().filter_map(|shared| {
            let slot = lock(shared);
            Some((Arc::clone(&slot.id), slot.transaction.clone()?))
        });
        states.collect()
    }

    /// Forgets the id of `slot`.
    pub(super) fn forget(&self, slot: &mut Slot) {
        slot.transaction = None;
        slot.is_forgotten = true;
        self.by_id().remove(&slot.id);
    }
}

fn lock(slot: &Mutex<Slot>) -> MutexGuard<'_, Slot> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Slot {
    fn new(id: Arc<str>) -> Self {
        Self {
            id,
            transaction: None,
            commit: CommitId::default(),
            deadline_ms: None,
            is_forgotten: false,
        }
    }
}
