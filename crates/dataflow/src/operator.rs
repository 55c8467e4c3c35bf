//! The operators: one module each, one contract.

mod build;
mod explode;
mod filter;
mod materialize;
mod project;
mod rekey;
mod returns;
mod write;

use commitlog::Append;

use crate::Result;
use crate::chunk::Chunk;
use crate::context::Context;

pub(crate) use build::{Site, aggregate_calls, build};
pub(crate) use materialize::MaterializeOp;

/// A running plan node. It belongs to one task and is called by it alone, batch by batch:
/// `process` for every chunk that reaches it, `end_batch` once, `drain` for the commit, `committed`.
pub(crate) trait Operator: Send {
    /// Takes rows of input `input` and gives what they lead to, in order.
    fn process(
        &mut self,
        input: usize,
        chunk: Chunk,
        context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>>;

    /// All rows of the batch were processed: gives what was held back for coalescing and writes
    /// everything that must survive into the stores.
    fn end_batch(&mut self, _context: &mut Context<'_>) -> Result<Vec<Chunk>> {
        Ok(Vec::new())
    }

    /// Moves record batches for the commit to `appends` and gives the number of records.
    fn drain(&mut self, _appends: &mut Vec<Append>) -> u64 {
        0
    }

    /// The batch is committed: rows may be shown. Gives their number.
    fn committed(&mut self) -> u64 {
        0
    }
}

/// `chunk` as an operator's output, unless it is empty.
fn one(chunk: Chunk) -> Vec<Chunk> {
    if chunk.rows() == 0 { Vec::new() } else { vec![chunk] }
}
