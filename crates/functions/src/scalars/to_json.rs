//! TO_JSON_STRING.

use std::fmt::Write;

use arrow_array::cast::AsArray;
use arrow_array::{Array, StructArray};
use arrow_schema::DataType;
use types::text::{write_base64, write_date, write_double, write_time, write_timestamp};
use types::{Value, columns};

use super::rows::collect;
use crate::{Registry, Scalar};

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    registry.add_scalar(to_json_string());
}

fn to_json_string() -> Scalar {
    Scalar::new("TO_JSON_STRING", "JSON", "A value of any type as JSON.").overload(
        "(T) -> STRING",
        |call| {
            let column = call.column(0).clone();
            collect(call, |row| {
                let mut out = String::new();
                write_json(&column, row, &mut out);
                Some(out)
            })
        },
    )
}

/// Appends the JSON of one entry. The fields of structs and the keys of maps come sorted.
fn write_json(array: &dyn Array, row: usize, out: &mut String) {
    if array.is_null(row) {
        return out.push_str("null");
    }
    match array.data_type() {
        DataType::List(_) => write_list(&array.as_list::<i32>().value(row), out),
        DataType::Map(..) => write_map(&array.as_map().value(row), out),
        DataType::Struct(_) => write_struct(array.as_struct(), row, out),
        _ => write_scalar(&columns::value_at(array, row), out),
    }
}

fn write_list(elements: &dyn Array, out: &mut String) {
    out.push('[');
    for element in 0..elements.len() {
        if element > 0 {
            out.push(',');
        }
        write_json(elements, element, out);
    }
    out.push(']');
}

fn write_map(entries: &StructArray, out: &mut String) {
    let key = |entry| match columns::value_at(entries.column(0), entry) {
        Value::String(key) => key,
        other => {
            let mut key = String::new();
            write_scalar(&other, &mut key);
            key
        }
    };
    let members = (0..entries.len()).map(|entry| (key(entry), entry)).collect();
    write_object(members, |entry, out| write_json(entries.column(1), entry, out), out);
}

fn write_struct(array: &StructArray, row: usize, out: &mut String) {
    let members =
        array.fields().iter().enumerate().map(|(at, field)| (field.name().clone(), at)).collect();
    write_object(members, |at, out| write_json(array.column(at), row, out), out);
}

/// Appends the members by key; `write` appends the value of a member, told by its number.
fn write_object(
    mut members: Vec<(String, usize)>,
    write: impl Fn(usize, &mut String),
    out: &mut String,
) {
    members.sort();
    out.push('{');
    for (position, (key, member)) in members.into_iter().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_text(&key, out);
        out.push(':');
        write(member, out);
    }
    out.push('}');
}

fn write_scalar(value: &Value, out: &mut String) {
    match value {
        Value::Boolean(value) => put(out, value),
        Value::Integer(value) => put(out, value),
        Value::Bigint(value) => put(out, value),
        Value::Double(value) if value.is_finite() => write_double(*value, out),
        Value::Double(value) => quoted(out, |out| write_double(*value, out)),
        Value::Decimal(value) => put(out, value),
        Value::String(value) => write_text(value, out),
        Value::Bytes(value) => quoted(out, |out| write_base64(value, out)),
        Value::Time(value) => quoted(out, |out| write_time(*value, out)),
        Value::Date(value) => quoted(out, |out| write_date((*value).into(), out)),
        Value::Timestamp(value) => quoted(out, |out| write_timestamp(*value, out)),
        Value::Null | Value::Array(_) | Value::Map(_) | Value::Struct(_) => {
            unreachable!("NULL and structured values are written by write_json")
        }
    }
}

fn put(out: &mut String, value: impl std::fmt::Display) {
    write!(out, "{value}").expect("writing to a String never fails");
}

fn quoted(out: &mut String, write: impl FnOnce(&mut String)) {
    out.push('"');
    write(out);
    out.push('"');
}

fn write_text(text: &str, out: &mut String) {
    put(out, serde_json::Value::String(text.to_owned()));
}

#[cfg(test)]
mod tests {
    use crate::scalars::testing::{array, bytes, double, evaluate, int, null, text};
    use types::{Field, SqlType, Value};

    #[test]
    fn every_type_has_its_json() {
        for (argument, expected) in [
            (int(1), "1"),
            (null(SqlType::Integer), "null"),
            (text("a\"b"), r#""a\"b""#),
            (double(123.456), "123.456"),
            (double(f64::NAN), "\"NaN\""),
            (bytes(b"abc"), "\"YWJj\""),
            ((SqlType::Time, Value::Time(60_220_000)), "\"16:43:40\""),
            ((SqlType::Date, Value::Date(1000)), "\"1972-09-27\""),
            ((SqlType::Timestamp, Value::Timestamp(60_220_000_000)), "\"1971-11-28T23:46:40.000\""),
            (array(SqlType::Integer, &[Value::Integer(1), Value::Null]), "[1,null]"),
        ] {
            assert_eq!(evaluate("TO_JSON_STRING", &[argument]), Value::string(expected));
        }
    }

    #[test]
    fn keys_are_sorted() {
        let inner = SqlType::map(SqlType::String, SqlType::Integer);
        let ty = SqlType::Struct(vec![Field::new("B", SqlType::Integer), Field::new("A", inner)]);
        let entry = |key: &str| (Value::string(key), Value::Integer(1));
        let value = Value::Struct(vec![Value::Null, Value::Map(vec![entry("y"), entry("x")])]);
        let json = evaluate("TO_JSON_STRING", &[(ty, value)]);
        assert_eq!(json, Value::string(r#"{"A":{"x":1,"y":1},"B":null}"#));
    }
}
