//! Columnar rows as they leave the runtime: results of push and pull queries.

use arrow_array::{ArrayRef, Int64Array};
use arrow_buffer::NullBuffer;

/// A batch of rows of a query's output layout.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Key columns.
    pub key: Vec<ArrayRef>,
    /// Value columns; NULL where the row is a tombstone.
    pub value: Vec<ArrayRef>,
    /// Which rows have a value: the others are tombstones. `None` when all have.
    pub present: Option<NullBuffer>,
    /// ROWTIME of each row, never NULL.
    pub timestamps: Int64Array,
    /// Windows of the keys, for windowed layouts.
    pub windows: Option<Windows>,
}

/// Bounds of windowed rows, never NULL.
#[derive(Clone, Debug)]
pub struct Windows {
    /// WINDOWSTART.
    pub start: Int64Array,
    /// WINDOWEND.
    pub end: Int64Array,
}

impl Rows {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.timestamps.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.timestamps.is_empty()
    }

    /// Whether `row` is a tombstone.
    pub fn is_tombstone(&self, row: usize) -> bool {
        self.present.as_ref().is_some_and(|present| present.is_null(row))
    }
}
