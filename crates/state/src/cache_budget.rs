//! The memory that all caches of a process may take together, whoever owns them.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Shared by the stores of a process. Each tells what its cache takes, once per batch; while they take
/// more than the limit together, each keeps to an equal share of it.
#[derive(Debug)]
pub struct CacheBudget {
    bytes_max: AtomicUsize,
    bytes: AtomicUsize,
    stores: AtomicUsize,
}

impl CacheBudget {
    /// A budget of `bytes_max`.
    pub fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max: AtomicUsize::new(bytes_max),
            bytes: AtomicUsize::new(0),
            stores: AtomicUsize::new(0),
        }
    }

    /// Changes the limit; caches follow with their next batch.
    pub fn set_bytes_max(&self, bytes_max: usize) {
        self.bytes_max.store(bytes_max, Ordering::Relaxed);
    }

    /// About what all caches take.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether the caches take more than the limit.
    pub fn is_exceeded(&self) -> bool {
        self.bytes() > self.bytes_max.load(Ordering::Relaxed)
    }

    /// What each store may keep while the limit is exceeded.
    pub fn share(&self) -> usize {
        self.bytes_max.load(Ordering::Relaxed) / self.stores.load(Ordering::Relaxed).max(1)
    }

    pub(crate) fn join(&self) {
        self.stores.fetch_add(1, Ordering::Relaxed);
    }

    /// A store that took `bytes` is gone.
    pub(crate) fn leave(&self, bytes: usize) {
        self.stores.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// An owner of memory that took `before` takes `now`. Stores do this themselves.
    pub fn report(&self, before: usize, now: usize) {
        // Adding first keeps the sum from wrapping below zero.
        self.bytes.fetch_add(now, Ordering::Relaxed);
        self.bytes.fetch_sub(before, Ordering::Relaxed);
    }
}
