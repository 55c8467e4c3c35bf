//! Equality and order of values as Java's `equals` and `compareTo` have them, for functions that
//! search, sort and remove duplicates.

use std::cmp::Ordering;

use types::text::compare_utf16;
use types::{Value, columns};

use arrow_array::Array;

/// Bytes that are equal exactly when two values of one type are: NaN equals itself, 0.0 differs from -0.0, and
/// the order of a map's entries does not matter.
pub fn identity(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_identity(value, &mut bytes);
    bytes
}

/// The identity of each element of `array`.
pub fn identities(array: &dyn Array) -> Vec<Vec<u8>> {
    (0..array.len()).map(|row| identity(&columns::value_at(array, row))).collect()
}

fn write_identity(value: &Value, out: &mut Vec<u8>) {
    // Every value is led by its kind, and everything of variable length by its length.
    match value {
        Value::Null => out.push(0),
        Value::Boolean(value) => out.extend([1, u8::from(*value)]),
        Value::Integer(value) | Value::Time(value) | Value::Date(value) => {
            out.push(2);
            out.extend(value.to_be_bytes());
        }
        Value::Bigint(value) | Value::Timestamp(value) => {
            out.push(3);
            out.extend(value.to_be_bytes());
        }
        Value::Double(value) => {
            let value = if value.is_nan() { f64::NAN } else { *value };
            out.push(4);
            out.extend(value.to_bits().to_be_bytes());
        }
        Value::Decimal(value) => {
            out.extend([5, value.scale]);
            out.extend(value.unscaled.to_be_bytes());
        }
        Value::String(value) => write_bytes(6, value.as_bytes(), out),
        Value::Bytes(value) => write_bytes(7, value, out),
        Value::Array(values) => write_all(8, values.iter().map(identity).collect(), out),
        Value::Struct(values) => write_all(9, values.iter().map(identity).collect(), out),
        Value::Map(entries) => {
            let entry = |(key, value): &(Value, Value)| [identity(key), identity(value)].concat();
            let mut entries: Vec<Vec<u8>> = entries.iter().map(entry).collect();
            entries.sort();
            write_all(10, entries, out);
        }
    }
}

fn write_bytes(kind: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    out.extend((bytes.len() as u64).to_be_bytes());
    out.extend(bytes);
}

fn write_all(kind: u8, identities: Vec<Vec<u8>>, out: &mut Vec<u8>) {
    out.push(kind);
    out.extend((identities.len() as u64).to_be_bytes());
    out.extend(identities.into_iter().flatten());
}

/// The order of two values of one type; structured values and NULLs have none and count as equal.
pub fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Boolean(left), Value::Boolean(right)) => left.cmp(right),
        (Value::Integer(left), Value::Integer(right))
        | (Value::Time(left), Value::Time(right))
        | (Value::Date(left), Value::Date(right)) => left.cmp(right),
        (Value::Bigint(left), Value::Bigint(right))
        | (Value::Timestamp(left), Value::Timestamp(right)) => left.cmp(right),
        (Value::Double(left), Value::Double(right)) => compare_doubles(*left, *right),
        (Value::Decimal(left), Value::Decimal(right)) => left.unscaled.cmp(&right.unscaled),
        (Value::String(left), Value::String(right)) => compare_utf16(left, right),
        (Value::Bytes(left), Value::Bytes(right)) => left.cmp(right),
        _ => Ordering::Equal,
    }
}

/// Java's `Double.compare`: NaN is greatest and equal to itself, -0.0 is less than 0.0.
pub fn compare_doubles(left: f64, right: f64) -> Ordering {
    let plain = |value: f64| if value.is_nan() { f64::NAN.abs() } else { value };
    plain(left).total_cmp(&plain(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_equal_in_any_order() {
        let entry = |key: &str, value| (Value::string(key), Value::Integer(value));
        let map = |entries: &[(Value, Value)]| identity(&Value::Map(entries.to_vec()));
        assert_eq!(map(&[entry("a", 1), entry("b", 2)]), map(&[entry("b", 2), entry("a", 1)]));
        assert_ne!(map(&[entry("a", 1)]), map(&[entry("a", 2)]));
    }

    #[test]
    fn doubles_are_ordered_as_in_java() {
        assert_eq!(compare_doubles(-f64::NAN, f64::NAN), Ordering::Equal);
        assert_eq!(compare_doubles(f64::INFINITY, f64::NAN), Ordering::Less);
        assert_eq!(compare_doubles(-0.0, 0.0), Ordering::Less);
        assert_ne!(identity(&Value::Double(-0.0)), identity(&Value::Double(0.0)));
    }

    #[test]
    fn neighbours_do_not_run_together() {
        let texts = |texts: &[&str]| {
            identity(&Value::Array(texts.iter().map(|text| Value::string(*text)).collect()))
        };
        assert_ne!(texts(&["ab", "c"]), texts(&["a", "bc"]));
        assert_ne!(texts(&[""]), texts(&[]));
    }
}
