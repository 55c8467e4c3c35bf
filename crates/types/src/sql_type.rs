//! SQL types as ksqlDB has them, and their text.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The largest DECIMAL precision the columns can hold (Arrow's Decimal256).
pub const DECIMAL_PRECISION_MAX: u8 = 76;

/// A SQL data type. `Display` prints ksqlDB's schema text (``STRUCT<`F` INTEGER>``).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SqlType {
    /// `BOOLEAN`.
    Boolean,
    /// `INTEGER`, 32 bits, signed.
    Integer,
    /// `BIGINT`, 64 bits, signed.
    Bigint,
    /// `DOUBLE`, IEEE 754 binary64.
    Double,
    /// `DECIMAL(precision, scale)`, `1 <= precision <= DECIMAL_PRECISION_MAX`, `scale <= precision`.
    Decimal {
        /// Number of decimal digits.
        precision: u8,
        /// Number of digits behind the point.
        scale: u8,
    },
    /// `STRING`.
    String,
    /// `BYTES`.
    Bytes,
    /// `TIME`: milliseconds of the day.
    Time,
    /// `DATE`: days since 1970-01-01.
    Date,
    /// `TIMESTAMP`: milliseconds since 1970-01-01T00:00:00Z, without a zone.
    Timestamp,
    /// `ARRAY<element>`.
    Array(Box<SqlType>),
    /// `MAP<key, value>`.
    Map(Box<SqlType>, Box<SqlType>),
    /// `STRUCT<name type, ...>`.
    Struct(Vec<Field>),
}

/// A named field of a STRUCT.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Field {
    /// The name as stored (upper case unless it was quoted).
    pub name: String,
    /// The field's type.
    pub ty: SqlType,
}

impl Field {
    /// A field called `name` of type `ty`.
    pub fn new(name: impl Into<String>, ty: SqlType) -> Self {
        Self { name: name.into(), ty }
    }
}

impl SqlType {
    /// An array of `element`.
    pub fn array(element: SqlType) -> Self {
        Self::Array(Box::new(element))
    }

    /// A map from `key` to `value`.
    pub fn map(key: SqlType, value: SqlType) -> Self {
        Self::Map(Box::new(key), Box::new(value))
    }

    /// Whether this is INTEGER, BIGINT, DOUBLE or DECIMAL.
    pub fn is_numeric(&self) -> bool {
        matches!(self, Self::Integer | Self::Bigint | Self::Double | Self::Decimal { .. })
    }

    /// ksqlDB's name of the type without its parameters: `INTEGER`, `DECIMAL`, `ARRAY`, ...
    pub fn base_name(&self) -> &'static str {
        match self {
            Self::Boolean => "BOOLEAN",
            Self::Integer => "INTEGER",
            Self::Bigint => "BIGINT",
            Self::Double => "DOUBLE",
            Self::Decimal { .. } => "DECIMAL",
            Self::String => "STRING",
            Self::Bytes => "BYTES",
            Self::Time => "TIME",
            Self::Date => "DATE",
            Self::Timestamp => "TIMESTAMP",
            Self::Array(_) => "ARRAY",
            Self::Map(..) => "MAP",
            Self::Struct(_) => "STRUCT",
        }
    }
}

impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decimal { precision, scale } => write!(f, "DECIMAL({precision}, {scale})"),
            Self::Array(element) => write!(f, "ARRAY<{element}>"),
            Self::Map(key, value) => write!(f, "MAP<{key}, {value}>"),
            Self::Struct(fields) => write_struct(f, fields),
            scalar => f.write_str(scalar.base_name()),
        }
    }
}

fn write_struct(f: &mut fmt::Formatter<'_>, fields: &[Field]) -> fmt::Result {
    f.write_str("STRUCT<")?;
    for (index, field) in fields.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        write!(f, "{separator}`{}` {}", field.name.replace('`', "``"), field.ty)?;
    }
    f.write_str(">")
}
