//! AND, OR, NOT, IS NULL, BETWEEN, IN. Logic has two values: comparisons with NULL are false, and a
//! NULL that meets AND, OR or NOT is a failure (spec section 2.6).

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_buffer::{BooleanBuffer, NullBuffer};
use functions::Failures;

use super::compare::{Comparison, compare};
use super::node::{Context, Node};
use super::outcome::{Column, Outcome, Rows, after, either, fail_nulls};
use super::select::evaluate_where;

/// AND or OR.
#[derive(Debug)]
pub(super) struct Connective {
    pub left: Node,
    pub right: Node,
    /// The value of the left operand that decides the result: false for AND, true for OR.
    pub decisive: bool,
}

/// Evaluates AND or OR; the right operand only where the left one does not decide.
pub(super) fn connective(
    node: &Connective,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    let name = if node.decisive { "OR" } else { "AND" };
    let left = Truth::of(node.left.evaluate(context, failures), name, context.rows(), failures);
    let open = if node.decisive { !&left.bits } else { left.bits.clone() };
    let open = match &left.failed {
        None => open,
        Some(failed) => &open & &!failed,
    };
    if !open.has_true() {
        return Outcome::of_booleans(left.bits, left.failed);
    }
    let outcome = evaluate_where(&node.right, &open, context, failures);
    let right = Truth::where_needed(outcome, &open, name, failures);
    let bits = if node.decisive { &left.bits | &right.bits } else { &left.bits & &right.bits };
    Outcome::of_booleans(bits, either(left.failed, right.failed))
}

/// Evaluates NOT.
pub(super) fn not(operand: &Node, context: &Context<'_>, failures: &mut Failures) -> Outcome {
    let truth = Truth::of(operand.evaluate(context, failures), "NOT", context.rows(), failures);
    Outcome::of_booleans(!&truth.bits, truth.failed)
}

/// Evaluates IS NULL.
pub(super) fn is_null(operand: &Node, context: &Context<'_>, failures: &mut Failures) -> Outcome {
    let outcome = operand.evaluate(context, failures);
    let bits = match outcome.column.validity(context.rows()) {
        None => BooleanBuffer::new_unset(context.rows()),
        Some(validity) => !validity.inner(),
    };
    Outcome::of_booleans(bits, outcome.failed)
}

/// Evaluates BETWEEN as `operand >= low AND operand <= high`; the operand is that of `low`.
pub(super) fn between(
    low: &Comparison,
    high: &Comparison,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    let operand = low.left.evaluate(context, failures);
    let first = with_operand(low, &operand, context, failures);
    let second =
        after(first.failed.as_ref(), failures, |f| with_operand(high, &operand, context, f));
    let bits = &bits_of(&first.column) & &bits_of(&second.column);
    Outcome::of_booleans(bits, either(first.failed, second.failed))
}

/// Evaluates IN as a row of comparisons; the operand is that of the first.
pub(super) fn is_in(
    list: &[Comparison],
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    let mut bits = BooleanBuffer::new_unset(context.rows());
    let mut failed = None;
    let Some(first) = list.first() else {
        return Outcome::of_booleans(bits, failed);
    };
    let operand = first.left.evaluate(context, failures);
    for comparison in list {
        let found =
            after(failed.as_ref(), failures, |f| with_operand(comparison, &operand, context, f));
        bits = &bits | &bits_of(&found.column);
        failed = either(failed, found.failed);
    }
    Outcome::of_booleans(bits, failed)
}

fn with_operand(
    comparison: &Comparison,
    operand: &Outcome,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    let right = after(operand.failed.as_ref(), failures, |f| comparison.right.evaluate(context, f));
    compare(comparison, operand.clone(), right, context.rows(), failures)
}

fn bits_of(column: &Column) -> BooleanBuffer {
    column.array().as_boolean().values().clone()
}

/// A BOOLEAN outcome in which NULL counts as failure: false at the failed rows.
pub(super) struct Truth {
    pub bits: BooleanBuffer,
    pub failed: Option<Rows>,
}

impl Truth {
    /// The truth of `outcome`; a NULL fails with the name of the operator that met it.
    pub fn of(outcome: Outcome, name: &str, rows: usize, failures: &mut Failures) -> Self {
        Self::where_needed(outcome, &BooleanBuffer::new_set(rows), name, failures)
    }

    /// As [`Self::of`], false outside of the `needed` rows, where NULL does not count.
    pub fn where_needed(
        outcome: Outcome,
        needed: &Rows,
        name: &str,
        failures: &mut Failures,
    ) -> Self {
        let array = outcome.column.into_rows(needed.len());
        let booleans = array.as_boolean();
        let Some(nulls) = booleans.nulls().filter(|nulls| nulls.null_count() > 0) else {
            return Self { bits: booleans.values() & needed, failed: outcome.failed };
        };
        let relevant = NullBuffer::new(nulls.inner() | &!needed);
        let message = format!("an operand of {name} is NULL");
        let failed = fail_nulls(Some(&relevant), outcome.failed.as_ref(), &message, failures);
        Self { bits: &(booleans.values() & nulls.inner()) & needed, failed }
    }
}
