//! Values as JSON-like text, for people.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use types::{Column, SqlType, Value};

/// A record: `{"NAME": value, ...}`.
pub fn record(columns: &[Column], values: &[Value]) -> String {
    let member = |(column, value): (&Column, &Value)| {
        format!("{}: {}", quoted(&column.name), text(value, &column.ty))
    };
    let members: Vec<String> = columns.iter().zip(values).map(member).collect();
    format!("{{{}}}", members.join(", "))
}

/// One value.
pub fn text(value: &Value, ty: &SqlType) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) | Value::Time(value) | Value::Date(value) => value.to_string(),
        Value::Bigint(value) | Value::Timestamp(value) => value.to_string(),
        Value::Double(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::String(value) => quoted(value),
        Value::Bytes(value) => quoted(&STANDARD.encode(value)),
        Value::Array(items) => array(items, ty),
        Value::Map(entries) => map(entries, ty),
        Value::Struct(fields) => structure(fields, ty),
    }
}

fn array(items: &[Value], ty: &SqlType) -> String {
    let SqlType::Array(element) = ty else { return String::new() };
    let items: Vec<String> = items.iter().map(|item| text(item, element)).collect();
    format!("[{}]", items.join(", "))
}

fn map(entries: &[(Value, Value)], ty: &SqlType) -> String {
    let SqlType::Map(key_type, value_type) = ty else { return String::new() };
    let entry = |(key, value): &(Value, Value)| {
        format!("{}: {}", text(key, key_type), text(value, value_type))
    };
    let entries: Vec<String> = entries.iter().map(entry).collect();
    format!("{{{}}}", entries.join(", "))
}

fn structure(fields: &[Value], ty: &SqlType) -> String {
    let SqlType::Struct(declared) = ty else { return String::new() };
    let member = |(field, value): (&types::Field, &Value)| {
        format!("{}: {}", quoted(&field.name), text(value, &field.ty))
    };
    let members: Vec<String> = declared.iter().zip(fields).map(member).collect();
    format!("{{{}}}", members.join(", "))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
