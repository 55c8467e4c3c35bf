//! The bytes of saved states. Fixed-width numbers are little-endian; lengths are `u32`; a value is a
//! tag byte and its content:
//!
//! | tag | value | content |
//! |---|---|---|
//! | 0 | NULL | |
//! | 1, 2 | FALSE, TRUE | |
//! | 3, 4, 5 | INTEGER, BIGINT, DOUBLE | 4, 8, 8 bytes |
//! | 6 | DECIMAL | scale byte, 32 bytes |
//! | 7, 8 | STRING, BYTES | length, bytes |
//! | 9, 10, 11 | TIME, DATE, TIMESTAMP | 4, 4, 8 bytes |
//! | 12, 13, 14 | ARRAY, MAP, STRUCT | length, values (of a map key and value by turns) |
//!
//! Map entries are sorted by the bytes of their keys, so that equal values have equal bytes. The
//! layout is on disk: tags are only ever added.

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_buffer::i256;
use arrow_schema::DataType;
use types::columns::value_at;
use types::{Decimal, Value};

/// How deep collections may nest when they are read back.
const DEPTH_MAX: usize = 64;

/// Result of reading: what was read and the bytes behind it.
pub(crate) type Taken<'a, T> = Result<(T, &'a [u8]), String>;

/// A number of fixed width.
pub(crate) trait Fixed: Copy + Send {
    /// Appends the little-endian bytes.
    fn put(self, out: &mut Vec<u8>);

    /// Reads from the front of `bytes`.
    fn take(bytes: &[u8]) -> Taken<'_, Self>;
}

macro_rules! fixed {
    ($($number:ty),*) => {$(
        impl Fixed for $number {
            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }

            fn take(bytes: &[u8]) -> Taken<'_, Self> {
                let (head, rest) = bytes.split_first_chunk().ok_or_else(cut_short)?;
                Ok((Self::from_le_bytes(*head), rest))
            }
        }
    )*};
}

fixed!(u8, u32, i32, i64, u64, f64, i128, i256);

fn cut_short() -> String {
    "a saved aggregate state is cut short".to_owned()
}

fn corrupt() -> String {
    "a saved aggregate state is corrupt".to_owned()
}

/// Appends a length.
pub(crate) fn put_len(len: usize, out: &mut Vec<u8>) {
    u32::try_from(len).expect("states hold fewer than 2^32 values").put(out);
}

/// Reads a length, which can't exceed the bytes that follow it.
pub(crate) fn take_len(bytes: &[u8]) -> Taken<'_, usize> {
    let (len, rest) = u32::take(bytes)?;
    let len = len as usize;
    if len > rest.len() { Err(cut_short()) } else { Ok((len, rest)) }
}

/// Appends bytes with their length.
pub(crate) fn put_bytes(content: &[u8], out: &mut Vec<u8>) {
    put_len(content.len(), out);
    out.extend_from_slice(content);
}

/// Reads bytes with their length.
pub(crate) fn take_bytes(bytes: &[u8]) -> Taken<'_, &[u8]> {
    let (len, rest) = take_len(bytes)?;
    Ok(rest.split_at(len))
}

/// Reads a text with its length.
pub(crate) fn take_text(bytes: &[u8]) -> Taken<'_, &str> {
    let (content, rest) = take_bytes(bytes)?;
    Ok((std::str::from_utf8(content).map_err(|_| corrupt())?, rest))
}

/// Appends `values` with their number.
pub(crate) fn put_values(values: &[Value], out: &mut Vec<u8>) {
    put_len(values.len(), out);
    values.iter().for_each(|value| put_value(value, out));
}

/// Reads values with their number.
pub(crate) fn take_values(bytes: &[u8]) -> Taken<'_, Vec<Value>> {
    take_values_within(bytes, 0)
}

/// Appends the value at `row`; texts and bytes are not copied on the way.
pub(crate) fn put_at(array: &dyn Array, row: usize, out: &mut Vec<u8>) {
    match array.data_type() {
        _ if array.is_null(row) => out.push(0),
        DataType::Utf8 => put_tagged_bytes(7, array.as_string::<i32>().value(row).as_bytes(), out),
        DataType::Binary => put_tagged_bytes(8, array.as_binary::<i32>().value(row), out),
        _ => put_value(&value_at(array, row), out),
    }
}

