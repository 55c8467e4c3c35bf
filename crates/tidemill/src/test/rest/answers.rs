//! Whether answers of the REST API are the expected ones (spec section 10.7).

use serde_json::Value;

/// Mark of an expected text that is only the beginning.
const STARTS_WITH: &str = "|starts_with";
/// Stands for the text of the answer's own statement.
const STATEMENT: &str = "{STATEMENT}";

/// Whether `actual` holds everything that `expected` names; the error names the place.
///
/// # Errors
/// With the first difference.
pub fn check(expected: &Value, actual: &Value, statement: &str) -> Result<(), String> {
    match (expected, actual) {
        (Value::Object(fields), Value::Object(found)) => {
            fields.iter().try_for_each(|(name, expected)| {
                check_member(name, expected, found, statement)
                    .map_err(|error| format!("{name}: {error}"))
            })
        }
        (Value::String(text), _) => {
            let text = Value::String(text.replace(STATEMENT, statement));
            differ_unless(is_equal(&text, actual), &text, actual)
        }
        _ => differ_unless(is_equal(expected, actual), expected, actual),
    }
}

fn check_member(
    name: &str,
    expected: &Value,
    found: &serde_json::Map<String, Value>,
    statement: &str,
) -> Result<(), String> {
    let operator =
        name.len().checked_sub(STARTS_WITH.len()).and_then(|at| name.split_at_checked(at));
    match operator.filter(|(_, operator)| operator.eq_ignore_ascii_case(STARTS_WITH)) {
        Some((name, _)) => {
            let actual = found.get(name).ok_or("missing")?;
            let expected_text = expected.as_str().unwrap_or_default();
            let expected_text = expected_text.replace(STATEMENT, statement);
            let holds = actual.as_str().is_some_and(|text| text.starts_with(&expected_text));
            differ_unless(holds, expected, actual)
        }
        None => check(expected, found.get(name).ok_or("missing")?, statement),
    }
}

fn differ_unless(holds: bool, expected: &Value, actual: &Value) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("expected {expected}\n  actual   {actual}")) }
}

/// Equality of parsed JSON: integers and fractions are different kinds of numbers.
fn is_equal(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Number(a), Value::Number(b)) => {
            let is_integer = |n: &serde_json::Number| n.is_i64() || n.is_u64();
            if is_integer(a) || is_integer(b) { a == b } else { a.as_f64() == b.as_f64() }
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same = |(name, a): (&String, &Value)| b.get(name).is_some_and(|b| is_equal(a, b));
            a.len() == b.len() && a.iter().all(same)
        }
        _ => expected == actual,
    }
}

/// Whether the elements of a query's answer are the expected ones; rows may come in any order unless
/// `in_order`.
///
/// # Errors
/// With what differs.
pub fn check_rows(
    expected: &[Value],
    actual: &[Value],
    statement: &str,
    in_order: bool,
) -> Result<(), String> {
    let listing = || {
        let lines: Vec<String> = actual.iter().map(Value::to_string).collect();
        format!("\n  answer: {}", lines.join("\n          "))
    };
    if expected.len() != actual.len() {
        let (expected, found) = (expected.len(), actual.len());
        return Err(format!("expected {expected} elements, found {found}{}", listing()));
    }
    for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
        let result = if in_order {
            check(expected, actual, statement)
        } else {
            check(&without_columns(expected), actual, statement)
        };
        result.map_err(|error| format!("element {index}: {error}"))?;
    }
    let mut left: Vec<&Value> = actual.iter().filter_map(columns).collect();
    for expected in expected.iter().filter_map(columns) {
        let found = left.iter().position(|actual| is_equal(expected, actual));
        let found = found.ok_or_else(|| format!("missing the row {expected}{}", listing()))?;
        left.swap_remove(found);
    }
    Ok(())
}

fn columns(element: &Value) -> Option<&Value> {
    element.get("row")?.get("columns")
}

fn without_columns(element: &Value) -> Value {
    let mut element = element.clone();
    if let Some(row) = element.get_mut("row").and_then(Value::as_object_mut) {
        row.shift_remove("columns");
    }
    element
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn expected_objects_are_parts_of_the_actual() {
        let actual = json!({"a": {"b": 1, "c": [1.50]}, "id": "CTAS_T_7", "text": "SELECT 1;"});
        let holds = |expected: Value| check(&expected, &actual, "SELECT 1;").is_ok();
        assert!(holds(
            json!({"a": {"c": [1.5]}, "id|STARTS_WITH": "CTAS_", "text": "{STATEMENT}"})
        ));
        assert!(!holds(json!({"a": {"b": 1.0}})));
        assert!(!holds(json!({"id|starts_with": "CSAS_"})));
        assert!(!holds(json!({"d": null})));
    }

    #[test]
    fn rows_come_in_any_order_unless_told() {
        let row = |n: i32| json!({"row": {"columns": [n]}});
        let (expected, actual) = ([row(1), row(2)], [row(2), row(1)]);
        assert!(check_rows(&expected, &actual, "", false).is_ok());
        assert!(check_rows(&expected, &actual, "", true).is_err());
        assert!(check_rows(&[row(1), row(1)], &actual, "", false).is_err());
        assert!(check_rows(&[row(1)], &actual, "", false).is_err());
    }
}
