//! The end of a push query: hands rows to its reader, after their batch is committed.

use super::Operator;
use crate::chunk::Chunk;
use crate::context::Context;
use crate::stores::Stores;
use crate::{Result, RowSender};

/// Returns rows.
pub(crate) struct ReturnOp {
    /// Where to.
    pub sender: RowSender,
    /// Rows of the present batch.
    pub held: Vec<Chunk>,
}

impl Operator for ReturnOp {
    fn process(
        &mut self,
        _input: usize,
        chunk: Chunk,
        _context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>> {
        self.held.push(chunk);
        Ok(Vec::new())
    }

    fn committed(&mut self, _stores: &mut Stores) -> Result<u64> {
        let mut rows = 0;
        for chunk in self.held.drain(..) {
            rows += chunk.rows() as u64;
            self.sender.send(chunk.into_rows());
        }
        Ok(rows)
    }
}
