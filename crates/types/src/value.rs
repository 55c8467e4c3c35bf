//! One SQL value, for the places that look at rows one by one: literals, INSERT VALUES, captured
//! rows, REST rows. Hot paths use Arrow columns instead (see [`crate::columns`]).

use serde::{Deserialize, Serialize};

use crate::Decimal;

/// A SQL value. Its type is known from where it stands; `Null` belongs to every type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// BOOLEAN.
    Boolean(bool),
    /// INTEGER.
    Integer(i32),
    /// BIGINT.
    Bigint(i64),
    /// DOUBLE.
    Double(f64),
    /// DECIMAL; the scale is the column's.
    Decimal(Decimal),
    /// STRING.
    String(String),
    /// BYTES.
    Bytes(Vec<u8>),
    /// TIME: milliseconds of the day.
    Time(i32),
    /// DATE: days since 1970-01-01.
    Date(i32),
    /// TIMESTAMP: milliseconds since the epoch.
    Timestamp(i64),
    /// ARRAY.
    Array(Vec<Value>),
    /// MAP: entries in insertion order, keys unique.
    Map(Vec<(Value, Value)>),
    /// STRUCT: one value per field, in the type's field order.
    Struct(Vec<Value>),
}

impl Value {
    /// Whether this is SQL NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// A STRING value.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(text.into())
    }
}
