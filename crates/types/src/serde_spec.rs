//! How one part (key or value) of a topic's records is written: the format and its properties.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::SchemaId;

/// Name of a serialization format (ksqlDB's names, case-insensitive when parsed).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the variants are the formats' own names")]
pub enum Format {
    Json,
    JsonSr,
    Avro,
    Protobuf,
    ProtobufNosr,
    Delimited,
    Kafka,
    None,
}

impl Format {
    /// Every format, in the order messages list them.
    pub const ALL: [Self; 8] = [
        Self::Avro,
        Self::Delimited,
        Self::Json,
        Self::JsonSr,
        Self::Kafka,
        Self::None,
        Self::Protobuf,
        Self::ProtobufNosr,
    ];

    /// ksqlDB's name of the format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::JsonSr => "JSON_SR",
            Self::Avro => "AVRO",
            Self::Protobuf => "PROTOBUF",
            Self::ProtobufNosr => "PROTOBUF_NOSR",
            Self::Delimited => "DELIMITED",
            Self::Kafka => "KAFKA",
            Self::None => "NONE",
        }
    }

    /// Whether payloads carry a schema id of the registry.
    pub fn uses_registry(self) -> bool {
        matches!(self, Self::Avro | Self::JsonSr | Self::Protobuf)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no format.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Unknown format: {0}")]
pub struct UnknownFormat(pub String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let upper = text.to_uppercase();
        let found = Self::ALL.into_iter().find(|format| format.name() == upper);
        found.ok_or(UnknownFormat(upper))
    }
}

/// Separator of DELIMITED columns: one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Delimiter(pub char);

impl Default for Delimiter {
    fn default() -> Self {
        Self(',')
    }
}

/// How PROTOBUF writes NULL scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum NullableRepresentation {
    /// proto3 `optional` fields.
    Optional,
    /// `google.protobuf` wrapper messages.
    Wrapper,
}

/// Format and properties of the key or the value of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SerdeSpec {
    /// The format.
    pub format: Format,
    /// DELIMITED's separator when it was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<Delimiter>,
    /// Full name of the record or message for AVRO, PROTOBUF, JSON_SR when it was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_schema_name: Option<String>,
    /// PROTOBUF's representation of NULL when it was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nullable_representation: Option<NullableRepresentation>,
    /// Schema id fixed by KEY_SCHEMA_ID / VALUE_SCHEMA_ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_id: Option<SchemaId>,
    /// Whether a single column is wrapped in a record, when it was set; `None` is the format's own
    /// default (spec sections 6.2, 6.3: single key columns are unwrapped where the format can).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrap_single: Option<bool>,
}

impl SerdeSpec {
    /// `format` with no properties set.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            delimiter: None,
            full_schema_name: None,
            nullable_representation: None,
            schema_id: None,
            wrap_single: None,
        }
    }
}
