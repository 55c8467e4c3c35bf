//! What the table functions produce.

use types::columns::{array_of, values};
use types::{SqlType, Value};

use crate::Registry;
use crate::api::{Argument, ArgumentType, Call, Environment, Failures};

#[derive(Debug)]
struct Stillness;

impl Environment for Stillness {
    fn now_ms(&self) -> i64 {
        0
    }

    fn random_u64(&self) -> u64 {
        0
    }
}

fn list(items: &[Option<i32>]) -> Value {
    Value::Array(items.iter().map(|item| item.map_or(Value::Null, Value::Integer)).collect())
}

/// Rows and counts that `function` makes of arrays, and the number of failures.
fn explode(function: &str, rows: &[Value]) -> (Vec<Value>, Vec<usize>, usize) {
    let mut registry = Registry::default();
    super::register(&mut registry);
    let table = registry.table(function).expect("the function exists");
    let ty = SqlType::array(SqlType::Integer);
    let (arguments, returns) =
        table.resolve(&[ArgumentType::Sql(ty.clone())]).expect("it takes arrays");
    assert_eq!(arguments, std::slice::from_ref(&ty));
    let mut failures = Failures::default();
    let (array, counts) = table.explode(&mut Call {
        arguments: &[Argument::Column(array_of(&ty, rows))],
        rows: rows.len(),
        returns: &returns,
        environment: &Stillness,
        failures: &mut failures,
    });
    (values(&array), counts, failures.rows.len())
}

#[test]
fn explode_makes_a_row_of_every_element() {
    let rows = [list(&[Some(1), None]), Value::Null, list(&[]), list(&[Some(3)])];
    let (produced, counts, failures) = explode("EXPLODE", &rows);
    assert_eq!(produced, [Value::Integer(1), Value::Null, Value::Integer(3)]);
    assert_eq!((counts, failures), (vec![2, 0, 0, 1], 0));
}

#[test]
fn cube_explode_counts_in_binary() {
    let rows = [list(&[Some(1), None, Some(2)]), Value::Null, list(&[None])];
    let (produced, counts, failures) = explode("CUBE_EXPLODE", &rows);
    let expected = [
        list(&[None, None, None]),
        list(&[None, None, Some(2)]),
        list(&[Some(1), None, None]),
        list(&[Some(1), None, Some(2)]),
        list(&[None]),
    ];
    assert_eq!(produced, expected);
    assert_eq!((counts, failures), (vec![4, 0, 1], 0));
}

#[test]
fn cube_explode_refuses_long_arrays() {
    let (produced, counts, failures) = explode("CUBE_EXPLODE", &[list(&[Some(1); 21])]);
    assert_eq!((produced, counts, failures), (Vec::new(), vec![0], 1));
}

#[test]
fn other_types_are_refused() {
    let mut registry = Registry::default();
    super::register(&mut registry);
    let map = SqlType::map(SqlType::String, SqlType::Integer);
    let error = registry.table("explode").expect("it exists").resolve(&[ArgumentType::Sql(map)]);
    let text = error.expect_err("maps are refused").to_string();
    assert!(
        text.starts_with("Function 'explode' does not accept parameters (MAP<STRING, INTEGER>).")
    );
}
