//! Casts to STRING: numbers and booleans as Java prints them, times as ISO text, collections as
//! Java's `toString` (`[1, null]`, `{a=1}`, `Struct{X=1}`).

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Float64Type, Int32Type, Int64Type, Time32MillisecondType, TimestampMillisecondType,
};
use arrow_array::{Array, ArrayRef};
use types::{Field, SqlType, text};

use super::super::exact::Exact;

/// The text of every value of `array`, which holds `from`.
pub(super) fn print(array: &ArrayRef, from: &SqlType) -> ArrayRef {
    let mut builder = StringBuilder::with_capacity(array.len(), array.len() * 8);
    let mut text = String::new();
    for row in 0..array.len() {
        if array.is_null(row) {
            builder.append_null();
            continue;
        }
        text.clear();
        write_value(array, row, from, &mut text);
        builder.append_value(&text);
    }
    Arc::new(builder.finish())
}

/// Appends the text of one value; NULL is `null`.
fn write_value(array: &dyn Array, row: usize, ty: &SqlType, out: &mut String) {
    if array.is_null(row) {
        out.push_str("null");
        return;
    }
    match ty {
        SqlType::Boolean => {
            out.push_str(if array.as_boolean().value(row) { "true" } else { "false" });
        }
        SqlType::Integer => write_integer(array.as_primitive::<Int32Type>().value(row), out),
        SqlType::Bigint => write_integer(array.as_primitive::<Int64Type>().value(row), out),
        SqlType::Double => text::write_double(array.as_primitive::<Float64Type>().value(row), out),
        SqlType::Decimal { .. } => write_decimal(array, row, out),
        SqlType::String => out.push_str(array.as_string::<i32>().value(row)),
        SqlType::Bytes => text::write_base64(array.as_binary::<i32>().value(row), out),
        SqlType::Time => {
            text::write_time(array.as_primitive::<Time32MillisecondType>().value(row), out);
        }
        SqlType::Date => {
            text::write_date(array.as_primitive::<Date32Type>().value(row).into(), out);
        }
        SqlType::Timestamp => {
            text::write_timestamp(array.as_primitive::<TimestampMillisecondType>().value(row), out);
        }
        SqlType::Array(element) => write_list(array, row, element, out),
        SqlType::Map(key, value) => write_map(array, row, (key, value), out),
        SqlType::Struct(fields) => write_struct(array, row, fields, out),
    }
}

fn write_integer(value: impl std::fmt::Display, out: &mut String) {
    write!(out, "{value}").expect("writing to a String never fails");
}

fn write_decimal(array: &dyn Array, row: usize, out: &mut String) {
    let exact = Exact::of(array).expect("DECIMAL columns are exact");
    text::write_decimal(exact.wide(row), exact.scale(), out);
}

fn write_list(array: &dyn Array, row: usize, element: &SqlType, out: &mut String) {
    let items = array.as_list::<i32>().value(row);
    out.push('[');
    for index in 0..items.len() {
        out.push_str(if index == 0 { "" } else { ", " });
        write_value(&items, index, element, out);
    }
    out.push(']');
}

fn write_map(array: &dyn Array, row: usize, types: (&SqlType, &SqlType), out: &mut String) {
    let entries = array.as_map().value(row);
    out.push('{');
    for index in 0..entries.len() {
        out.push_str(if index == 0 { "" } else { ", " });
        write_value(entries.column(0), index, types.0, out);
        out.push('=');
        write_value(entries.column(1), index, types.1, out);
    }
    out.push('}');
}

/// Fields that are NULL are left out.
fn write_struct(array: &dyn Array, row: usize, fields: &[Field], out: &mut String) {
    let columns = array.as_struct().columns();
    out.push_str("Struct{");
    let mut separator = "";
    for (field, column) in fields.iter().zip(columns).filter(|(_, column)| column.is_valid(row)) {
        out.push_str(separator);
        out.push_str(&field.name);
        out.push('=');
        write_value(column, row, &field.ty, out);
        separator = ",";
    }
    out.push('}');
}
