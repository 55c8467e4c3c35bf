//! SQL values as the JSON of row streams (spec section 8.4): written straight into a buffer, since
//! answers of pull queries are on a hot path.

use std::fmt::Write as _;

use types::{SqlType, Value, text};

/// Appends `value` of type `ty`.
pub fn write_value(out: &mut String, value: &Value, ty: &SqlType) {
    match (value, ty) {
        (Value::Null, _) => out.push_str("null"),
        (Value::Boolean(v), _) => out.push_str(if *v { "true" } else { "false" }),
        (Value::Integer(v), _) => write_number(out, v),
        (Value::Bigint(v), _) => write_number(out, v),
        (Value::Double(v), _) => write_double(out, *v),
        (Value::Decimal(v), _) => text::write_decimal(v.unscaled, v.scale, out),
        (Value::String(v), _) => write_string(out, v),
        (Value::Bytes(v), _) => quoted(out, |out| text::write_base64(v, out)),
        (Value::Time(v), _) => quoted(out, |out| write_time(out, *v)),
        (Value::Date(v), _) => quoted(out, |out| text::write_date(i64::from(*v), out)),
        (Value::Timestamp(v), _) => quoted(out, |out| text::write_timestamp(*v, out)),
        (Value::Array(items), SqlType::Array(element)) => write_array(out, items, element),
        (Value::Map(entries), SqlType::Map(_, item)) => write_map(out, entries, item),
        (Value::Struct(members), SqlType::Struct(fields)) => write_struct(out, members, fields),
        (Value::Array(_) | Value::Map(_) | Value::Struct(_), _) => {
            unreachable!("a nested value stands under a nested type")
        }
    }
}

/// JSON has no NaN and no infinities; ksqlDB writes them as strings.
fn write_double(out: &mut String, value: f64) {
    if value.is_finite() {
        text::write_double(value, out);
    } else {
        quoted(out, |out| text::write_double(value, out));
    }
}

fn write_number(out: &mut String, value: impl std::fmt::Display) {
    write!(out, "{value}").expect("writing to a string can't fail");
}

/// `HH:mm:ss.SSS`: milliseconds always, unlike CAST's text.
fn write_time(out: &mut String, time_ms: i32) {
    text::write_time(time_ms, out);
    if time_ms % 1000 == 0 {
        out.push_str(".000");
    }
}

/// Text without anything to escape, in quotes.
fn quoted(out: &mut String, write: impl FnOnce(&mut String)) {
    out.push('"');
    write(out);
    out.push('"');
}

/// Appends a JSON string.
pub fn write_string(out: &mut String, value: &str) {
    let quoted = serde_json::to_string(value).expect("a string is always JSON");
    out.push_str(&quoted);
}

fn write_array(out: &mut String, items: &[Value], element: &SqlType) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        separate(out, index);
        write_value(out, item, element);
    }
    out.push(']');
}

fn write_map(out: &mut String, entries: &[(Value, Value)], item: &SqlType) {
    out.push('{');
    for (index, (key, value)) in entries.iter().enumerate() {
        separate(out, index);
        write_string(out, &key_text(key));
        out.push(':');
        write_value(out, value, item);
    }
    out.push('}');
}

/// Keys of JSON objects are strings whatever the map's key type.
fn key_text(key: &Value) -> String {
    match key {
        Value::String(text) => text.clone(),
        Value::Integer(v) => v.to_string(),
        Value::Bigint(v) => v.to_string(),
        Value::Boolean(v) => v.to_string(),
        Value::Double(v) => text::double_text(*v),
        Value::Decimal(v) => v.to_string(),
        other => format!("{other:?}"),
    }
}

fn write_struct(out: &mut String, members: &[Value], fields: &[types::Field]) {
    out.push('{');
    for (index, (field, member)) in fields.iter().zip(members).enumerate() {
        separate(out, index);
        write_string(out, &field.name);
        out.push(':');
        write_value(out, member, &field.ty);
    }
    out.push('}');
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push(',');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: &Value, ty: &SqlType) -> String {
        let mut out = String::new();
        write_value(&mut out, value, ty);
        out
    }

    #[test]
    fn values_have_ksqldbs_json() {
        let decimal = SqlType::Decimal { precision: 6, scale: 2 };
        assert_eq!(json(&Value::Decimal("1.50".parse().expect("a decimal")), &decimal), "1.50");
        assert_eq!(json(&Value::Double(f64::NAN), &SqlType::Double), "\"NaN\"");
        assert_eq!(json(&Value::Time(3_600_000), &SqlType::Time), "\"01:00:00.000\"");
        assert_eq!(json(&Value::Date(1), &SqlType::Date), "\"1970-01-02\"");
        assert_eq!(json(&Value::Bytes(vec![1, 2]), &SqlType::Bytes), "\"AQI=\"");
    }

    #[test]
    fn nested_values_keep_their_names() {
        let ty = SqlType::Struct(vec![types::Field::new(
            "a\"b",
            SqlType::map(SqlType::String, SqlType::Integer),
        )]);
        let map = Value::Map(vec![(Value::string("k"), Value::Integer(1))]);
        assert_eq!(json(&Value::Struct(vec![map]), &ty), r#"{"a\"b":{"k":1}}"#);
    }
}
