//! The one place where this crate starts threads.

use std::thread::{Builder, JoinHandle};

/// Runs `work` on a thread called `name`.
///
/// # Errors
/// When the system gives no thread.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(work)
}
