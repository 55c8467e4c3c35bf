//! The backend of tests and of nodes without a data directory: a map in memory.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};
use std::sync::{Mutex, PoisonError};

use crate::Result;
use crate::backend::{Backend, Visit, Write, prefix_end};

/// An ordered map in memory. What it holds survives its stores, as a disk would.
#[derive(Debug, Default)]
pub struct MemoryBackend {
    entries: Mutex<BTreeMap<Vec<u8>, Vec<u8>>>,
}

impl MemoryBackend {
    /// An empty backend.
    pub fn new() -> Self {
        Self::default()
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<Vec<u8>, Vec<u8>>) -> T) -> T {
        // A panic elsewhere can't leave the map half changed: every change below is one call.
        work(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Backend for MemoryBackend {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>> {
        Ok(self.with(|entries| entries.get(key).cloned()))
    }

    fn scan(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<()> {
        if from >= to {
            return Ok(());
        }
        self.with(|entries| {
            let bounds = (Bound::Included(from), Bound::Excluded(to));
            for (key, value) in entries.range::<[u8], _>(bounds) {
                if let ControlFlow::Break(()) = visit(key, value) {
                    break;
                }
            }
        });
        Ok(())
    }

    fn apply(&self, writes: Vec<Write>) -> Result<()> {
        self.with(|entries| {
            for Write { key, value } in writes {
                match value {
                    Some(value) => entries.insert(key, value),
                    None => entries.remove(&key),
                };
            }
        });
        Ok(())
    }

    fn delete_prefix(&self, prefix: &[u8]) -> Result<()> {
        let end = prefix_end(prefix);
        self.with(|entries| {
            entries.retain(|key, _| key.as_slice() < prefix || key.as_slice() >= end.as_slice());
        });
        Ok(())
    }
}
