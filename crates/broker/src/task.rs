//! The one place where asynchronous tasks are started: those of this crate and of the doors above it.

use std::future::Future;

use tokio::task::JoinHandle;

/// Runs `work` as a task called `name`; a panic in it is logged and ends nothing else.
pub fn spawn(
    name: &'static str,
    work: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = tokio::spawn(work).await {
            tracing::error!(task = name, %error, "task failed");
        }
    })
}
