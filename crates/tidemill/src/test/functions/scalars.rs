//! Scalar functions of the test files: which overload was chosen, what happens when one fails.

use std::cell::Cell;

use ::functions::{Call, Registry, Scalar};
use arrow_array::ArrayRef;
use types::columns::{array_of, value_at};
use types::{SqlType, Value};

const CATEGORY: &str = "OTHER";

thread_local! {
    /// Whether BAD_UDF's next text is lost; the tests count on every second one.
    static LOSES_NEXT: Cell<bool> = const { Cell::new(true) };
}

/// Forgets what the functions remember of the case before.
pub fn restart() {
    LOSES_NEXT.set(true);
}

/// Adds the functions.
pub fn register(registry: &mut Registry) {
    registry.add_scalar(
        Scalar::new("TEST_UDF", CATEGORY, "Tells which overload was called.")
            .overload("(BIGINT, STRING) -> STRING", |call| told(call, "doStuffLongString"))
            .overload("(BIGINT, BIGINT, STRING) -> STRING", |call| {
                told(call, "doStuffLongLongString")
            })
            .overload("(BIGINT...) -> STRING", |call| told(call, "doStuffLongVarargs"))
            .overload("(STRUCT<A STRING>) -> STRING", field)
            .overload("() -> STRUCT<A STRING>", |call| {
                each(call, |_| Ok(Value::Struct(vec![text("foo")])))
            }),
    );
    registry.add_scalar(
        Scalar::new("BAD_UDF", CATEGORY, "Fails for numbers and for true, loses texts.")
            .overload("(INT) -> INT", |call| each(call, |_| Err("boom!".to_owned())))
            .overload("(BOOLEAN) -> INT", |call| each(call, fails_if_true))
            .overload("(STRING) -> STRING", |call| each(call, every_second)),
    );
    registry.add_scalar(
        Scalar::new("WHENCONDITION", CATEGORY, "Its first argument; fails if the second is false.")
            .overload("(BOOLEAN, BOOLEAN) -> BOOLEAN", |call| each(call, first_if_second)),
    );
    registry.add_scalar(
        Scalar::new("WHENRESULT", CATEGORY, "Its first argument; fails if the second is false.")
            .overload("(INT, BOOLEAN) -> INT", |call| each(call, first_if_second)),
    );
    registry.add_scalar(
        Scalar::new("TOSTRUCT", CATEGORY, "A struct with the text as its only field.")
            .overload("(STRING) -> STRUCT<A STRING>", |call| {
                each(call, |row| Ok(Value::Struct(vec![row[0].clone()])))
            }),
    );
}

fn text(text: &str) -> Value {
    Value::string(text)
}

fn told(call: &mut Call<'_>, what: &str) -> ArrayRef {
    each(call, |_| Ok(text(what)))
}

fn field(call: &mut Call<'_>) -> ArrayRef {
    each(call, |row| match &row[0] {
        Value::Struct(fields) => Ok(fields.first().cloned().unwrap_or(Value::Null)),
        _ => Ok(Value::Null),
    })
}

fn fails_if_true(row: &[Value]) -> Result<Value, String> {
    match row[0] {
        Value::Boolean(false) => Ok(Value::Integer(0)),
        _ => Err("boom!".to_owned()),
    }
}

fn every_second(row: &[Value]) -> Result<Value, String> {
    let is_lost = LOSES_NEXT.replace(!LOSES_NEXT.get());
    Ok(if is_lost { Value::Null } else { row[0].clone() })
}

fn first_if_second(row: &[Value]) -> Result<Value, String> {
    match row[1] {
        Value::Boolean(true) => Ok(row[0].clone()),
        _ => Err("a branch was evaluated that must not be".to_owned()),
    }
}

/// Evaluates row by row.
fn each(call: &mut Call<'_>, evaluate: impl Fn(&[Value]) -> Result<Value, String>) -> ArrayRef {
    let returns: SqlType = call.returns.clone();
    let mut results = Vec::with_capacity(call.rows);
    for row in 0..call.rows {
        let arguments: Vec<Value> =
            (0..call.arguments.len()).map(|index| value_at(call.column(index), row)).collect();
        let result = evaluate(&arguments).unwrap_or_else(|message| {
            call.fail(row, message);
            Value::Null
        });
        results.push(result);
    }
    array_of(&returns, &results)
}
