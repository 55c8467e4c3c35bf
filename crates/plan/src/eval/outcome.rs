//! What a node evaluates to: a column, and which of its rows failed.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, UInt32Array, new_null_array};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_select::nullif::nullif;
use functions::Failures;

use super::input::rows_of;

/// Values of a node: one per row, or one for all rows.
#[derive(Clone, Debug)]
pub(super) enum Column {
    /// One entry per row.
    Rows(ArrayRef),
    /// An array of length 1 that stands for every row.
    Constant(ArrayRef),
}

impl Column {
    /// The values, one per row.
    pub fn into_rows(self, rows: usize) -> ArrayRef {
        match self {
            Self::Rows(array) => array,
            Self::Constant(array) if rows == 1 => array,
            Self::Constant(array) if array.is_null(0) => new_null_array(array.data_type(), rows),
            Self::Constant(array) => rows_of(&array, &UInt32Array::from(vec![0; rows])),
        }
    }

    /// The underlying array, of length 1 for a constant.
    pub fn array(&self) -> &ArrayRef {
        match self {
            Self::Rows(array) | Self::Constant(array) => array,
        }
    }

    /// Entry of the array that holds `row`.
    pub fn index(&self, row: usize) -> usize {
        match self {
            Self::Rows(_) => row,
            Self::Constant(_) => 0,
        }
    }

    /// Whether one value stands for every row.
    pub fn is_constant(&self) -> bool {
        matches!(self, Self::Constant(_))
    }

    /// Which rows are not NULL; `None` if all are.
    pub fn validity(&self, rows: usize) -> Option<NullBuffer> {
        match self {
            Self::Rows(array) => array.logical_nulls().filter(|nulls| nulls.null_count() > 0),
            Self::Constant(array) => array.is_null(0).then(|| NullBuffer::new_null(rows)),
        }
    }
}

/// Rows by number, one bit each.
pub(super) type Rows = BooleanBuffer;

/// Result of a node. Failed rows are NULL in the column.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub column: Column,
    /// The rows that failed; `None` if none did.
    pub failed: Option<Rows>,
}

impl Outcome {
    /// An outcome without failures.
    pub fn of(array: ArrayRef) -> Self {
        Self { column: Column::Rows(array), failed: None }
    }

    /// `bits` where nothing failed, NULL elsewhere.
    pub fn of_booleans(bits: BooleanBuffer, failed: Option<Rows>) -> Self {
        let nulls = failed.as_ref().map(|failed| NullBuffer::new(!failed));
        Self { column: Column::Rows(Arc::new(BooleanArray::new(bits, nulls))), failed }
    }

    /// `array`, made NULL at the failed rows.
    pub fn with_failed(array: ArrayRef, failed: Option<Rows>) -> Self {
        let array = match &failed {
            None => array,
            Some(failed) => without(&array, failed),
        };
        Self { column: Column::Rows(array), failed }
    }
}

/// `array` with NULL at `rows`.
pub(super) fn without(array: &ArrayRef, rows: &Rows) -> ArrayRef {
    nullif(array, &BooleanArray::new(rows.clone(), None)).expect("one bit per row")
}

/// Rows of either set.
pub(super) fn either(left: Option<Rows>, right: Option<Rows>) -> Option<Rows> {
    match (left, right) {
        (Some(left), Some(right)) => Some(&left | &right),
        (left, right) => left.or(right),
    }
}

/// The rows noted in `failures`, as a set; `None` if there are none.
pub(super) fn rows_noted(failures: &Failures, rows: usize) -> Option<Rows> {
    if failures.rows.is_empty() {
        return None;
    }
    let mut noted = vec![false; rows];
    for (row, _) in &failures.rows {
        noted[*row] = true;
    }
    Some(Rows::from(noted))
}

/// Notes `message` for every NULL row that has not failed yet; all NULL rows count as failed then.
pub(super) fn fail_nulls(
    validity: Option<&NullBuffer>,
    already: Option<&Rows>,
    message: &str,
    failures: &mut Failures,
) -> Option<Rows> {
    let nulls = !validity.filter(|validity| validity.null_count() > 0)?.inner();
    for row in nulls.set_indices() {
        if !already.is_some_and(|failed| failed.value(row)) {
            failures.push(row, message);
        }
    }
    Some(nulls)
}

/// Runs `evaluate`, dropping what it notes about rows that failed before: evaluation row by row would
/// not have come that far.
pub(super) fn after<T>(
    already: Option<&Rows>,
    failures: &mut Failures,
    evaluate: impl FnOnce(&mut Failures) -> T,
) -> T {
    let Some(already) = already else {
        return evaluate(failures);
    };
    let mut later = Failures::default();
    let result = evaluate(&mut later);
    failures.rows.extend(later.rows.into_iter().filter(|(row, _)| !already.value(*row)));
    result
}
