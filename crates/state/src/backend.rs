//! The contract of what lies behind the caches: an ordered map of bytes with atomic batches.

use std::fmt;
use std::ops::ControlFlow;

use crate::Result;

/// Called with each key and value of a scan; `Break` ends it.
pub type Visit<'a> = &'a mut dyn FnMut(&[u8], &[u8]) -> ControlFlow<()>;

/// One entry of an atomic batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The whole key, with the store's prefix.
    pub key: Vec<u8>,
    /// The value, or `None` to remove the key.
    pub value: Option<Vec<u8>>,
}

/// An ordered key-value map shared by all stores of a process. Calls may block on the disk.
pub trait Backend: Send + Sync + fmt::Debug {
    /// The value of `key`.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>>;

    /// Visits the entries with `from <= key < to` in ascending order.
    fn scan(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<()>;

    /// Applies all of `writes` or none, and returns when they are on stable storage.
    fn apply(&self, writes: Vec<Write>) -> Result<()>;

    /// Removes every key that starts with `prefix`.
    fn delete_prefix(&self, prefix: &[u8]) -> Result<()>;
}

/// The smallest byte string above everything that starts with `prefix`; empty when there is none.
pub(crate) fn prefix_end(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return end;
        }
    }
    end
}
