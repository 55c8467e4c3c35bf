//! The order of values for MIN, MAX and TOPK, and copying values without new buffers.

use std::cmp::Ordering;

use arrow_array::Array;
use arrow_array::cast::AsArray;
use types::columns::value_at;
use types::{SqlType, Value, text};

/// Whether values of `ty` have an order.
pub(super) fn is_ordered(ty: &SqlType) -> bool {
    use SqlType::{Bytes, Date, String, Time, Timestamp};
    ty.is_numeric() || matches!(ty, String | Bytes | Date | Time | Timestamp)
}

/// Compares two values of one ordered type: doubles as Java's `Double.compare`, strings by UTF-16
/// code unit, bytes as unsigned.
pub(super) fn compare_values(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Integer(l), Value::Integer(r)) => l.cmp(r),
        (Value::Bigint(l), Value::Bigint(r)) => l.cmp(r),
        (Value::Double(l), Value::Double(r)) => l.total_cmp(r),
        (Value::Decimal(l), Value::Decimal(r)) => l.unscaled.cmp(&r.unscaled),
        (Value::String(l), Value::String(r)) => text::compare_utf16(l, r),
        (Value::Bytes(l), Value::Bytes(r)) => l.cmp(r),
        (Value::Time(l), Value::Time(r)) | (Value::Date(l), Value::Date(r)) => l.cmp(r),
        (Value::Timestamp(l), Value::Timestamp(r)) => l.cmp(r),
        _ => Ordering::Equal,
    }
}

/// Compares the value at `row`, which is not NULL, with `value` of the same type.
pub(super) fn compare_at(array: &dyn Array, row: usize, value: &Value) -> Ordering {
    match value {
        Value::String(other) => text::compare_utf16(array.as_string::<i32>().value(row), other),
        Value::Bytes(other) => array.as_binary::<i32>().value(row).cmp(other.as_slice()),
        _ => compare_values(&value_at(array, row), value),
    }
}

/// Sets `target` to the value at `row`, reusing the buffer of a text or of bytes.
pub(super) fn assign(target: &mut Value, array: &dyn Array, row: usize) {
    match target {
        Value::String(buffer) if array.is_valid(row) => {
            buffer.clear();
            buffer.push_str(array.as_string::<i32>().value(row));
        }
        Value::Bytes(buffer) if array.is_valid(row) => {
            buffer.clear();
            buffer.extend_from_slice(array.as_binary::<i32>().value(row));
        }
        _ => *target = value_at(array, row),
    }
}
