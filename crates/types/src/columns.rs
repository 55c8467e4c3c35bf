//! SQL types as Arrow types, and values into and out of Arrow arrays one by one.
//!
//! | SQL | Arrow |
//! |---|---|
//! | BOOLEAN | Boolean |
//! | INTEGER, BIGINT, DOUBLE | Int32, Int64, Float64 |
//! | DECIMAL(p, s) | Decimal128(p, s) for p <= 38, else Decimal256(p, s) |
//! | STRING, BYTES | Utf8, Binary |
//! | TIME, DATE, TIMESTAMP | Time32(ms), Date32, Timestamp(ms, no zone) |
//! | ARRAY | List with a nullable field `item` |
//! | MAP | Map of `entries` { `key`, nullable `value` }, unsorted |
//! | STRUCT | Struct, every field nullable |
//!
//! Building is row by row: use it for literals and small batches, never on the hot path.

use std::sync::Arc;

use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Date32Builder, Decimal128Builder, Decimal256Builder,
    Float64Builder, Int32Builder, Int64Builder, StringBuilder, Time32MillisecondBuilder,
    TimestampMillisecondBuilder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Decimal256Type, Float64Type, Int32Type, Int64Type,
    Time32MillisecondType, TimestampMillisecondType,
};
use arrow_array::{Array, ArrayRef, ListArray, MapArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, i256};
use arrow_schema::{DataType, Field as ArrowField, Fields, TimeUnit};

use crate::{Decimal, Field, SqlType, Value};

/// Appends each value that matches the pattern to the builder, NULL for every other.
macro_rules! scalar_array {
    ($builder:expr, $values:expr, $pattern:pat => $item:expr) => {{
        let mut builder = $builder;
        for value in $values {
            match value {
                $pattern => builder.append_value($item),
                _ => builder.append_null(),
            }
        }
        Arc::new(builder.finish()) as ArrayRef
    }};
}

/// The largest precision of Arrow's 128-bit decimals.
pub const DECIMAL128_PRECISION_MAX: u8 = 38;

/// The Arrow type that holds `ty`.
pub fn arrow_type(ty: &SqlType) -> DataType {
    match ty {
        SqlType::Boolean => DataType::Boolean,
        SqlType::Integer => DataType::Int32,
        SqlType::Bigint => DataType::Int64,
        SqlType::Double => DataType::Float64,
        SqlType::Decimal { precision, scale } => decimal_type(*precision, *scale),
        SqlType::String => DataType::Utf8,
        SqlType::Bytes => DataType::Binary,
        SqlType::Time => DataType::Time32(TimeUnit::Millisecond),
        SqlType::Date => DataType::Date32,
        SqlType::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, None),
        SqlType::Array(element) => DataType::List(list_item(element)),
        SqlType::Map(key, value) => DataType::Map(map_entries(key, value), false),
        SqlType::Struct(fields) => DataType::Struct(struct_fields(fields)),
    }
}

fn decimal_type(precision: u8, scale: u8) -> DataType {
    let scale = i8::try_from(scale).expect("a scale is at most 76");
    if precision <= DECIMAL128_PRECISION_MAX {
        DataType::Decimal128(precision, scale)
    } else {
        DataType::Decimal256(precision, scale)
    }
}

/// The `item` field of the Arrow list that holds `ARRAY<element>`.
pub fn list_item(element: &SqlType) -> Arc<ArrowField> {
    Arc::new(ArrowField::new("item", arrow_type(element), true))
}

/// The `entries` field of the Arrow map that holds `MAP<key, value>`.
pub fn map_entries(key: &SqlType, value: &SqlType) -> Arc<ArrowField> {
    let fields = Fields::from(vec![
        ArrowField::new("key", arrow_type(key), false),
        ArrowField::new("value", arrow_type(value), true),
    ]);
    Arc::new(ArrowField::new("entries", DataType::Struct(fields), false))
}

