//! Inputs, functions and short ways to write expressions.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, Int32Array};
use functions::{
    Argument, ArgumentType, Call, Environment, Failures, Overload, Registry, Returns, Scalar,
};
use types::columns::{array_of, values};
use types::{SqlType, Value};

use crate::eval::{Evaluator, Input};
use crate::expression::{ArithmeticOp, ColumnRef, CompareOp, Expr, ExprKind};

/// A batch of value columns.
pub struct Batch {
    pub rows: usize,
    pub columns: Vec<ArrayRef>,
}

impl Input for Batch {
    fn rows(&self) -> usize {
        self.rows
    }

    fn column(&self, column: ColumnRef) -> ArrayRef {
        match column {
            ColumnRef::Value(index) => self.columns[index].clone(),
            other => unreachable!("the tests read no {other:?}"),
        }
    }
}

#[derive(Debug)]
pub struct Stillness;

impl Environment for Stillness {
    fn now_ms(&self) -> i64 {
        0
    }

    fn random_u64(&self) -> u64 {
        0
    }
}

/// A batch of the given columns.
pub fn batch(columns: &[(SqlType, Vec<Value>)]) -> Batch {
    let rows = columns.first().map_or(1, |(_, values)| values.len());
    Batch { rows, columns: columns.iter().map(|(ty, values)| array_of(ty, values)).collect() }
}

/// Values and failures of an expression over a batch.
pub fn run(expr: &Expr, input: &Batch) -> (Vec<Value>, Failures) {
    let evaluator = Evaluator::try_new(expr, &registry()).expect("the expression compiles");
    let mut failures = Failures::default();
    let array = evaluator.evaluate(input, &Stillness, &mut failures);
    assert_eq!(array.len(), input.rows);
    assert_eq!(array.data_type(), &types::columns::arrow_type(&expr.ty));
    (values(&array), failures)
}

/// The value of an expression without columns, and whether anything was noted.
pub fn constant(expr: &Expr) -> (Value, bool) {
    let (mut values, failures) = run(expr, &Batch { rows: 1, columns: Vec::new() });
    (values.remove(0), !failures.rows.is_empty())
}

fn function(name: &'static str, evaluate: fn(&mut Call<'_>) -> ArrayRef) -> Scalar {
    Scalar {
        name,
        category: "TEST",
        description: "For tests.",
        overloads: vec![Overload {
            parameters: Vec::new(),
            variadic: None,
            returns: Returns::Computed(|_: &[ArgumentType]| Ok(SqlType::Integer)),
            evaluate,
        }],
    }
}

/// `REJECT_ODD(i)` fails on odd numbers; `APPLY(i, lambda)` calls the lambda with every non-NULL entry.
pub fn registry() -> Registry {
    let mut registry = Registry::default();
    registry.add_scalar(function("REJECT_ODD", reject_odd));
    registry.add_scalar(function("APPLY", apply));
    registry
}

fn reject_odd(call: &mut Call<'_>) -> ArrayRef {
    let column = call.column(0).clone();
    let numbers = column.as_primitive::<Int32Type>();
    for row in 0..call.rows {
        if numbers.is_valid(row) && numbers.value(row) % 2 != 0 {
            call.fail(row, "odd");
        }
    }
    column
}

fn apply(call: &mut Call<'_>) -> ArrayRef {
    let column = call.column(0).clone();
    let numbers = column.as_primitive::<Int32Type>();
    let rows: Vec<u32> =
        (0..call.rows).filter(|row| numbers.is_valid(*row)).map(|row| row as u32).collect();
    let entries: Int32Array = rows.iter().map(|row| numbers.value(*row as usize)).collect();
    let Argument::Lambda(lambda) = &call.arguments[1] else {
        unreachable!("the second is a lambda")
    };
    let results = lambda.call(&[Arc::new(entries)], &rows, call.failures);
    let results = results.as_primitive::<Int32Type>();
    let mut output = vec![None; call.rows];
    for (entry, row) in rows.iter().enumerate() {
        output[*row as usize] = results.is_valid(entry).then(|| results.value(entry));
    }
    Arc::new(Int32Array::from(output))
}

pub fn decimal(precision: u8, scale: u8) -> SqlType {
    SqlType::Decimal { precision, scale }
}

pub fn decimal_value(text: &str) -> Value {
    Value::Decimal(text.parse().expect("a decimal"))
}

pub fn int(value: i32) -> Expr {
    Expr::literal(Value::Integer(value), SqlType::Integer)
}

pub fn double(value: f64) -> Expr {
    Expr::literal(Value::Double(value), SqlType::Double)
}

pub fn text(value: &str) -> Expr {
    Expr::literal(Value::string(value), SqlType::String)
}

pub fn boolean(value: bool) -> Expr {
    Expr::literal(Value::Boolean(value), SqlType::Boolean)
}

pub fn exact(value: &str, precision: u8, scale: u8) -> Expr {
    Expr::literal(decimal_value(value), decimal(precision, scale))
}

/// A NULL that only evaluation finds out: literals of NULL are treated apart.
pub fn null(ty: SqlType) -> Expr {
    let array = Expr {
        kind: ExprKind::Array(vec![Expr::literal(Value::Null, ty.clone())]),
        ty: SqlType::array(ty.clone()),
    };
    Expr { kind: ExprKind::Subscript { base: array.into(), index: int(1).into() }, ty }
}

pub fn column(index: usize, ty: SqlType) -> Expr {
    Expr::column(ColumnRef::Value(index), ty)
}

pub fn arithmetic(op: ArithmeticOp, left: Expr, right: Expr) -> Expr {
    let ty = crate::typing::arithmetic_type(op, &left.ty, &right.ty).expect("the types add up");
    Expr { kind: ExprKind::Arithmetic { op, left: left.into(), right: right.into() }, ty }
}

pub fn add(left: Expr, right: Expr) -> Expr {
    arithmetic(ArithmeticOp::Add, left, right)
}

pub fn divide(left: Expr, right: Expr) -> Expr {
    arithmetic(ArithmeticOp::Divide, left, right)
}

pub fn truth(kind: ExprKind) -> Expr {
    Expr { kind, ty: SqlType::Boolean }
}

pub fn compare(op: CompareOp, left: Expr, right: Expr) -> Expr {
    truth(ExprKind::Compare { op, left: left.into(), right: right.into() })
}

pub fn equal(left: Expr, right: Expr) -> Expr {
    compare(CompareOp::Equal, left, right)
}

pub fn and(left: Expr, right: Expr) -> Expr {
    truth(ExprKind::And(left.into(), right.into()))
}

pub fn or(left: Expr, right: Expr) -> Expr {
    truth(ExprKind::Or(left.into(), right.into()))
}

pub fn not(operand: Expr) -> Expr {
    truth(ExprKind::Not(operand.into()))
}

pub fn is_null(operand: Expr) -> Expr {
    truth(ExprKind::IsNull(operand.into()))
}

pub fn cast(operand: Expr, ty: SqlType) -> Expr {
    Expr { kind: ExprKind::Cast(operand.into()), ty }
}

pub fn call(function: &str, arguments: Vec<crate::expression::CallArgument>) -> Expr {
    let kind = ExprKind::Call { function: function.to_owned(), overload: 0, arguments };
    Expr { kind, ty: SqlType::Integer }
}
