//! Collects what an aggregation hands on: which group, when, and which of the pending results are its
//! new and its replaced values.

use arrow_array::{Array, ArrayRef, UInt32Array};

use super::calls::Calls;
use crate::chunk::{Chunk, Old, take_columns};
use crate::{Result, Windows};

/// Rows to be emitted.
#[derive(Debug, Default)]
pub(super) struct Emission {
    /// For each row, where its key is found (row of the input or slot).
    pub keys: Vec<u32>,
    /// Window bounds, for windowed aggregations.
    pub windows: Vec<(i64, i64)>,
    /// Timestamps.
    pub timestamps: Vec<i64>,
    /// Number of the pending result that is the new value; `None` for a tombstone.
    pub new: Vec<Option<u32>>,
    /// Number of the pending result that is the replaced value.
    pub old: Vec<Option<u32>>,
}

/// One row to be emitted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Emitted {
    pub key: u32,
    pub window: (i64, i64),
    pub timestamp_ms: i64,
    pub new: Option<u32>,
    pub old: Option<u32>,
}

impl Emission {
    /// Adds a row.
    pub fn push(&mut self, row: Emitted) {
        self.keys.push(row.key);
        self.windows.push(row.window);
        self.timestamps.push(row.timestamp_ms);
        self.new.push(row.new);
        self.old.push(row.old);
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The rows as a chunk with the given key columns, taking the pending results of `calls`.
    pub fn into_chunk(self, key: Vec<ArrayRef>, calls: &mut Calls, shape: Shape) -> Result<Chunk> {
        let results = calls.take();
        let new = UInt32Array::from(self.new);
        let is_identity = new.null_count() == 0
            && results.first().is_none_or(|column| column.len() == new.len())
            && !shape.has_old;
        let present = (new.null_count() > 0).then(|| new.nulls().cloned()).flatten();
        let old = match shape.has_old {
            true => {
                let old = UInt32Array::from(self.old);
                let present = (0..old.len()).map(|row| old.is_valid(row)).collect();
                Some(Old { value: take_columns(&results, &old)?, present })
            }
            false => None,
        };
        let value = if is_identity { results } else { take_columns(&results, &new)? };
        let windows = shape.is_windowed.then(|| Windows {
            start: self.windows.iter().map(|window| window.0).collect::<Vec<i64>>().into(),
            end: self.windows.iter().map(|window| window.1).collect::<Vec<i64>>().into(),
        });
        Ok(Chunk {
            key,
            key_present: None,
            value,
            present,
            old,
            timestamps: self.timestamps.into(),
            windows,
            partition: shape.partition,
            offsets: None,
            headers: None,
        })
    }
}

/// What the emitted chunk carries.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub has_old: bool,
    pub is_windowed: bool,
    pub partition: i32,
}
