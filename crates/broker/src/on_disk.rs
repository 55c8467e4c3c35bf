//! Calls into the log from asynchronous code. They may wait for the disk, so the runtime is told to
//! let another thread take over this one's tasks; a runtime of one thread (the simulator's) has no
//! other and simply waits.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Runs `work`, which may wait for the disk.
pub(crate) fn on_disk<T>(work: impl FnOnce() -> T) -> T {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => tokio::task::block_in_place(work),
        _ => work(),
    }
}
