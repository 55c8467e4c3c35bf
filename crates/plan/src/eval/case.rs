//! CASE: each condition runs on the rows that no earlier one took, each result on its own rows.

use arrow_array::{Array, ArrayRef, new_null_array};
use arrow_buffer::BooleanBuffer;
use arrow_schema::DataType;
use arrow_select::interleave::interleave;
use functions::Failures;

use super::logic::Truth;
use super::node::{Context, Node};
use super::outcome::{Column, Outcome, Rows, either};
use super::select::{evaluate_selected, evaluate_where};

/// `CASE WHEN c THEN r ... ELSE d END`.
#[derive(Debug)]
pub(super) struct Case {
    pub branches: Vec<(Node, Node)>,
    pub otherwise: Option<Node>,
    pub ty: DataType,
}

/// Results of the branches so far.
struct Pieces {
    /// One array per piece; the first is a single NULL.
    arrays: Vec<ArrayRef>,
    /// Per row, the piece and the entry that hold its result.
    places: Vec<(usize, usize)>,
}

impl Pieces {
    fn new(ty: &DataType, rows: usize) -> Self {
        Self { arrays: vec![new_null_array(ty, 1)], places: vec![(0, 0); rows] }
    }

    /// Takes the result of `rows`, in their order.
    fn add(&mut self, column: &Column, rows: &Rows) {
        let piece = self.arrays.len();
        self.arrays.push(column.array().clone());
        for (entry, row) in rows.set_indices().enumerate() {
            self.places[row] = (piece, column.index(entry));
        }
    }

    fn join(self) -> ArrayRef {
        let arrays: Vec<&dyn Array> = self.arrays.iter().map(AsRef::as_ref).collect();
        interleave(&arrays, &self.places).expect("all results of a CASE have one type")
    }
}

/// Evaluates CASE.
pub(super) fn evaluate(node: &Case, context: &Context<'_>, failures: &mut Failures) -> Outcome {
    let mut pieces = Pieces::new(&node.ty, context.rows());
    let mut open = BooleanBuffer::new_set(context.rows());
    let mut failed = None;
    for (condition, result) in &node.branches {
        if !open.has_true() {
            break;
        }
        let outcome = evaluate_where(condition, &open, context, failures);
        let truth = Truth::where_needed(outcome, &open, "CASE", failures);
        let now_failed = take_branch(result, &truth.bits, &mut pieces, context, failures);
        open = &open & &!&truth.bits;
        if let Some(condition_failed) = &truth.failed {
            open = &open & &!condition_failed;
        }
        failed = either(either(failed, truth.failed), now_failed);
    }
    if let Some(otherwise) = &node.otherwise {
        let now_failed = take_branch(otherwise, &open, &mut pieces, context, failures);
        failed = either(failed, now_failed);
    }
    Outcome { column: Column::Rows(pieces.join()), failed }
}

/// Evaluates a result where it is wanted; tells which of these rows failed.
fn take_branch(
    result: &Node,
    wanted: &Rows,
    pieces: &mut Pieces,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Option<Rows> {
    if !wanted.has_true() {
        return None;
    }
    let part = evaluate_selected(result, wanted, context, failures);
    pieces.add(&part.column, wanted);
    part.failed
}
