//! What a record really held, as the comparison sees it: typed like the topic's format types it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use types::Decimal;

/// A deserialised key or value.
#[derive(Clone, Debug, PartialEq)]
pub enum Actual {
    /// Nothing.
    Null,
    /// A truth value.
    Boolean(bool),
    /// A 32-bit integer.
    Int(i32),
    /// A 64-bit integer.
    Long(i64),
    /// A double.
    Double(f64),
    /// An exact number with its scale. A negative scale (an exponent) is normalised to 0.
    Decimal(Decimal),
    /// A text.
    String(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Actual>),
    /// A record or map.
    Map(Vec<(String, Actual)>),
}

impl Actual {
    /// The JSON value as a JSON topic's reader sees it: exact decimals, or doubles when
    /// `use.exact.numeric.comparison` is off.
    pub fn from_json(json: &serde_json::Value, exact: bool) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Boolean(*value),
            serde_json::Value::Number(number) => number_from_text(&number.to_string(), exact),
            serde_json::Value::String(text) => Self::String(text.clone()),
            serde_json::Value::Array(items) => {
                Self::List(items.iter().map(|item| Self::from_json(item, exact)).collect())
            }
            serde_json::Value::Object(fields) => Self::Map(
                fields.iter().map(|(k, v)| (k.clone(), Self::from_json(v, exact))).collect(),
            ),
        }
    }
}

/// A JSON number: the narrowest integer that holds it, else a decimal or double.
fn number_from_text(text: &str, exact: bool) -> Actual {
    if let Ok(value) = text.parse::<i32>() {
        return Actual::Int(value);
    }
    if let Ok(value) = text.parse::<i64>() {
        return Actual::Long(value);
    }
    match text.parse::<Decimal>() {
        Ok(value) if exact => Actual::Decimal(value),
        _ => text.parse().map_or_else(|_| Actual::String(text.to_owned()), Actual::Double),
    }
}

impl fmt::Display for Actual {
    /// JSON-like text for diffs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Long(value) => write!(f, "{value}L"),
            Self::Double(value) => write!(f, "{value:?}d"),
            Self::Decimal(value) => value.fmt(f),
            Self::String(text) => write!(f, "{text:?}"),
            Self::Bytes(bytes) => write!(f, "bytes:{}", STANDARD.encode(bytes)),
            Self::List(items) => write_list(f, items),
            Self::Map(fields) => write_map(f, fields),
        }
    }
}

fn write_list(f: &mut fmt::Formatter<'_>, items: &[Actual]) -> fmt::Result {
    f.write_str("[")?;
    for (index, item) in items.iter().enumerate() {
        write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
    }
    f.write_str("]")
}

fn write_map(f: &mut fmt::Formatter<'_>, fields: &[(String, Actual)]) -> fmt::Result {
    f.write_str("{")?;
    for (index, (name, value)) in fields.iter().enumerate() {
        write!(f, "{}{name:?}: {value}", if index == 0 { "" } else { ", " })?;
    }
    f.write_str("}")
}
