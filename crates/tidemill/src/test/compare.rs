//! Whether an actual value is the expected JSON (spec section 10.5, the comparator).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use types::Decimal;

use super::actual::Actual;

/// Doubles may differ by this much.
const DOUBLE_TOLERANCE: f64 = 1e-6;

/// Whether `actual` is what `expected` says; the kind of `expected` decides how they are compared.
pub fn matches(actual: &Actual, expected: &Value) -> bool {
    match expected {
        Value::Null => *actual == Actual::Null,
        Value::Bool(value) => *actual == Actual::Boolean(*value),
        Value::Number(number) => number_matches(actual, &number.to_string()),
        Value::String(text) => text_matches(actual, text),
        Value::Array(items) => list_matches(actual, items),
        Value::Object(fields) => record_matches(actual, fields),
    }
}

/// Whether a record's whole value matches: like [`matches`], but the byte fields of a map are
/// compared as base64 text and empty bytes as null.
pub fn record_value_matches(actual: &Actual, expected: &Value) -> bool {
    let Actual::Map(fields) = actual else { return matches(actual, expected) };
    let converted = fields.iter().map(|(name, value)| (name.clone(), bytes_as_text(value)));
    matches(&Actual::Map(converted.collect()), expected)
}

fn bytes_as_text(value: &Actual) -> Actual {
    match value {
        Actual::Bytes(bytes) if bytes.is_empty() => Actual::Null,
        Actual::Bytes(bytes) => Actual::String(STANDARD.encode(bytes)),
        other => other.clone(),
    }
}

fn number_matches(actual: &Actual, expected: &str) -> bool {
    let integer = expected.parse::<i64>().ok();
    match actual {
        Actual::Int(value) => truncated(expected).is_some_and(|e| e as i32 == *value),
        Actual::Long(value) => truncated(expected) == Some(*value),
        Actual::Double(value) => {
            expected.parse::<f64>().is_ok_and(|e| (e - value).abs() < DOUBLE_TOLERANCE)
        }
        Actual::Decimal(value) => match integer {
            Some(expected) => value.scale == 0 && value.to_string() == expected.to_string(),
            None => expected.parse::<Decimal>() == Ok(*value),
        },
        _ => false,
    }
}

/// The integer part of a JSON number.
fn truncated(number: &str) -> Option<i64> {
    number.parse().ok().or_else(|| number.parse::<f64>().ok().map(|value| value as i64))
}

fn text_matches(actual: &Actual, expected: &str) -> bool {
    match actual {
        Actual::String(text) => text == expected,
        Actual::Decimal(value) => expected.parse::<Decimal>() == Ok(*value),
        Actual::Bytes(bytes) => STANDARD.encode(bytes) == expected,
        _ => false,
    }
}

fn list_matches(actual: &Actual, expected: &[Value]) -> bool {
    match actual {
        Actual::List(items) => {
            items.len() == expected.len() && items.iter().zip(expected).all(|(a, e)| matches(a, e))
        }
        _ => false,
    }
}

fn record_matches(actual: &Actual, expected: &serde_json::Map<String, Value>) -> bool {
    let Actual::Map(fields) = actual else { return false };
    fields.len() == expected.len()
        && expected.iter().all(|(name, value)| matches(field(fields, name), value))
}

/// The field called `name`, else the one called so in upper case, else null.
fn field<'a>(fields: &'a [(String, Actual)], name: &str) -> &'a Actual {
    let named = |wanted: &str| fields.iter().find(|(n, _)| n == wanted).map(|(_, value)| value);
    named(name).or_else(|| named(&name.to_uppercase())).unwrap_or(&Actual::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn decimal(text: &str) -> Actual {
        Actual::Decimal(text.parse().expect("a decimal"))
    }

    #[test]
    fn decimals_compare_with_their_scale() {
        let expected: Value = serde_json::from_str("20.2000").expect("JSON");
        assert!(matches(&decimal("20.2000"), &expected));
        assert!(!matches(&decimal("20.2"), &expected));
        assert!(matches(&decimal("20.2000"), &json!("20.2000")));
    }

    #[test]
    fn integers_do_not_equal_decimals_with_a_fraction() {
        assert!(matches(&Actual::Int(1), &json!(1)));
        assert!(!matches(&decimal("1.0"), &json!(1)));
    }

    #[test]
    fn fields_are_found_by_upper_case_and_counted() {
        let actual = Actual::Map(vec![("A".to_owned(), Actual::Int(1))]);
        assert!(matches(&actual, &json!({"a": 1})));
        assert!(!matches(&actual, &json!({"a": 1, "b": null})));
    }
}
