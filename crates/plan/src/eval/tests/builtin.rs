//! Calls of built-in functions with lambdas, resolved as analysis resolves them.

use functions::{ArgumentType, Failures, Registry};
use types::columns::values;
use types::{SqlType, Value};

use super::fixtures::*;
use crate::eval::Evaluator;
use crate::expression::{CallArgument, Expr, ExprKind};

fn list() -> SqlType {
    SqlType::array(SqlType::Integer)
}

/// `TRANSFORM(column 0, x => body)` with a body of type INTEGER.
fn transform(registry: &Registry, body: Expr) -> Expr {
    let scalar = registry.scalar("TRANSFORM").expect("it is built in");
    let lambda = ArgumentType::Lambda { parameters: 1, returns: Some(body.ty.clone()) };
    let resolution =
        scalar.resolve(&[ArgumentType::Sql(list()), lambda]).expect("TRANSFORM takes arrays");
    let parameters = vec![SqlType::Integer];
    let arguments =
        vec![CallArgument::Value(column(0, list())), CallArgument::Lambda { parameters, body }];
    let function = "TRANSFORM".to_owned();
    let kind = ExprKind::Call { function, overload: resolution.overload, arguments };
    Expr { kind, ty: resolution.returns }
}

fn parameter() -> Expr {
    Expr { kind: ExprKind::LambdaParameter { depth: 0, index: 0 }, ty: SqlType::Integer }
}

fn run_builtin(body: Expr, rows: Vec<Value>) -> (Vec<Value>, Vec<usize>) {
    let registry = Registry::builtin();
    let expr = transform(&registry, body);
    let evaluator = Evaluator::try_new(&expr, &registry).expect("the call compiles");
    let tens = (1..=rows.len()).map(|row| Value::Integer(row as i32 * 10)).collect();
    let input = batch(&[(list(), rows), (SqlType::Integer, tens)]);
    let mut failures = Failures::default();
    let array = evaluator.evaluate(&input, &Stillness, &mut failures);
    let mut failed: Vec<usize> = failures.rows.iter().map(|(row, _)| *row).collect();
    failed.dedup();
    (values(&array), failed)
}

fn ints(numbers: &[i32]) -> Value {
    Value::Array(numbers.iter().copied().map(Value::Integer).collect())
}

#[test]
fn lambdas_of_built_in_functions_see_their_row() {
    let body = add(parameter(), column(1, SqlType::Integer));
    let rows = vec![ints(&[1, 2]), Value::Null, ints(&[]), ints(&[3])];
    let (values, failed) = run_builtin(body, rows);
    assert_eq!(values, [ints(&[11, 12]), Value::Null, ints(&[]), ints(&[43])]);
    assert!(failed.is_empty());
}

#[test]
fn a_failing_entry_fails_its_row_only() {
    let body = divide(int(12), parameter());
    let (values, failed) = run_builtin(body, vec![ints(&[1, 2]), ints(&[3, 0]), ints(&[4])]);
    assert_eq!(values, [ints(&[12, 6]), Value::Null, ints(&[3])]);
    assert_eq!(failed, [1]);
}
