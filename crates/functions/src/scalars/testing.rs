//! For the tests of the functions: calls by name, with one row of arguments.

use types::{SqlType, Value, columns};

use crate::{Argument, ArgumentType, Call, Environment, Failures, Registry};

/// A typed argument.
pub type Typed = (SqlType, Value);

/// A clock at 2023-11-14T22:13:20.123Z and dull randomness.
#[derive(Debug)]
pub struct Fixed;

impl Environment for Fixed {
    fn now_ms(&self) -> i64 {
        1_700_000_000_123
    }

    fn random_u64(&self) -> u64 {
        0x0123_4567_89ab_cdef
    }
}

/// Result of a call and the messages of its failures.
pub fn call(name: &str, arguments: &[Typed]) -> (Value, Vec<String>) {
    let registry = Registry::builtin();
    let function = registry.scalar(name).expect("the function exists");
    let types: Vec<ArgumentType> =
        arguments.iter().map(|(ty, _)| ArgumentType::Sql(ty.clone())).collect();
    let resolution = function.resolve(&types).expect("the arguments fit");
    let columns: Vec<Argument<'_>> = arguments
        .iter()
        .map(|(ty, value)| Argument::Column(columns::array_of(ty, [value])))
        .collect();
    let mut failures = Failures::default();
    let result = (function.overloads[resolution.overload].evaluate)(&mut Call {
        arguments: &columns,
        rows: 1,
        returns: &resolution.returns,
        environment: &Fixed,
        failures: &mut failures,
    });
    assert_eq!(result.data_type(), &columns::arrow_type(&resolution.returns), "{name}");
    assert_eq!(result.len(), 1, "{name}");
    (columns::value_at(&result, 0), failures.rows.into_iter().map(|(_, message)| message).collect())
}

/// Result of a call that does not fail.
pub fn evaluate(name: &str, arguments: &[Typed]) -> Value {
    let (value, failures) = call(name, arguments);
    assert!(failures.is_empty(), "{name}: {failures:?}");
    value
}

/// Whether a call fails, with NULL as its result.
pub fn fails(name: &str, arguments: &[Typed]) -> bool {
    let (value, failures) = call(name, arguments);
    value == Value::Null && !failures.is_empty()
}

/// An INTEGER.
pub fn int(value: i32) -> Typed {
    (SqlType::Integer, Value::Integer(value))
}

/// A DOUBLE.
pub fn double(value: f64) -> Typed {
    (SqlType::Double, Value::Double(value))
}

/// A STRING.
pub fn text(value: &str) -> Typed {
    (SqlType::String, Value::string(value))
}

/// BYTES.
pub fn bytes(value: &[u8]) -> Typed {
    (SqlType::Bytes, Value::Bytes(value.to_vec()))
}

/// NULL of a type.
pub fn null(ty: SqlType) -> Typed {
    (ty, Value::Null)
}

/// An ARRAY of values of one type.
pub fn array(ty: SqlType, values: &[Value]) -> Typed {
    (SqlType::array(ty), Value::Array(values.to_vec()))
}

/// An ARRAY of STRINGs.
pub fn texts(values: &[&str]) -> Value {
    Value::Array(values.iter().map(|value| Value::string(*value)).collect())
}
