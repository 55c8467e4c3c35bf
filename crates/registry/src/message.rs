//! The records of `_schemas`, in Confluent's format: JSON keys told apart by `keytype`, JSON values.
//!
//! | key | value | meaning |
//! |---|---|---|
//! | `SCHEMA` subject, version | id, schema, `deleted` | a version; null: it is gone for good |
//! | `CONFIG` subject or null | `compatibilityLevel` | a level; null: none of its own |
//! | `MODE` subject or null | `mode` | a mode; null: none of its own |
//! | `DELETE_SUBJECT` subject | version | versions up to that one are soft-deleted |
//! | `CLEAR_SUBJECT` subject | | soft-deleted versions are gone for good |
//! | `NOOP` | | nothing |

use formats::SchemaType;
use serde::{Deserialize, Serialize};

use crate::{CompatibilityLevel, Mode, Reference};

/// Key of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "keytype", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Key {
    /// A version of a subject.
    Schema {
        /// The subject.
        subject: String,
        /// The version's number.
        version: i32,
        /// Format of the record.
        magic: u8,
    },
    /// A compatibility level.
    Config {
        /// The subject; `None` for the global level.
        subject: Option<String>,
        /// Format of the record.
        magic: u8,
    },
    /// A mode.
    Mode {
        /// The subject; `None` for the global mode.
        subject: Option<String>,
        /// Format of the record.
        magic: u8,
    },
    /// Soft deletion of a subject.
    DeleteSubject {
        /// The subject.
        subject: String,
        /// Format of the record.
        magic: u8,
    },
    /// Final deletion of what is soft-deleted.
    ClearSubject {
        /// The subject.
        subject: String,
        /// Format of the record.
        magic: u8,
    },
    /// Nothing.
    Noop {
        /// Format of the record.
        magic: u8,
    },
}

impl Key {
    /// Key of a subject's version.
    pub fn schema(subject: &str, version: i32) -> Self {
        Self::Schema { subject: subject.to_owned(), version, magic: 1 }
    }

    /// Key of a level.
    pub fn config(subject: Option<&str>) -> Self {
        Self::Config { subject: subject.map(str::to_owned), magic: 0 }
    }

    /// Key of a mode.
    pub fn mode(subject: Option<&str>) -> Self {
        Self::Mode { subject: subject.map(str::to_owned), magic: 0 }
    }

    /// Key of a soft deletion.
    pub fn delete_subject(subject: &str) -> Self {
        Self::DeleteSubject { subject: subject.to_owned(), magic: 0 }
    }
}

/// Value of a `SCHEMA` record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaValue {
    /// The subject.
    pub subject: String,
    /// The version's number.
    pub version: i32,
    /// The schema's id.
    pub id: i32,
    /// AVRO when it is missing.
    #[serde(rename = "schemaType", default, skip_serializing_if = "Option::is_none")]
    pub schema_type: Option<String>,
    /// Schemas of other subjects that this one uses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// The text.
    pub schema: String,
    /// Whether it is soft-deleted.
    #[serde(default)]
    pub deleted: bool,
}

/// Value of a `CONFIG` record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigValue {
    /// The level.
    #[serde(rename = "compatibilityLevel")]
    pub level: CompatibilityLevel,
}

/// Value of a `MODE` record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModeValue {
    /// The mode.
    pub mode: Mode,
}

/// Value of a `DELETE_SUBJECT` record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteSubjectValue {
    /// The subject.
    pub subject: String,
    /// The last version that is deleted.
    pub version: i32,
}

/// Confluent's name of a schema type; `None` for AVRO, which is left out.
pub fn type_name(schema_type: SchemaType) -> Option<String> {
    match schema_type {
        SchemaType::Avro => None,
        SchemaType::Json => Some("JSON".to_owned()),
        SchemaType::Protobuf => Some("PROTOBUF".to_owned()),
    }
}

/// The schema type of that name; `None` for an unknown one.
pub fn type_of(name: Option<&str>) -> Option<SchemaType> {
    match name {
        None | Some("AVRO") => Some(SchemaType::Avro),
        Some("JSON") => Some(SchemaType::Json),
        Some("PROTOBUF") => Some(SchemaType::Protobuf),
        Some(_) => None,
    }
}