/// The fields of the Arrow struct that holds `STRUCT<fields>`.
pub fn struct_fields(fields: &[Field]) -> Fields {
    fields.iter().map(|field| ArrowField::new(&field.name, arrow_type(&field.ty), true)).collect()
}

/// The value at `row` of `array`, which must have the Arrow type of some SQL type.
///
/// # Panics
/// If `row` is out of bounds or the array's type is none that [`arrow_type`] gives.
pub fn value_at(array: &dyn Array, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Boolean(array.as_boolean().value(row)),
        DataType::Int32 => Value::Integer(array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => Value::Bigint(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => Value::Double(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal128(_, scale) => {
            let unscaled = array.as_primitive::<Decimal128Type>().value(row);
            decimal_value(i256::from_i128(unscaled), *scale)
        }
        DataType::Decimal256(_, scale) => {
            decimal_value(array.as_primitive::<Decimal256Type>().value(row), *scale)
        }
        DataType::Utf8 => Value::string(array.as_string::<i32>().value(row)),
        DataType::Binary => Value::Bytes(array.as_binary::<i32>().value(row).to_vec()),
        DataType::Time32(_) => {
            Value::Time(array.as_primitive::<Time32MillisecondType>().value(row))
        }
        DataType::Date32 => Value::Date(array.as_primitive::<Date32Type>().value(row)),
        DataType::Timestamp(..) => {
            Value::Timestamp(array.as_primitive::<TimestampMillisecondType>().value(row))
        }
        DataType::List(_) => Value::Array(values(&array.as_list::<i32>().value(row))),
        DataType::Map(..) => map_value(&array.as_map().value(row)),
        DataType::Struct(_) => struct_value(array.as_struct(), row),
        other => unreachable!("no SQL type is held by Arrow's {other}"),
    }
}

/// All values of `array`, in order; see [`value_at`].
pub fn values(array: &dyn Array) -> Vec<Value> {
    (0..array.len()).map(|row| value_at(array, row)).collect()
}

fn decimal_value(unscaled: i256, scale: i8) -> Value {
    let scale = u8::try_from(scale).expect("SQL scales are not negative");
    Value::Decimal(Decimal::new(unscaled, scale))
}

fn map_value(entries: &StructArray) -> Value {
    let (keys, items) = (entries.column(0), entries.column(1));
    let entry = |row| (value_at(keys, row), value_at(items, row));
    Value::Map((0..entries.len()).map(entry).collect())
}

fn struct_value(array: &StructArray, row: usize) -> Value {
    Value::Struct(array.columns().iter().map(|column| value_at(column, row)).collect())
}

/// An array of type `ty` holding `values`; a value of another type than `ty` becomes NULL.
///
/// DECIMAL values must already have the column's scale.
pub fn array_of<'a>(ty: &SqlType, values: impl IntoIterator<Item = &'a Value>) -> ArrayRef {
    let values: Vec<&Value> = values.into_iter().collect();
    match ty {
        SqlType::Boolean => scalar_array!(BooleanBuilder::new(), values, Value::Boolean(v) => *v),
        SqlType::Integer => scalar_array!(Int32Builder::new(), values, Value::Integer(v) => *v),
        SqlType::Bigint => scalar_array!(Int64Builder::new(), values, Value::Bigint(v) => *v),
        SqlType::Double => scalar_array!(Float64Builder::new(), values, Value::Double(v) => *v),
        SqlType::Decimal { .. } => decimal_array(ty, &values),
        SqlType::String => scalar_array!(StringBuilder::new(), values, Value::String(v) => v),
        SqlType::Bytes => scalar_array!(BinaryBuilder::new(), values, Value::Bytes(v) => v),
        SqlType::Time => {
            scalar_array!(Time32MillisecondBuilder::new(), values, Value::Time(v) => *v)
        }
        SqlType::Date => scalar_array!(Date32Builder::new(), values, Value::Date(v) => *v),
        SqlType::Timestamp => {
            scalar_array!(TimestampMillisecondBuilder::new(), values, Value::Timestamp(v) => *v)
        }
        SqlType::Array(element) => list_array(element, &values),
        SqlType::Map(key, value) => map_array(key, value, &values),
        SqlType::Struct(fields) => struct_array(fields, &values),
    }
}

fn decimal_array(ty: &SqlType, values: &[&Value]) -> ArrayRef {
    match arrow_type(ty) {
        narrow @ DataType::Decimal128(..) => {
            let builder = Decimal128Builder::new().with_data_type(narrow);
            scalar_array!(builder, values, Value::Decimal(v) => v.unscaled.as_i128())
        }
        wide => {
            let builder = Decimal256Builder::new().with_data_type(wide);
            scalar_array!(builder, values, Value::Decimal(v) => v.unscaled)
        }
    }
}

fn list_array(element: &SqlType, values: &[&Value]) -> ArrayRef {
    let items = |value: &&Value| match value {
        Value::Array(items) => Some(items.len()),
        _ => None,
    };
    let lengths: Vec<Option<usize>> = values.iter().map(items).collect();
    let flat = values.iter().flat_map(|value| match value {
        Value::Array(items) => items.as_slice(),
        _ => &[],
    });
    let child = array_of(element, flat);
    Arc::new(ListArray::new(list_item(element), offsets(&lengths), child, validity(&lengths)))
}

fn map_array(key: &SqlType, value: &SqlType, values: &[&Value]) -> ArrayRef {
    let entries = |value: &&Value| match value {
        Value::Map(entries) => Some(entries.len()),
        _ => None,
    };
    let lengths: Vec<Option<usize>> = values.iter().map(entries).collect();
    let flat: Vec<&(Value, Value)> = values
        .iter()
        .flat_map(|value| match value {
            Value::Map(entries) => entries.as_slice(),
            _ => &[],
        })
        .collect();
    let field = map_entries(key, value);
    let DataType::Struct(fields) = field.data_type() else { unreachable!("entries are a struct") };
    let columns =
        vec![array_of(key, flat.iter().map(|e| &e.0)), array_of(value, flat.iter().map(|e| &e.1))];
    let child = StructArray::new(fields.clone(), columns, None);
    Arc::new(MapArray::new(field, offsets(&lengths), child, validity(&lengths), false))
}

fn struct_array(fields: &[Field], values: &[&Value]) -> ArrayRef {
    let valid: Vec<bool> = values.iter().map(|v| matches!(v, Value::Struct(_))).collect();
    let column = |(index, field): (usize, &Field)| {
        let member = values.iter().map(|value| match value {
            Value::Struct(members) => members.get(index).unwrap_or(&Value::Null),
            _ => &Value::Null,
        });
        array_of(&field.ty, member)
    };
    let columns: Vec<ArrayRef> = fields.iter().enumerate().map(column).collect();
    let nulls = NullBuffer::from(valid);
    if columns.is_empty() {
        return Arc::new(StructArray::new_empty_fields(values.len(), Some(nulls)));
    }
    Arc::new(StructArray::new(struct_fields(fields), columns, Some(nulls)))
}

fn offsets(lengths: &[Option<usize>]) -> OffsetBuffer<i32> {
    OffsetBuffer::from_lengths(lengths.iter().map(|length| length.unwrap_or(0)))
}

fn validity(lengths: &[Option<usize>]) -> Option<NullBuffer> {
    Some(NullBuffer::from_iter(lengths.iter().map(Option::is_some)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_the_round_trip() {
        let point = SqlType::Struct(vec![
            Field::new("X", SqlType::array(SqlType::Integer)),
            Field::new("M", SqlType::map(SqlType::String, SqlType::Bigint)),
            Field::new("D", SqlType::Decimal { precision: 40, scale: 2 }),
        ]);
        let rows = [
            Value::Null,
            Value::Struct(vec![
                Value::Array(vec![Value::Integer(1), Value::Null]),
                Value::Map(vec![(Value::string("a"), Value::Bigint(7))]),
                Value::Decimal("12.50".parse().expect("a decimal")),
            ]),
        ];
        assert_eq!(values(&array_of(&point, &rows)), rows);
    }
}
