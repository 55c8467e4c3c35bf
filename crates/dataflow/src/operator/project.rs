//! SELECT: new value columns, the same keys and rows. Rows without value stay without.

use super::{Operator, one};
use crate::Result;
use crate::chunk::{Chunk, Old};
use crate::context::Context;
use crate::expressions::Expressions;

/// Computes value columns.
pub(crate) struct ProjectOp {
    /// One expression per value column.
    pub value: Expressions,
}

impl Operator for ProjectOp {
    fn process(
        &mut self,
        _input: usize,
        chunk: Chunk,
        context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>> {
        let value = self.value.evaluate(&chunk, |row| chunk.has_value(row), context);
        let old = chunk.old_input().map(|input| self.value.evaluate(&input, |_| false, context));
        let old = match (old, &chunk.old) {
            (Some(value), Some(old)) => Some(Old { value, present: old.present.clone() }),
            _ => None,
        };
        Ok(one(Chunk { value, old, ..chunk }))
    }
}
