//! PARTITION BY, GROUP BY and the re-keying of join sides: new key columns, computed from the row.
//!
//! A table's row leaves under its new key, and what it replaces under its old key: as one row with
//! both when the keys are equal, else as a removal followed by an insertion.

use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_buffer::NullBuffer;
use arrow_select::interleave::interleave;
use types::SourceKind;

use super::{Operator, one};
use crate::chunk::{Chunk, row_number, take_columns};
use crate::context::Context;
use crate::expressions::Expressions;
use crate::row_codec::RowCodec;
use crate::{Error, Result};

/// Gives rows a new key.
pub(crate) struct RekeyOp {
    /// One expression per key column.
    pub key: Expressions,
    /// Which of them have no meaning for a record without value.
    pub needs_value: Vec<bool>,
    /// Codec of the new key, to compare keys.
    pub codec: RowCodec,
    /// Whether rows with a NULL in the key are dropped.
    pub drop_null: bool,
    /// Stream or table.
    pub kind: SourceKind,
}

impl Operator for RekeyOp {
    fn process(
        &mut self,
        _input: usize,
        chunk: Chunk,
        context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>> {
        match self.kind {
            SourceKind::Stream => Ok(one(self.rekey_stream(chunk, context)?)),
            SourceKind::Table => Ok(one(self.rekey_table(&chunk, context)?)),
        }
    }
}

impl RekeyOp {
    fn rekey_stream(&self, mut chunk: Chunk, context: &Context<'_>) -> Result<Chunk> {
        let mut key = self.key.evaluate(&chunk, |row| chunk.has_value(row), context);
        if self.drop_null {
            chunk.key = key;
            chunk.key_present = None;
            let keep: Vec<bool> = (0..chunk.rows())
                .map(|row| chunk.has_value(row) && chunk.has_whole_key(row))
                .collect();
            return chunk.retain(|row| keep[row]);
        }
        if chunk.present.is_some() {
            // Without a value, expressions over value columns and pseudo-columns are NULL.
            let rows = (0..chunk.rows()).map(|row| chunk.has_value(row).then(|| row_number(row)));
            let rows: UInt32Array = rows.collect();
            for (column, needs_value) in key.iter_mut().zip(&self.needs_value) {
                if *needs_value {
                    let taken = take_columns(std::slice::from_ref(column), &rows)?;
                    *column = taken.into_iter().next().expect("one column was taken");
                }
            }
        }
        chunk.key_present = key_presence(&key, chunk.rows());
        chunk.key = key;
        Ok(chunk)
    }

    fn rekey_table(&self, chunk: &Chunk, context: &Context<'_>) -> Result<Chunk> {
        let rows = chunk.rows();
        let new_key = self.key.evaluate(chunk, |row| chunk.has_value(row), context);
        let old_key = match chunk.old_input() {
            Some(input) => self.key.evaluate(&input, |_| false, context),
            None => new_key.clone(),
        };
        let (new_bytes, old_bytes) = (self.codec.encode(&new_key)?, self.codec.encode(&old_key)?);
        let is_whole = |key: &[ArrayRef], row: usize| key.iter().all(|column| column.is_valid(row));
        let mut plan = Moves::default();
        for row in 0..rows {
            let is_new = chunk.has_value(row) && is_whole(&new_key, row);
            let is_old = chunk.has_old(row) && is_whole(&old_key, row);
            if is_new && is_old && new_bytes.row(row) == old_bytes.row(row) {
                plan.push(row, Side::New, true, true);
                continue;
            }
            if is_old {
                plan.push(row, Side::Old, false, true);
            }
            if is_new {
                plan.push(row, Side::New, true, false);
            }
        }
        plan.apply(chunk, &new_key, &old_key)
    }
}

/// Which rows have a key: none without key columns, those that are not NULL with one; a key of several
/// columns is a record, which is there even when all its fields are NULL.
fn key_presence(key: &[ArrayRef], rows: usize) -> Option<NullBuffer> {
    match key {
        [] => Some(NullBuffer::new_null(rows)),
        [only] => only.logical_nulls().filter(|nulls| nulls.null_count() > 0),
        _ => None,
    }
}

/// Whose key a row leaves under.
#[derive(Clone, Copy)]
enum Side {
    New = 0,
    Old = 1,
}

/// The rows that leave, in order.
#[derive(Default)]
struct Moves {
    rows: Vec<u32>,
    keys: Vec<(usize, usize)>,
    present: Vec<bool>,
    old_present: Vec<bool>,
}

impl Moves {
    fn push(&mut self, row: usize, key: Side, present: bool, old_present: bool) {
        self.rows.push(row_number(row));
        self.keys.push((key as usize, row));
        self.present.push(present);
        self.old_present.push(old_present);
    }

    fn apply(self, chunk: &Chunk, new_key: &[ArrayRef], old_key: &[ArrayRef]) -> Result<Chunk> {
        let mut moved = chunk.take(&UInt32Array::from(self.rows))?;
        let mix = |(new, old): (&ArrayRef, &ArrayRef)| {
            let columns: [&dyn Array; 2] = [new.as_ref(), old.as_ref()];
            interleave(&columns, &self.keys).map_err(|error| Error::Plan(error.to_string()))
        };
        moved.key = new_key.iter().zip(old_key).map(mix).collect::<Result<_>>()?;
        moved.key_present = None;
        moved.present = Some(NullBuffer::from(self.present));
        if let Some(old) = &mut moved.old {
            old.present = NullBuffer::from(self.old_present);
        }
        Ok(moved)
    }
}
