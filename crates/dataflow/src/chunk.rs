//! A columnar batch of rows on its way between operators. Made by sources and operators, never kept
//! beyond a batch.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int32Array, Int64Array, UInt32Array, new_null_array};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use arrow_select::take::take;
use plan::eval::Input;
use plan::expression::ColumnRef;

use crate::{Error, Result, Rows, Windows};

/// Rows of one operator's output, in processing order.
///
/// For streams a row without value is a record whose value is NULL. For tables it is a tombstone, and
/// `old` holds what the row replaces; without `old` that is unknown.
#[derive(Clone, Debug)]
pub(crate) struct Chunk {
    /// Key columns.
    pub key: Vec<ArrayRef>,
    /// Which rows have a key; `None` when all have.
    pub key_present: Option<NullBuffer>,
    /// Value columns after the change.
    pub value: Vec<ArrayRef>,
    /// Which rows have a value; `None` when all have.
    pub present: Option<NullBuffer>,
    /// Values before the change.
    pub old: Option<Old>,
    /// ROWTIME, never NULL.
    pub timestamps: Int64Array,
    /// Windows of the keys.
    pub windows: Option<Windows>,
    /// ROWPARTITION.
    pub partition: i32,
    /// ROWOFFSET, never NULL; `None` after operators that combine records.
    pub offsets: Option<Int64Array>,
    /// Headers of the records that led to the rows, in the form of a HEADERS column; they go on to the
    /// sink, as in Kafka Streams. `None` when no record had any.
    pub headers: Option<ArrayRef>,
}

/// The replaced values of a table's rows.
#[derive(Clone, Debug)]
pub(crate) struct Old {
    /// Value columns before the change.
    pub value: Vec<ArrayRef>,
    /// Which rows existed before.
    pub present: NullBuffer,
}

impl Chunk {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.timestamps.len()
    }

    /// Whether `row` has a value.
    pub fn has_value(&self, row: usize) -> bool {
        self.present.as_ref().is_none_or(|present| present.is_valid(row))
    }

    /// Whether `row` has a key.
    pub fn has_key(&self, row: usize) -> bool {
        self.key_present.as_ref().is_none_or(|present| present.is_valid(row))
    }

    /// Whether `row` replaces a value; unknown counts as no.
    pub fn has_old(&self, row: usize) -> bool {
        self.old.as_ref().is_some_and(|old| old.present.is_valid(row))
    }

    /// Whether `row` has a key with no NULL column.
    pub fn has_whole_key(&self, row: usize) -> bool {
        self.has_key(row) && self.key.iter().all(|column| column.is_valid(row))
    }

    /// Rows `from .. from + length`, without copying.
    pub fn slice(&self, from: usize, length: usize) -> Self {
        let columns = |columns: &[ArrayRef]| -> Vec<ArrayRef> {
            columns.iter().map(|column| column.slice(from, length)).collect()
        };
        let nulls = |nulls: &Option<NullBuffer>| nulls.as_ref().map(|n| n.slice(from, length));
        Self {
            key: columns(&self.key),
            key_present: nulls(&self.key_present),
            value: columns(&self.value),
            present: nulls(&self.present),
            old: self.old.as_ref().map(|old| Old {
                value: columns(&old.value),
                present: old.present.slice(from, length),
            }),
            timestamps: self.timestamps.slice(from, length),
            windows: self.windows.as_ref().map(|windows| Windows {
                start: windows.start.slice(from, length),
                end: windows.end.slice(from, length),
            }),
            partition: self.partition,
            offsets: self.offsets.as_ref().map(|offsets| offsets.slice(from, length)),
            headers: self.headers.as_ref().map(|headers| headers.slice(from, length)),
        }
    }

    /// The rows at `rows`, in that order; a row may come several times.
    pub fn take(&self, rows: &UInt32Array) -> Result<Self> {
        Ok(Self {
            key: take_columns(&self.key, rows)?,
            key_present: take_nulls(self.key_present.as_ref(), rows),
            value: take_columns(&self.value, rows)?,
            present: take_nulls(self.present.as_ref(), rows),
            old: match &self.old {
                Some(old) => Some(Old {
                    value: take_columns(&old.value, rows)?,
                    present: gather_nulls(&old.present, rows),
                }),
                None => None,
            },
            timestamps: take_numbers(&self.timestamps, rows),
            windows: self.windows.as_ref().map(|windows| Windows {
                start: take_numbers(&windows.start, rows),
                end: take_numbers(&windows.end, rows),
            }),
            partition: self.partition,
            offsets: self.offsets.as_ref().map(|offsets| take_numbers(offsets, rows)),
            headers: self.take_headers(rows)?,
        })
    }

    /// The headers of the rows at `rows`.
    pub fn take_headers(&self, rows: &UInt32Array) -> Result<Option<ArrayRef>> {
        let Some(headers) = &self.headers else { return Ok(None) };
        Ok(take_columns(std::slice::from_ref(headers), rows)?.pop())
    }

    /// Only the rows for which `keep` holds; itself when it holds for all.
    pub fn retain(self, keep: impl Fn(usize) -> bool) -> Result<Self> {
        let kept = kept_rows(self.rows(), keep);
        if kept.len() == self.rows() { Ok(self) } else { self.take(&kept) }
    }

    /// The rows as they leave the runtime.
    pub fn into_rows(self) -> Rows {
        Rows {
            key: self.key,
            value: self.value,
            present: self.present,
            timestamps: self.timestamps,
            windows: self.windows,
        }
    }

    /// The rows with their replaced values in place of the new ones, for expressions over them.
    pub fn old_input(&self) -> Option<OldInput<'_>> {
        self.old.as_ref().map(|old| OldInput { chunk: self, old })
    }
}

