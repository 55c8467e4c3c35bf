//! `+ - * / %` and negation. Integers wrap, integer division by zero fails, NULL operands fail;
//! for DECIMAL see [`super::decimal_arithmetic`].

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, PrimitiveArray};
use arrow_buffer::{NullBuffer, i256};
use functions::Failures;
use types::SqlType;

use super::decimal_arithmetic;
use super::node::{Context, Node, convert};
use super::outcome::{Column, Outcome, Rows, after, either, fail_nulls, without};
use crate::expression::ArithmeticOp;

const DIVISION_BY_ZERO: &str = "/ by zero";
pub(super) const NULL_OPERAND: &str = "an operand of an arithmetic operator is NULL";

/// `left op right` on numbers, or `+` on strings.
#[derive(Debug)]
pub(super) struct Arithmetic {
    pub op: ArithmeticOp,
    pub left: Node,
    pub right: Node,
    pub left_ty: SqlType,
    pub right_ty: SqlType,
    /// Type of the result.
    pub ty: SqlType,
}

/// Evaluates an arithmetic operator.
pub(super) fn evaluate(
    node: &Arithmetic,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    let rows = context.rows();
    let left = node.left.evaluate(context, failures);
    let right = after(left.failed.as_ref(), failures, |f| node.right.evaluate(context, f));
    match &node.ty {
        SqlType::String => concatenate(left, right, rows),
        SqlType::Decimal { scale, .. } => {
            let failed = either(left.failed, right.failed);
            decimal_arithmetic::evaluate(
                node,
                *scale,
                (&left.column, &right.column),
                failed,
                rows,
                failures,
            )
        }
        ty => {
            let left = widened(left, &node.left_ty, ty, rows, failures);
            let right = widened(right, &node.right_ty, ty, rows, failures);
            primitives(node.op, ty, left, right, rows, failures)
        }
    }
}

fn widened(
    operand: Outcome,
    from: &SqlType,
    to: &SqlType,
    rows: usize,
    failures: &mut Failures,
) -> Outcome {
    if from == to { operand } else { convert(operand, from, to, rows, failures) }
}

fn primitives(
    op: ArithmeticOp,
    ty: &SqlType,
    left: Outcome,
    right: Outcome,
    rows: usize,
    failures: &mut Failures,
) -> Outcome {
    let failed = either(left.failed, right.failed);
    let (left, right) = (&left.column, &right.column);
    let array = match ty {
        SqlType::Integer => integers(op, left, right, rows),
        SqlType::Bigint => bigints(op, left, right, rows),
        SqlType::Double => doubles(op, left, right, rows),
        other => unreachable!("arithmetic gives numbers or strings, not {other}"),
    };
    let nulls = fail_nulls(array.nulls(), failed.as_ref(), NULL_OPERAND, failures);
    let failed = either(failed, nulls);
    let divides = matches!(op, ArithmeticOp::Divide | ArithmeticOp::Modulo);
    if !divides || *ty == SqlType::Double {
        return Outcome { column: Column::Rows(array), failed };
    }
    let by_zero = zero_divisors(ty, right, failed.as_ref(), rows, failures);
    match by_zero {
        None => Outcome { column: Column::Rows(array), failed },
        Some(zeros) => Outcome::with_failed(without(&array, &zeros), either(failed, Some(zeros))),
    }
}

/// Rows with a zero divisor that have not failed already; each is noted.
fn zero_divisors(
    ty: &SqlType,
    divisor: &Column,
    failed: Option<&Rows>,
    rows: usize,
    failures: &mut Failures,
) -> Option<Rows> {
    let array = divisor.array();
    let is_zero: Box<dyn Fn(usize) -> bool> = if *ty == SqlType::Integer {
        let values = array.as_primitive::<Int32Type>().values();
        Box::new(move |row| values[divisor.index(row)] == 0)
    } else {
        let values = array.as_primitive::<Int64Type>().values();
        Box::new(move |row| values[divisor.index(row)] == 0)
    };
    if divisor.is_constant() && rows > 0 && !is_zero(0) {
        return None;
    }
    let zeros = Rows::collect_bool(rows, |row| {
        is_zero(row) && !failed.is_some_and(|failed| failed.value(row))
    });
    zeros.set_indices().for_each(|row| failures.push(row, DIVISION_BY_ZERO));
    zeros.has_true().then_some(zeros)
}

fn integers(op: ArithmeticOp, left: &Column, right: &Column, rows: usize) -> ArrayRef {
    let apply: fn(i32, i32) -> i32 = match op {
        ArithmeticOp::Add => return binary::<Int32Type>(left, right, rows, i32::wrapping_add),
        ArithmeticOp::Subtract => {
            return binary::<Int32Type>(left, right, rows, i32::wrapping_sub);
        }
        ArithmeticOp::Multiply => {
            return binary::<Int32Type>(left, right, rows, i32::wrapping_mul);
        }
        ArithmeticOp::Divide => |l, r| if r == 0 { 0 } else { l.wrapping_div(r) },
        ArithmeticOp::Modulo => |l, r| if r == 0 { 0 } else { l.wrapping_rem(r) },
    };
    binary::<Int32Type>(left, right, rows, apply)
}

