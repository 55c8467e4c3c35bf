//! What can go wrong in the registry, with the codes of Confluent's REST API.

use types::SchemaId;

/// Result of the registry's calls.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed call, by what the caller can do about it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// No such subject.
    #[error("Subject '{0}' not found.")]
    SubjectNotFound(String),
    /// The subject has no such version.
    #[error("Version {0} not found.")]
    VersionNotFound(String),
    /// No schema has that id.
    #[error("Schema {0} not found")]
    SchemaNotFound(SchemaId),
    /// The subject does not hold that schema.
    #[error("Schema not found")]
    SchemaNotUnderSubject,
    /// The subject is soft-deleted already.
    #[error("Subject '{0}' was soft deleted. Set permanent=true to delete permanently")]
    SubjectSoftDeleted(String),
    /// Only a soft-deleted subject can be deleted for good.
    #[error("Subject '{0}' was not deleted first before being permanently deleted")]
    SubjectNotSoftDeleted(String),
    /// The version is soft-deleted already.
    #[error(
        "Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently"
    )]
    VersionSoftDeleted {
        /// The subject.
        subject: String,
        /// The version.
        version: i32,
    },
    /// Only a soft-deleted version can be deleted for good.
    #[error(
        "Subject '{subject}' Version {version} was not deleted first before being permanently deleted"
    )]
    VersionNotSoftDeleted {
        /// The subject.
        subject: String,
        /// The version.
        version: i32,
    },
    /// The subject follows the global level.
    #[error("Subject '{0}' does not have subject-level compatibility configured")]
    LevelNotConfigured(String),
    /// The subject follows the global mode.
    #[error("Subject '{0}' does not have subject-level mode configured")]
    ModeNotConfigured(String),
    /// The text is no schema of its type.
    #[error("Invalid schema: {0}")]
    InvalidSchema(String),
    /// No version number.
    #[error(
        "The specified version '{0}' is not a valid version id. Allowed values are between \
         [1, 2^31-1] and the string \"latest\""
    )]
    InvalidVersion(String),
    /// No compatibility level.
    #[error(
        "Invalid compatibility level. Valid values are none, backward, forward, full, \
         backward_transitive, forward_transitive, and full_transitive"
    )]
    InvalidLevel,
    /// No mode.
    #[error("Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, and IMPORT")]
    InvalidMode,
    /// The mode forbids the call.
    #[error("{0}")]
    NotPermitted(String),
    /// Another schema refers to this one.
    #[error("One or more references exist to version {version} of subject '{subject}'")]
    ReferenceExists {
        /// The subject.
        subject: String,
        /// The version.
        version: i32,
    },
    /// Not a name for a subject.
    #[error("The specified subject '{0}' is not valid")]
    InvalidSubject(String),
    /// The compatibility level forbids the schema.
    #[error(
        "Schema being registered is incompatible with an earlier schema for subject \"{subject}\", \
         details: [{}]", details.join(", ")
    )]
    Incompatible {
        /// The subject.
        subject: String,
        /// What is not compatible, and with which version.
        details: Vec<String>,
    },
    /// The log under the registry refused.
    #[error("Error in the backend data store: {0}")]
    Store(String),
}

impl Error {
    /// Confluent's error code; its first three digits are the HTTP status.
    pub fn code(&self) -> u32 {
        match self {
            Self::SubjectNotFound(_) => 40401,
            Self::VersionNotFound(_) => 40402,
            Self::SchemaNotFound(_) | Self::SchemaNotUnderSubject => 40403,
            Self::SubjectSoftDeleted(_) => 40404,
            Self::SubjectNotSoftDeleted(_) => 40405,
            Self::VersionSoftDeleted { .. } => 40406,
            Self::VersionNotSoftDeleted { .. } => 40407,
            Self::LevelNotConfigured(_) => 40408,
            Self::ModeNotConfigured(_) => 40409,
            Self::InvalidSchema(_) => 42201,
            Self::InvalidVersion(_) => 42202,
            Self::InvalidLevel => 42203,
            Self::InvalidMode => 42204,
            Self::NotPermitted(_) => 42205,
            Self::ReferenceExists { .. } => 42206,
            Self::InvalidSubject(_) => 42208,
            Self::Incompatible { .. } => 409,
            Self::Store(_) => 50001,
        }
    }

    /// Whether the same call may succeed later without anything else changing.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(_))
    }
}
