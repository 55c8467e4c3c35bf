//! Batch invariance: a batch evaluated at once gives what its rows give one by one, failures included.

use proptest::prelude::*;
use types::{SqlType, Value};

use super::fixtures::*;
use crate::expression::{ArithmeticOp, CallArgument, CompareOp, Expr, ExprKind};

const COLUMNS: usize = 5;

fn column_types() -> [SqlType; COLUMNS] {
    [
        SqlType::Integer,
        SqlType::Double,
        decimal(6, 2),
        SqlType::String,
        SqlType::array(SqlType::Integer),
    ]
}

fn integer() -> impl Strategy<Value = Value> {
    prop_oneof![Just(Value::Null), (-3..4).prop_map(Value::Integer)]
}

fn row() -> impl Strategy<Value = Vec<Value>> {
    let doubles = prop_oneof![
        Just(Value::Null),
        Just(Value::Double(f64::NAN)),
        (-20..20).prop_map(|v| Value::Double(f64::from(v) / 10.0)),
    ];
    let decimals = prop_oneof![
        Just(Value::Null),
        (-300_i128..300).prop_map(|v| {
            Value::Decimal(types::Decimal::new(arrow_buffer::i256::from_i128(v), 2))
        }),
    ];
    let texts = prop_oneof![
        Just(Value::Null),
        proptest::sample::select(vec!["", "1", "-2", "x", "tr", "1970"]).prop_map(Value::string),
    ];
    let lists = prop_oneof![
        Just(Value::Null),
        proptest::collection::vec(integer(), 0..3).prop_map(Value::Array),
    ];
    (integer(), doubles, decimals, texts, lists).prop_map(|(a, b, c, d, e)| vec![a, b, c, d, e])
}

/// Expressions of type INTEGER.
fn integers() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        Just(column(0, SqlType::Integer)),
        (-2..3).prop_map(int),
        Just(cast(column(3, SqlType::String), SqlType::Integer)),
        Just(cast(column(1, SqlType::Double), SqlType::Integer)),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let op = proptest::sample::select(vec![
            ArithmeticOp::Add,
            ArithmeticOp::Multiply,
            ArithmeticOp::Divide,
            ArithmeticOp::Modulo,
        ]);
        prop_oneof![
            (op, inner.clone(), inner.clone()).prop_map(|(op, l, r)| arithmetic(op, l, r)),
            inner.clone().prop_map(|e| call("REJECT_ODD", vec![CallArgument::Value(e)])),
            inner.clone().prop_map(subscript),
            (inner.clone(), inner.clone()).prop_map(|(e, f)| with_lambda(e, f)),
            (conditions(inner.clone()), inner.clone(), proptest::option::of(inner))
                .prop_map(|(condition, result, otherwise)| case(condition, result, otherwise)),
        ]
    })
}

fn subscript(index: Expr) -> Expr {
    let base = column(4, SqlType::array(SqlType::Integer));
    let kind = ExprKind::Subscript { base: base.into(), index: index.into() };
    Expr { kind, ty: SqlType::Integer }
}

/// `APPLY(argument, x => x + other)`.
fn with_lambda(argument: Expr, other: Expr) -> Expr {
    let kind = ExprKind::LambdaParameter { depth: 0, index: 0 };
    // The other expression may itself hold lambdas, but none that looks out of its own.
    let body = add(Expr { kind, ty: SqlType::Integer }, other);
    let lambda = CallArgument::Lambda { parameters: vec![SqlType::Integer], body };
    call("APPLY", vec![CallArgument::Value(argument), lambda])
}

fn case(condition: Expr, result: Expr, otherwise: Option<Expr>) -> Expr {
    let kind =
        ExprKind::Case { branches: vec![(condition, result)], otherwise: otherwise.map(Box::new) };
    Expr { kind, ty: SqlType::Integer }
}

/// Expressions of type BOOLEAN over integer ones.
fn conditions(
    integers: impl Strategy<Value = Expr> + Clone + 'static,
) -> impl Strategy<Value = Expr> {
    let op = proptest::sample::select(vec![
        CompareOp::Equal,
        CompareOp::Less,
        CompareOp::NotEqual,
        CompareOp::IsDistinctFrom,
    ]);
    let operand = prop_oneof![
        integers.clone(),
        Just(column(1, SqlType::Double)),
        Just(column(2, decimal(6, 2))),
    ];
    let leaf = prop_oneof![
        (op, operand.clone(), operand).prop_map(|(op, l, r)| compare(op, l, r)),
        integers.prop_map(is_null),
        Just(cast(column(3, SqlType::String), SqlType::Boolean)),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(l, r)| and(l, r)),
            (inner.clone(), inner.clone()).prop_map(|(l, r)| or(l, r)),
            inner.prop_map(not),
        ]
    })
}

fn batch_of(rows: &[Vec<Value>]) -> Batch {
    let columns = column_types().into_iter().enumerate();
    let columns: Vec<(SqlType, Vec<Value>)> = columns
        .map(|(index, ty)| (ty, rows.iter().map(|row| row[index].clone()).collect()))
        .collect();
    batch(&columns)
}

/// What a row gives: its value and the messages noted for it, without order.
fn outcome_of_row(
    values: &[Value],
    failures: &functions::Failures,
    row: usize,
) -> (String, Vec<String>) {
    let noted = failures.rows.iter().filter(|(failed, _)| *failed == row);
    let mut messages: Vec<String> = noted.map(|(_, message)| message.clone()).collect();
    messages.sort();
    (format!("{:?}", values[row]), messages)
}

proptest! {
    #[test]
    fn a_batch_gives_what_its_rows_give(
        expr in prop_oneof![integers(), conditions(integers().boxed())],
        rows in proptest::collection::vec(row(), 1..12),
    ) {
        let (values, failures) = run(&expr, &batch_of(&rows));
        for (number, row) in rows.iter().enumerate() {
            let (alone, alone_failures) = run(&expr, &batch_of(std::slice::from_ref(row)));
            prop_assert_eq!(
                outcome_of_row(&values, &failures, number),
                outcome_of_row(&alone, &alone_failures, 0),
            );
        }
    }
}