/// The row numbers below `rows` for which `keep` holds.
pub(crate) fn kept_rows(rows: usize, keep: impl Fn(usize) -> bool) -> UInt32Array {
    (0..rows).filter(|row| keep(*row)).map(row_number).collect::<Vec<u32>>().into()
}

/// A row number as Arrow's `take` wants it.
pub(crate) fn row_number(row: usize) -> u32 {
    u32::try_from(row).expect("a chunk has fewer than 2^32 rows")
}

/// `columns` at `rows`; a NULL row number gives NULL.
pub(crate) fn take_columns(columns: &[ArrayRef], rows: &UInt32Array) -> Result<Vec<ArrayRef>> {
    let taken = columns.iter().map(|column| take(column, rows, None));
    taken.collect::<std::result::Result<_, _>>().map_err(|error| Error::Plan(error.to_string()))
}

fn take_nulls(nulls: Option<&NullBuffer>, rows: &UInt32Array) -> Option<NullBuffer> {
    nulls.map(|nulls| gather_nulls(nulls, rows))
}

fn gather_nulls(nulls: &NullBuffer, rows: &UInt32Array) -> NullBuffer {
    rows.values().iter().map(|row| nulls.is_valid(*row as usize)).collect()
}

fn take_numbers(numbers: &Int64Array, rows: &UInt32Array) -> Int64Array {
    let numbers = numbers.values();
    rows.values().iter().map(|row| numbers[*row as usize]).collect::<Vec<i64>>().into()
}

impl Input for Chunk {
    fn rows(&self) -> usize {
        self.timestamps.len()
    }

    fn column(&self, column: ColumnRef) -> ArrayRef {
        match column {
            ColumnRef::Key(index) => Arc::clone(&self.key[index]),
            ColumnRef::Value(index) => Arc::clone(&self.value[index]),
            ColumnRef::RowTime => Arc::new(self.timestamps.clone()),
            ColumnRef::RowPartition => {
                Arc::new(Int32Array::from_value(self.partition, self.rows()))
            }
            ColumnRef::RowOffset => self.number_column(self.offsets.as_ref()),
            ColumnRef::WindowStart => self.number_column(self.windows.as_ref().map(|w| &w.start)),
            ColumnRef::WindowEnd => self.number_column(self.windows.as_ref().map(|w| &w.end)),
        }
    }
}

impl Chunk {
    fn number_column(&self, numbers: Option<&Int64Array>) -> ArrayRef {
        match numbers {
            Some(numbers) => Arc::new(numbers.clone()),
            None => new_null_array(&DataType::Int64, self.rows()),
        }
    }
}

/// See [`Chunk::old_input`].
pub(crate) struct OldInput<'a> {
    chunk: &'a Chunk,
    old: &'a Old,
}

impl Input for OldInput<'_> {
    fn rows(&self) -> usize {
        self.chunk.timestamps.len()
    }

    fn column(&self, column: ColumnRef) -> ArrayRef {
        match column {
            ColumnRef::Value(index) => Arc::clone(&self.old.value[index]),
            other => self.chunk.column(other),
        }
    }
}
