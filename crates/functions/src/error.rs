//! What can go wrong when a call is resolved.

/// Result of this crate's fallible calls.
pub type Result<T> = std::result::Result<T, Error>;

/// A call that can't be planned; always the user's to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No function has that name.
    #[error("Can't find any functions with the name '{0}'")]
    Unknown(String),
    /// No overload takes these arguments.
    #[error("{0}")]
    NoMatch(String),
    /// Several overloads fit equally well.
    #[error("{0}")]
    Ambiguous(String),
    /// An argument's value is not allowed.
    #[error("{0}")]
    InvalidArgument(String),
}
