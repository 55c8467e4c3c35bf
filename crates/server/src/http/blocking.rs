//! Calls that may block, off the threads that serve connections.

/// The call panicked; its words are in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("internal error; the server's log has the details")]
pub struct Panicked;

/// Runs `work`, which may block, on a thread where it may.
///
/// # Errors
/// When it panics.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Panicked> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "request failed");
        Panicked
    })
}
