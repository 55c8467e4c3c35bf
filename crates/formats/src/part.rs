//! Key or value, and whether its single column stands bare.

use types::{Column, Format, SerdeSpec};

use crate::Error;

/// Columns and nested fields that inference gives for one schema at most.
pub const INFERRED_FIELDS_MAX: usize = 10_000;

/// A schema has more fields than [`INFERRED_FIELDS_MAX`].
pub fn too_many_fields() -> Error {
    Error::InvalidSchema(format!("the schema has more than {INFERRED_FIELDS_MAX} fields"))
}

/// A part of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The key.
    Key,
    /// The value.
    Value,
}

impl Part {
    /// The registry's subject for this part of `topic` (topic name strategy).
    pub fn subject(self, topic: &str) -> String {
        match self {
            Self::Key => format!("{topic}-key"),
            Self::Value => format!("{topic}-value"),
        }
    }

    /// The column name an unwrapped schema is inferred as.
    pub fn anonymous_column(self) -> &'static str {
        match self {
            Self::Key => "ROWKEY",
            Self::Value => "ROWVAL",
        }
    }
}

/// Whether a payload of `spec` with these columns is the bare single column instead of a record
/// (spec sections 6.2 and 6.3).
pub fn is_unwrapped(spec: &SerdeSpec, columns: &[Column], part: Part) -> bool {
    if columns.len() != 1 {
        return false;
    }
    match (spec.format, spec.wrap_single) {
        (Format::Kafka | Format::Delimited | Format::None, _) => true,
        (Format::Protobuf, _) => false,
        (_, Some(wrap)) => !wrap,
        (_, None) => part == Part::Key,
    }
}
