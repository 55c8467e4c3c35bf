//! Which primary keys refer to a foreign key: the subscriptions of foreign-key joins.
//!
//! An entry is foreign key, then primary key, without value; foreign keys are prefix-free, so a scan
//! by foreign key finds exactly its primary keys.

use std::ops::ControlFlow;

use crate::{Result, Store};

/// Primary keys by foreign key.
#[derive(Debug)]
pub struct KeyIndex {
    store: Store,
}

impl KeyIndex {
    /// An index kept in `store`, which must hold nothing else.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// The store below, for commits and checkpoints.
    pub fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Notes that `primary` refers to `foreign`.
    pub fn insert(&mut self, foreign: &[u8], primary: &[u8]) {
        self.store.put(&[foreign, primary].concat(), &[]);
    }

    /// Forgets that `primary` refers to `foreign`.
    pub fn remove(&mut self, foreign: &[u8], primary: &[u8]) {
        self.store.delete(&[foreign, primary].concat());
    }

    /// Visits the primary keys that refer to `foreign`, ascending.
    pub fn primaries(
        &self,
        foreign: &[u8],
        mut visit: impl FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<()> {
        self.store.scan_prefix(foreign, &mut |key, _| visit(&key[foreign.len()..]))
    }
}
