//! The one place where this crate starts threads.

use std::thread::{Builder, JoinHandle};

/// Runs `work` on a thread called `name`.
///
/// # Errors
/// When the system gives no thread.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    Builder::new().name(name.to_owned()).spawn(work)
}

/// Runs `work` on a thread with a stack of that size and waits for it; `None` when the system gives
/// no thread, or `work` panicked.
pub fn with_stack<T: Send>(stack_bytes: usize, work: impl FnOnce() -> T + Send) -> Option<T> {
    std::thread::scope(|scope| {
        let builder = Builder::new().name("deep-work".to_owned()).stack_size(stack_bytes);
        builder.spawn_scoped(scope, work).ok()?.join().ok()
    })
}
