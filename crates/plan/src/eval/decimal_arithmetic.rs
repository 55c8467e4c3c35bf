//! Arithmetic on DECIMAL: exact, in 128 bits where these suffice and in 256 where not. What would need
//! rounding fails (spec section 2.3).

use arrow_buffer::{NullBuffer, i256};
use functions::Failures;

use super::arithmetic::{Arithmetic, NULL_OPERAND};
use super::decimals::{narrow_power, wide_power};
use super::exact::{DecimalColumn, Exact};
use super::outcome::{Column, Outcome, Rows, either, fail_nulls};
use crate::expression::ArithmeticOp;

/// Computes a DECIMAL operator; `scale` is that of its result.
pub(super) fn evaluate(
    node: &Arithmetic,
    scale: u8,
    operands: (&Column, &Column),
    failed: Option<Rows>,
    rows: usize,
    failures: &mut Failures,
) -> Outcome {
    let (left, right) = operands;
    let views = (Exact::of(left.array()), Exact::of(right.array()));
    let (Some(l), Some(r)) = views else { unreachable!("operands of DECIMAL results are exact") };
    let validity = NullBuffer::union(left.validity(rows).as_ref(), right.validity(rows).as_ref());
    let nulls = fail_nulls(validity.as_ref(), failed.as_ref(), NULL_OPERAND, failures);
    let rule = DecimalRule { op: node.op, scales: (l.scale(), r.scale()), scale };
    let mut column = DecimalColumn::new(&node.ty, rows);
    let mut failing = Vec::new();
    for row in 0..rows {
        if validity.as_ref().is_some_and(|validity| validity.is_null(row)) {
            column.push_null();
            continue;
        }
        if !column.push(rule.apply((&l, left.index(row)), (&r, right.index(row)))) {
            failing.push(row);
            failures.push(row, rule.complaint((&r, right.index(row))));
        }
    }
    let mut failed = either(failed, nulls);
    if !failing.is_empty() {
        let mut bits = vec![false; rows];
        failing.into_iter().for_each(|row| bits[row] = true);
        failed = either(failed, Some(Rows::from(bits)));
    }
    Outcome { column: Column::Rows(column.finish()), failed }
}

/// How two unscaled values make one.
struct DecimalRule {
    op: ArithmeticOp,
    /// Scales of the operands.
    scales: (u8, u8),
    /// Scale of the result.
    scale: u8,
}

impl DecimalRule {
    /// The unscaled result, or `None` if it is not exact or takes more than 256 bits.
    fn apply(&self, left: (&Exact<'_>, usize), right: (&Exact<'_>, usize)) -> Option<i256> {
        let narrow = left.0.narrow(left.1).zip(right.0.narrow(right.1));
        if let Some(result) = narrow.and_then(|(l, r)| self.narrow(l, r)) {
            return Some(i256::from_i128(result));
        }
        self.wide(left.0.wide(left.1), right.0.wide(right.1))
    }

    /// Powers of ten by which the operands are multiplied first.
    fn shifts(&self) -> (u32, u32) {
        let (left, right) = (u32::from(self.scales.0), u32::from(self.scales.1));
        let scale = u32::from(self.scale);
        match self.op {
            ArithmeticOp::Multiply => (0, 0),
            ArithmeticOp::Divide => (scale + right - left, 0),
            _ => (scale - left, scale - right),
        }
    }

    fn narrow(&self, left: i128, right: i128) -> Option<i128> {
        let (left_shift, right_shift) = self.shifts();
        let left = left.checked_mul(narrow_power(left_shift)?)?;
        let right = right.checked_mul(narrow_power(right_shift)?)?;
        match self.op {
            ArithmeticOp::Add => left.checked_add(right),
            ArithmeticOp::Subtract => left.checked_sub(right),
            ArithmeticOp::Multiply => left.checked_mul(right),
            ArithmeticOp::Divide if left.checked_rem(right)? == 0 => left.checked_div(right),
            ArithmeticOp::Divide => None,
            ArithmeticOp::Modulo => left.checked_rem(right),
        }
    }

    fn wide(&self, left: i256, right: i256) -> Option<i256> {
        let (left_shift, right_shift) = self.shifts();
        let left = left.checked_mul(wide_power(left_shift)?)?;
        let right = right.checked_mul(wide_power(right_shift)?)?;
        match self.op {
            ArithmeticOp::Add => left.checked_add(right),
            ArithmeticOp::Subtract => left.checked_sub(right),
            ArithmeticOp::Multiply => left.checked_mul(right),
            ArithmeticOp::Divide if left.checked_rem(right)? == i256::ZERO => {
                left.checked_div(right)
            }
            ArithmeticOp::Divide => None,
            ArithmeticOp::Modulo => left.checked_rem(right),
        }
    }

    fn complaint(&self, right: (&Exact<'_>, usize)) -> &'static str {
        let divides = matches!(self.op, ArithmeticOp::Divide | ArithmeticOp::Modulo);
        match (divides, right.0.wide(right.1) == i256::ZERO, self.op) {
            (true, true, _) => "Division by zero",
            (_, _, ArithmeticOp::Divide) => "Rounding necessary",
            _ => "the DECIMAL result has too many digits",
        }
    }
}
