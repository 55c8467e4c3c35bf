//! WHERE and HAVING. Streams: rows without value or for which the predicate is not true are dropped.
//! Tables (spec section 1.13): a row that passed before and fails now becomes a tombstone; one that
//! neither passed before nor passes now is dropped. When the rows' old values are not known, a row
//! that fails becomes a tombstone.

use arrow_array::UInt32Array;
use arrow_buffer::{BooleanBuffer, NullBuffer};
use types::SourceKind;

use super::{Operator, one};
use crate::Result;
use crate::chunk::{Chunk, kept_rows};
use crate::context::Context;
use crate::expressions::Expressions;

/// Keeps rows.
pub(crate) struct FilterOp {
    /// One expression.
    pub predicate: Expressions,
    /// Stream or table.
    pub kind: SourceKind,
}

impl Operator for FilterOp {
    fn process(
        &mut self,
        _input: usize,
        chunk: Chunk,
        context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>> {
        let passed = self.predicate.test(&chunk, |row| chunk.has_value(row), context);
        match self.kind {
            SourceKind::Stream => {
                let keep = |row| chunk.has_value(row) && passed.value(row);
                let kept = kept_rows(chunk.rows(), keep);
                Ok(one(take_unless_all(chunk, &kept)?))
            }
            SourceKind::Table => Ok(one(self.filter_table(chunk, &passed, context)?)),
        }
    }
}

impl FilterOp {
    fn filter_table(
        &self,
        mut chunk: Chunk,
        passed: &BooleanBuffer,
        context: &Context<'_>,
    ) -> Result<Chunk> {
        let rows = chunk.rows();
        let passes: NullBuffer =
            (0..rows).map(|row| chunk.has_value(row) && passed.value(row)).collect();
        let passed_before = match chunk.old_input() {
            None => None,
            Some(input) => {
                // Failures of old values were reported when they were new.
                let before = self.predicate.test(&input, |_| false, context);
                Some((0..rows).map(|row| chunk.has_old(row) && before.value(row)).collect())
            }
        };
        let kept = kept_rows(rows, |row| match &passed_before {
            None => true,
            Some(before) => passes.is_valid(row) || NullBuffer::is_valid(before, row),
        });
        chunk.present = Some(passes);
        if let (Some(old), Some(before)) = (&mut chunk.old, passed_before) {
            old.present = before;
        }
        take_unless_all(chunk, &kept)
    }
}

fn take_unless_all(chunk: Chunk, kept: &UInt32Array) -> Result<Chunk> {
    if kept.len() == chunk.rows() { Ok(chunk) } else { chunk.take(kept) }
}
