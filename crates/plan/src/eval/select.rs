//! Evaluating a node on some rows only: for operands that row-by-row evaluation may not reach.

use arrow_array::types::UInt32Type;
use arrow_array::{ArrayRef, PrimitiveArray, UInt32Array};
use functions::Failures;

use super::input::{Selected, rows_of};
use super::node::{Context, Node};
use super::outcome::{Column, Outcome, Rows};

/// The outcome of `node` at the `needed` rows; the column may hold anything elsewhere, and no other
/// row counts as failed.
pub(super) fn evaluate_where(
    node: &Node,
    needed: &Rows,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    if !needed.has_false() {
        return node.evaluate(context, failures);
    }
    if node.is_cheap() {
        return evaluate_all(node, needed, context, failures);
    }
    let part = evaluate_selected(node, needed, context, failures);
    Outcome { column: Column::Rows(scatter(part.column, needed)), failed: part.failed }
}

/// Evaluates every row and forgets failures of rows that are not needed.
fn evaluate_all(
    node: &Node,
    needed: &Rows,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    let mut local = Failures::default();
    let outcome = node.evaluate(context, &mut local);
    failures.rows.extend(local.rows.into_iter().filter(|(row, _)| needed.value(*row)));
    let failed = outcome.failed.map(|failed| &failed & needed).filter(Rows::has_true);
    Outcome { column: outcome.column, failed }
}

/// Values of selected rows, in their order.
pub(super) struct Part {
    /// The values: one per selected row, or one for all.
    pub column: Column,
    /// Failed rows, numbered as outside.
    pub failed: Option<Rows>,
}

/// The outcome of `node` at the `needed` rows alone.
pub(super) fn evaluate_selected(
    node: &Node,
    needed: &Rows,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Part {
    if !needed.has_false() {
        let outcome = node.evaluate(context, failures);
        return Part { column: outcome.column, failed: outcome.failed };
    }
    let rows: UInt32Array =
        PrimitiveArray::<UInt32Type>::from_iter_values(needed.set_indices_u32());
    let selected = Selected { outer: context.scope, rows: &rows };
    let mut local = Failures::default();
    let inner = Context { scope: &selected, environment: context.environment };
    let outcome = node.evaluate(&inner, &mut local);
    let outside = |row: usize| rows.values()[row] as usize;
    failures.rows.extend(local.rows.into_iter().map(|(row, message)| (outside(row), message)));
    let failed = outcome.failed.map(|failed| {
        let mut bits = vec![false; needed.len()];
        failed.set_indices().for_each(|row| bits[outside(row)] = true);
        Rows::from(bits)
    });
    Part { column: outcome.column, failed }
}

/// Puts one value per set row of `needed` at these rows, NULL elsewhere.
fn scatter(column: Column, needed: &Rows) -> ArrayRef {
    if column.is_constant() {
        return column.into_rows(needed.len());
    }
    let mut next = 0;
    let positions: UInt32Array = needed
        .iter()
        .map(|is_needed| {
            is_needed.then(|| {
                next += 1;
                next - 1
            })
        })
        .collect();
    rows_of(column.array(), &positions)
}
