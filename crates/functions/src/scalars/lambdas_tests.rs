//! TRANSFORM, FILTER and REDUCE with lambdas written in Rust.

use types::{Value, columns};

use super::*;
use crate::ArgumentType;
use crate::scalars::testing::Fixed;

/// A lambda of values; an error is a failing entry.
struct Native<F> {
    returns: SqlType,
    body: F,
}

impl<F: Fn(&[Value]) -> Result<Value, String>> Lambda for Native<F> {
    fn call(&self, arguments: &[ArrayRef], rows: &[u32], failures: &mut Failures) -> ArrayRef {
        let entry = |entry: usize| {
            let values: Vec<Value> =
                arguments.iter().map(|a| columns::value_at(a, entry)).collect();
            (self.body)(&values).unwrap_or_else(|message| {
                failures.push(rows[entry] as usize, message);
                Value::Null
            })
        };
        let results: Vec<Value> = (0..rows.len()).map(entry).collect();
        columns::array_of(&self.returns, &results)
    }
}

fn run(
    name: &str,
    columns_given: &[(SqlType, Vec<Value>)],
    lambdas: &[(&dyn Lambda, usize, SqlType)],
) -> (Vec<Value>, usize) {
    let registry = Registry::builtin();
    let function = registry.scalar(name).expect("it exists");
    let mut types: Vec<ArgumentType> =
        columns_given.iter().map(|(ty, _)| ArgumentType::Sql(ty.clone())).collect();
    types.extend(lambdas.iter().map(|(_, parameters, returns)| ArgumentType::Lambda {
        parameters: *parameters,
        returns: Some(returns.clone()),
    }));
    let resolution = function.resolve(&types).expect("the arguments fit");
    let mut arguments: Vec<Argument<'_>> = columns_given
        .iter()
        .map(|(ty, values)| Argument::Column(columns::array_of(ty, values)))
        .collect();
    arguments.extend(lambdas.iter().map(|(lambda, ..)| Argument::Lambda(*lambda)));
    let mut failures = Failures::default();
    let result = (function.overloads[resolution.overload].evaluate)(&mut Call {
        arguments: &arguments,
        rows: columns_given[0].1.len(),
        returns: &resolution.returns,
        environment: &Fixed,
        failures: &mut failures,
    });
    (columns::values(&result), failures.rows.len())
}

fn int_array(values: &[Option<i32>]) -> Value {
    Value::Array(values.iter().map(|v| v.map_or(Value::Null, Value::Integer)).collect())
}

fn add(values: &[Value]) -> Result<Value, String> {
    let int = |value: &Value| match value {
        Value::Integer(value) => Ok(*value),
        _ => Err("NULL in an addition".to_owned()),
    };
    let sum: Result<i32, String> = values.iter().map(int).sum();
    sum.map(Value::Integer)
}

fn int_arrays(rows: &[Value]) -> (SqlType, Vec<Value>) {
    (SqlType::array(SqlType::Integer), rows.to_vec())
}

fn map(entries: &[(&str, i32)]) -> Value {
    Value::Map(entries.iter().map(|(k, v)| (Value::string(*k), Value::Integer(*v))).collect())
}

#[test]
fn a_failing_entry_fails_its_row() {
    let plus_five = Native {
        returns: SqlType::Integer,
        body: |values: &[Value]| add(&[values[0].clone(), Value::Integer(5)]),
    };
    let rows = int_arrays(&[
        int_array(&[Some(3), Some(6)]),
        int_array(&[Some(5), None]),
        Value::Null,
        int_array(&[]),
    ]);
    let (values, failures) = run("TRANSFORM", &[rows], &[(&plus_five, 1, SqlType::Integer)]);
    let expected = [int_array(&[Some(8), Some(11)]), Value::Null, Value::Null, int_array(&[])];
    assert_eq!(values, expected);
    assert_eq!(failures, 1);
}

#[test]
fn maps_keep_their_keys_apart() {
    let key = Native { returns: SqlType::String, body: |_: &[Value]| Ok(Value::string("k")) };
    let value = Native { returns: SqlType::Integer, body: |values: &[Value]| add(&values[1..]) };
    let ty = SqlType::map(SqlType::String, SqlType::Integer);
    let rows = (ty, vec![map(&[("a", 1)]), map(&[("a", 1), ("b", 2)]), Value::Null]);
    let lambdas: [(&dyn Lambda, usize, SqlType); 2] =
        [(&key, 2, SqlType::String), (&value, 2, SqlType::Integer)];
    let (values, failures) = run("TRANSFORM", &[rows], &lambdas);
    assert_eq!(values, [map(&[("k", 1)]), Value::Null, Value::Null]);
    assert_eq!(failures, 1);
}

#[test]
fn entries_are_filtered() {
    let positive = Native {
        returns: SqlType::Boolean,
        body: |values: &[Value]| {
            Ok(Value::Boolean(matches!(values.last(), Some(Value::Integer(v)) if *v > 0)))
        },
    };
    let rows = int_arrays(&[Value::Null, int_array(&[Some(1), None, Some(-1), Some(2)])]);
    let (values, _) = run("FILTER", &[rows], &[(&positive, 1, SqlType::Boolean)]);
    assert_eq!(values, [Value::Null, int_array(&[Some(1), Some(2)])]);
    let ty = SqlType::map(SqlType::String, SqlType::Integer);
    let rows = (ty, vec![map(&[("a", 1), ("b", -1)])]);
    let (values, _) = run("FILTER", &[rows], &[(&positive, 2, SqlType::Boolean)]);
    assert_eq!(values, [map(&[("a", 1)])]);
}

#[test]
fn a_null_value_may_not_survive_the_filter() {
    let all = Native { returns: SqlType::Boolean, body: |_: &[Value]| Ok(Value::Boolean(true)) };
    let ty = SqlType::map(SqlType::String, SqlType::Integer);
    let rows = (ty, vec![Value::Map(vec![(Value::string("a"), Value::Null)])]);
    let (values, failures) = run("FILTER", &[rows], &[(&all, 2, SqlType::Boolean)]);
    assert_eq!((values, failures), (vec![Value::Null], 1));
}

#[test]
fn states_go_through_every_entry() {
    let sum = Native { returns: SqlType::Integer, body: add };
    let arrays = int_arrays(&[
        int_array(&[Some(1), Some(2), Some(3)]),
        int_array(&[Some(1)]),
        Value::Null,
        int_array(&[Some(1), None, Some(2)]),
        int_array(&[Some(1)]),
    ]);
    let states = [Some(10), None, Some(30), Some(40), Some(50)];
    let states = states.map(|state| state.map_or(Value::Null, Value::Integer)).to_vec();
    let (values, failures) =
        run("REDUCE", &[arrays, (SqlType::Integer, states)], &[(&sum, 2, SqlType::Integer)]);
    let expected = [Some(16), None, Some(30), None, Some(51)];
    assert_eq!(values, expected.map(|value| value.map_or(Value::Null, Value::Integer)));
    assert_eq!(failures, 1);
}