/// Appends a value.
pub(crate) fn put_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(0),
        Value::Boolean(value) => out.push(1 + u8::from(*value)),
        Value::Integer(value) => put_number(3, *value, out),
        Value::Bigint(value) => put_number(4, *value, out),
        Value::Double(value) => put_number(5, *value, out),
        Value::Decimal(value) => put_decimal(value, out),
        Value::String(value) => put_tagged_bytes(7, value.as_bytes(), out),
        Value::Bytes(value) => put_tagged_bytes(8, value, out),
        Value::Time(value) => put_number(9, *value, out),
        Value::Date(value) => put_number(10, *value, out),
        Value::Timestamp(value) => put_number(11, *value, out),
        Value::Array(values) => put_tagged_values(12, values, out),
        Value::Map(entries) => put_map(entries, out),
        Value::Struct(values) => put_tagged_values(14, values, out),
    }
}

fn put_number(tag: u8, value: impl Fixed, out: &mut Vec<u8>) {
    out.push(tag);
    value.put(out);
}

fn put_decimal(value: &Decimal, out: &mut Vec<u8>) {
    out.push(6);
    out.push(value.scale);
    value.unscaled.put(out);
}

fn put_tagged_bytes(tag: u8, content: &[u8], out: &mut Vec<u8>) {
    out.push(tag);
    put_bytes(content, out);
}

fn put_tagged_values(tag: u8, values: &[Value], out: &mut Vec<u8>) {
    out.push(tag);
    put_values(values, out);
}

fn put_map(entries: &[(Value, Value)], out: &mut Vec<u8>) {
    out.push(13);
    put_len(entries.len(), out);
    let mut encoded: Vec<Vec<u8>> = Vec::with_capacity(entries.len());
    for (key, value) in entries {
        let mut bytes = Vec::new();
        put_value(key, &mut bytes);
        put_value(value, &mut bytes);
        encoded.push(bytes);
    }
    encoded.sort();
    encoded.iter().for_each(|bytes| out.extend_from_slice(bytes));
}

/// Reads a value.
pub(crate) fn take_value(bytes: &[u8]) -> Taken<'_, Value> {
    take_value_within(bytes, 0)
}

fn take_value_within(bytes: &[u8], depth: usize) -> Taken<'_, Value> {
    let (tag, rest) = u8::take(bytes)?;
    match tag {
        0 => Ok((Value::Null, rest)),
        1 => Ok((Value::Boolean(false), rest)),
        2 => Ok((Value::Boolean(true), rest)),
        3 => number(rest, Value::Integer),
        4 => number(rest, Value::Bigint),
        5 => number(rest, Value::Double),
        6 => take_decimal(rest),
        7 => take_text(rest).map(|(text, rest)| (Value::string(text), rest)),
        8 => take_bytes(rest).map(|(content, rest)| (Value::Bytes(content.to_vec()), rest)),
        9 => number(rest, Value::Time),
        10 => number(rest, Value::Date),
        11 => number(rest, Value::Timestamp),
        12 => nested(rest, depth, Value::Array),
        13 => take_map(rest, depth),
        14 => nested(rest, depth, Value::Struct),
        _ => Err(corrupt()),
    }
}

fn number<T: Fixed>(bytes: &[u8], wrap: fn(T) -> Value) -> Taken<'_, Value> {
    T::take(bytes).map(|(value, rest)| (wrap(value), rest))
}

fn take_decimal(bytes: &[u8]) -> Taken<'_, Value> {
    let (scale, rest) = u8::take(bytes)?;
    let (unscaled, rest) = i256::take(rest)?;
    Ok((Value::Decimal(Decimal::new(unscaled, scale)), rest))
}

fn take_values_within(bytes: &[u8], depth: usize) -> Taken<'_, Vec<Value>> {
    if depth > DEPTH_MAX {
        return Err(corrupt());
    }
    let (len, mut rest) = take_len(bytes)?;
    let mut values = Vec::new();
    for _ in 0..len {
        let (value, behind) = take_value_within(rest, depth + 1)?;
        values.push(value);
        rest = behind;
    }
    Ok((values, rest))
}

fn nested(bytes: &[u8], depth: usize, wrap: fn(Vec<Value>) -> Value) -> Taken<'_, Value> {
    take_values_within(bytes, depth).map(|(values, rest)| (wrap(values), rest))
}

fn take_map(bytes: &[u8], depth: usize) -> Taken<'_, Value> {
    if depth > DEPTH_MAX {
        return Err(corrupt());
    }
    let (len, mut rest) = take_len(bytes)?;
    let mut entries = Vec::new();
    for _ in 0..len {
        let (key, behind) = take_value_within(rest, depth + 1)?;
        let (value, behind) = take_value_within(behind, depth + 1)?;
        entries.push((key, value));
        rest = behind;
    }
    Ok((Value::Map(entries), rest))
}
