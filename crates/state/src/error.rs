//! What can go wrong with state.

/// Result of this crate's fallible calls.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed call, by what the caller can do about it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The backend could not read or write; the task must stop and may be restored later.
    #[error("state store: cannot {action}: {reason}")]
    Backend {
        /// What was attempted.
        action: &'static str,
        /// The backend's words.
        reason: String,
    },
    /// What the backend holds was not written by this release or an older one. The store can be
    /// wiped and rebuilt from its changelog.
    #[error("state store: corrupt checkpoint of {store}: {reason}")]
    Corrupt {
        /// Which store.
        store: String,
        /// What is wrong.
        reason: String,
    },
}
