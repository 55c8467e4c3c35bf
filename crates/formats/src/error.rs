//! What can go wrong with formats.

use types::SchemaId;

/// Result of this crate's fallible calls.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed call, by what the caller can do about it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The format can't hold these columns; the user must choose other types or another format.
    #[error("{0}")]
    Unsupported(String),
    /// A row can't be written.
    #[error("{0}")]
    Encode(String),
    /// No schema has that id.
    #[error("schema {0} not found")]
    UnknownSchema(SchemaId),
    /// The text is no schema of its type, or one that SQL types can't express.
    #[error("invalid schema: {0}")]
    InvalidSchema(String),
    /// The subject's compatibility level forbids the schema.
    #[error(
        "schema being registered is incompatible with an earlier schema for subject \"{subject}\": {reason}"
    )]
    IncompatibleSchema {
        /// The subject.
        subject: String,
        /// What is not compatible.
        reason: String,
    },
    /// The registry can't be reached or its log refused.
    #[error("schema registry: {0}")]
    Registry(String),
}

impl Error {
    /// Whether the same call may succeed later without anything else changing.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Registry(_))
    }
}
