//! Where evaluation reads from: an operator's input, a selection of its rows, a lambda's parameters.

use std::cell::OnceCell;

use arrow_array::{ArrayRef, UInt32Array};
use arrow_select::take::take;

use crate::expression::ColumnRef;

/// The rows an expression is evaluated over; implemented by the operators.
pub trait Input {
    /// Number of rows.
    fn rows(&self) -> usize;

    /// The column, with exactly [`Self::rows`] entries of the type the plan says.
    fn column(&self, column: ColumnRef) -> ArrayRef;
}

/// An [`Input`] plus the lambda parameters in scope.
pub(super) trait Scope {
    fn rows(&self) -> usize;

    fn column(&self, column: ColumnRef) -> ArrayRef;

    /// Parameter `index` of the lambda `depth` levels out.
    fn parameter(&self, depth: usize, index: usize) -> ArrayRef;
}

/// The scope of a whole expression.
pub(super) struct Root<'a>(pub &'a dyn Input);

impl Scope for Root<'_> {
    fn rows(&self) -> usize {
        self.0.rows()
    }

    fn column(&self, column: ColumnRef) -> ArrayRef {
        self.0.column(column)
    }

    fn parameter(&self, depth: usize, index: usize) -> ArrayRef {
        unreachable!("parameter {index} of lambda {depth} stands outside of every lambda")
    }
}

/// Some rows of another scope.
pub(super) struct Selected<'a> {
    pub outer: &'a dyn Scope,
    pub rows: &'a UInt32Array,
}

impl Scope for Selected<'_> {
    fn rows(&self) -> usize {
        self.rows.values().len()
    }

    fn column(&self, column: ColumnRef) -> ArrayRef {
        rows_of(&self.outer.column(column), self.rows)
    }

    fn parameter(&self, depth: usize, index: usize) -> ArrayRef {
        rows_of(&self.outer.parameter(depth, index), self.rows)
    }
}

/// The inside of a lambda: one row per call of its body.
pub(super) struct Bound<'a> {
    outer: &'a dyn Scope,
    arguments: &'a [ArrayRef],
    outer_rows: &'a [u32],
    /// `outer_rows` as an array, made when the body first looks outside.
    indices: OnceCell<UInt32Array>,
}

impl<'a> Bound<'a> {
    /// `outer_rows[i]` is the row of `outer` around entry `i` of the arguments.
    pub fn new(outer: &'a dyn Scope, arguments: &'a [ArrayRef], outer_rows: &'a [u32]) -> Self {
        Self { outer, arguments, outer_rows, indices: OnceCell::new() }
    }

    fn outside(&self, array: &ArrayRef) -> ArrayRef {
        let indices = self.indices.get_or_init(|| UInt32Array::from(self.outer_rows.to_vec()));
        rows_of(array, indices)
    }
}

impl Scope for Bound<'_> {
    fn rows(&self) -> usize {
        self.outer_rows.len()
    }

    fn column(&self, column: ColumnRef) -> ArrayRef {
        self.outside(&self.outer.column(column))
    }

    fn parameter(&self, depth: usize, index: usize) -> ArrayRef {
        match depth {
            0 => self.arguments[index].clone(),
            _ => self.outside(&self.outer.parameter(depth - 1, index)),
        }
    }
}

/// The entries of `array` at `rows`.
pub(super) fn rows_of(array: &ArrayRef, rows: &UInt32Array) -> ArrayRef {
    take(array, rows, None).expect("row numbers lie within the batch")
}
