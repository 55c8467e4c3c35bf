//! What the tasks of a process share: the memory of their caches, and records decoded once for all of
//! them. Made by the runtime (or the test driver), handed to every task.

use std::sync::Arc;

use state::CacheBudget;

use crate::source::SharedDecodes;

/// Memory of all state caches together, unless the runtime is told otherwise.
const CACHES_BYTES_MAX: usize = 512 << 20;

/// Shared by tasks. Cloning is cheap.
#[derive(Clone, Debug)]
pub(crate) struct Shares {
    /// Memory of caches.
    pub caches: Arc<CacheBudget>,
    /// Decoded records.
    pub decodes: Arc<SharedDecodes>,
}

impl Default for Shares {
    fn default() -> Self {
        Self {
            caches: Arc::new(CacheBudget::new(CACHES_BYTES_MAX)),
            decodes: Arc::new(SharedDecodes::default()),
        }
    }
}
