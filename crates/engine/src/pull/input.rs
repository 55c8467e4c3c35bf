//! Rows of a table or stream as evaluation reads them.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, new_null_array};
use arrow_schema::DataType;
use arrow_select::filter::filter;
use dataflow::{Rows, Windows};
use plan::eval::Input;
use plan::expression::ColumnRef;

use crate::{Error, Result};

/// Borrowed rows.
pub struct RowsInput<'a>(pub &'a Rows);

impl Input for RowsInput<'_> {
    fn rows(&self) -> usize {
        self.0.len()
    }

    fn column(&self, column: ColumnRef) -> ArrayRef {
        let rows = self.0;
        let window = |of: fn(&Windows) -> &Int64Array| -> ArrayRef {
            match &rows.windows {
                Some(windows) => Arc::new(of(windows).clone()),
                None => new_null_array(&DataType::Int64, rows.len()),
            }
        };
        match column {
            ColumnRef::Key(index) => rows.key[index].clone(),
            ColumnRef::Value(index) => rows.value[index].clone(),
            ColumnRef::RowTime => Arc::new(rows.timestamps.clone()),
            ColumnRef::WindowStart => window(|windows| &windows.start),
            ColumnRef::WindowEnd => window(|windows| &windows.end),
            // Planning refuses both in pull queries.
            ColumnRef::RowPartition => new_null_array(&DataType::Int32, rows.len()),
            ColumnRef::RowOffset => new_null_array(&DataType::Int64, rows.len()),
        }
    }
}

/// The rows where `mask` is true.
///
/// # Errors
/// When the mask has another length; never with masks made from the rows.
pub fn filtered(rows: &Rows, mask: &BooleanArray) -> Result<Rows> {
    let failed = |error: arrow_schema::ArrowError| Error::Internal(error.to_string());
    let one = |array: &dyn Array| filter(array, mask).map_err(failed);
    let all =
        |arrays: &[ArrayRef]| -> Result<Vec<ArrayRef>> { arrays.iter().map(|a| one(a)).collect() };
    let numbers =
        |array: &Int64Array| -> Result<Int64Array> { Ok(Int64Array::from(one(array)?.to_data())) };
    Ok(Rows {
        key: all(&rows.key)?,
        value: all(&rows.value)?,
        present: None,
        timestamps: numbers(&rows.timestamps)?,
        windows: match &rows.windows {
            Some(windows) => {
                Some(Windows { start: numbers(&windows.start)?, end: numbers(&windows.end)? })
            }
            None => None,
        },
    })
}