fn bigints(op: ArithmeticOp, left: &Column, right: &Column, rows: usize) -> ArrayRef {
    let apply: fn(i64, i64) -> i64 = match op {
        ArithmeticOp::Add => return binary::<Int64Type>(left, right, rows, i64::wrapping_add),
        ArithmeticOp::Subtract => {
            return binary::<Int64Type>(left, right, rows, i64::wrapping_sub);
        }
        ArithmeticOp::Multiply => {
            return binary::<Int64Type>(left, right, rows, i64::wrapping_mul);
        }
        ArithmeticOp::Divide => |l, r| if r == 0 { 0 } else { l.wrapping_div(r) },
        ArithmeticOp::Modulo => |l, r| if r == 0 { 0 } else { l.wrapping_rem(r) },
    };
    binary::<Int64Type>(left, right, rows, apply)
}

fn doubles(op: ArithmeticOp, left: &Column, right: &Column, rows: usize) -> ArrayRef {
    match op {
        ArithmeticOp::Add => binary::<Float64Type>(left, right, rows, |l, r| l + r),
        ArithmeticOp::Subtract => binary::<Float64Type>(left, right, rows, |l, r| l - r),
        ArithmeticOp::Multiply => binary::<Float64Type>(left, right, rows, |l, r| l * r),
        ArithmeticOp::Divide => binary::<Float64Type>(left, right, rows, |l, r| l / r),
        ArithmeticOp::Modulo => binary::<Float64Type>(left, right, rows, |l, r| l % r),
    }
}

/// Applies `op` to every pair of values; NULL where either is.
fn binary<T: ArrowPrimitiveType>(
    left: &Column,
    right: &Column,
    rows: usize,
    op: impl Fn(T::Native, T::Native) -> T::Native,
) -> ArrayRef {
    let nulls = NullBuffer::union(left.validity(rows).as_ref(), right.validity(rows).as_ref());
    let (l, r) = (left.array().as_primitive::<T>(), right.array().as_primitive::<T>());
    let (l, r) = (l.values(), r.values());
    let values: Vec<T::Native> = match (left, right) {
        (Column::Rows(_), Column::Rows(_)) => {
            l.iter().zip(r.iter()).map(|(l, r)| op(*l, *r)).collect()
        }
        (Column::Rows(_), Column::Constant(_)) => l.iter().map(|l| op(*l, r[0])).collect(),
        (Column::Constant(_), Column::Rows(_)) => r.iter().map(|r| op(l[0], *r)).collect(),
        (Column::Constant(_), Column::Constant(_)) => vec![op(l[0], r[0]); rows],
    };
    Arc::new(PrimitiveArray::<T>::new(values.into(), nulls))
}

/// Java's string addition: NULL adds the text `null`.
fn concatenate(left: Outcome, right: Outcome, rows: usize) -> Outcome {
    let failed = either(left.failed, right.failed);
    let texts = (left.column.array().as_string::<i32>(), right.column.array().as_string::<i32>());
    let mut builder = StringBuilder::with_capacity(rows, 0);
    let mut text = String::new();
    for row in 0..rows {
        text.clear();
        for (array, column) in [(texts.0, &left.column), (texts.1, &right.column)] {
            let index = column.index(row);
            text.push_str(if array.is_null(index) { "null" } else { array.value(index) });
        }
        builder.append_value(&text);
    }
    Outcome::with_failed(Arc::new(builder.finish()), failed)
}

/// Evaluates `-operand`.
pub(super) fn negate(operand: &Node, context: &Context<'_>, failures: &mut Failures) -> Outcome {
    let outcome = operand.evaluate(context, failures);
    let array = outcome.column.into_rows(context.rows());
    let nulls = fail_nulls(array.nulls(), outcome.failed.as_ref(), NULL_OPERAND, failures);
    let failed = either(outcome.failed, nulls);
    Outcome { column: Column::Rows(negated(&array)), failed }
}

fn negated(array: &ArrayRef) -> ArrayRef {
    use arrow_array::types::{Decimal128Type, Decimal256Type};
    use arrow_schema::DataType;
    let ty = array.data_type().clone();
    match ty {
        DataType::Int32 => Arc::new(negated_values::<Int32Type>(array, i32::wrapping_neg)),
        DataType::Int64 => Arc::new(negated_values::<Int64Type>(array, i64::wrapping_neg)),
        DataType::Float64 => Arc::new(negated_values::<Float64Type>(array, |value| -value)),
        DataType::Decimal128(..) => {
            Arc::new(negated_values::<Decimal128Type>(array, i128::wrapping_neg).with_data_type(ty))
        }
        DataType::Decimal256(..) => {
            Arc::new(negated_values::<Decimal256Type>(array, i256::wrapping_neg).with_data_type(ty))
        }
        other => unreachable!("only numbers are negated, not {other}"),
    }
}

fn negated_values<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    negate: impl Fn(T::Native) -> T::Native,
) -> PrimitiveArray<T> {
    array.as_primitive::<T>().unary(negate)
}
