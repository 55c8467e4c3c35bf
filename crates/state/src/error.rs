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
    /// What the backend has on disk is damaged: no store can be trusted.
    #[error(
        "state store: cannot {action}: {reason}; the state on disk is damaged: stop the server and delete \
         its state directory, and state is rebuilt from the changelogs"
    )]
    Damaged {
        /// What was attempted.
        action: &'static str,
        /// The backend's words.
        reason: String,
    },
    /// What the backend holds of a store is damaged. The store can be wiped and rebuilt from its
    /// changelog.
    #[error("state store {store} is damaged: {reason}")]
    Corrupt {
        /// Which store.
        store: String,
        /// What is wrong.
        reason: String,
    },
    /// What is stored was written by another release in a way this one does not know.
    #[error(
        "state store {store}: the format of {what} is {found}, and this release knows {known}; start a \
         release that knows it, or drop the query and create it again"
    )]
    Unknown {
        /// Which store.
        store: String,
        /// What has it.
        what: &'static str,
        /// The number found.
        found: u8,
        /// The number this release writes.
        known: u8,
    },
    /// The directory of the state is not one of this release.
    #[error(
        "state directory {path}: {reason}; delete it, and state is rebuilt from the changelogs"
    )]
    Directory {
        /// Which directory.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

impl Error {
    /// Whether the same call may succeed later without anybody doing something.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Backend { .. })
    }
}
