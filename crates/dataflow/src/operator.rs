//! The operators: one module each, one contract.

mod build;
mod column_use;
mod explode;
mod filter;
mod materialize;
mod project;
mod rekey;
mod returns;
mod write;

use records::Builder;
use types::TopicPartition;

use crate::Result;
use crate::chunk::Chunk;
use crate::context::Context;
use crate::stores::Stores;

pub(crate) use build::{Site, aggregate_calls, build};
pub(crate) use materialize::MaterializeOp;

/// Takes an entry of a changelog: index of the store, key, value.
pub(crate) type LogChange<'a> = &'a mut dyn FnMut(usize, &[u8], &[u8]);

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

    /// Hands what changed in state that is held in memory to `log`, once per changed entry, for the
    /// changelogs of the commit.
    fn log_changes(&mut self, _log: LogChange<'_>) {}

    /// Writes state that is held in memory into the stores, before they are checkpointed or read.
    fn spill(&mut self, _stores: &mut Stores) -> Result<()> {
        Ok(())
    }

    /// About how much memory its state takes besides the stores.
    fn held_bytes(&self) -> usize {
        0
    }

    /// Moves the oldest of the state held in memory into the stores and forgets it here, until it takes at
    /// most about `bytes_max`. Called between batches.
    fn release(&mut self, _bytes_max: usize, _stores: &mut Stores) -> Result<()> {
        Ok(())
    }

    /// Moves record batches for the commit to `batches`, in order, and gives the number of records.
    fn drain(&mut self, _batches: &mut Vec<(TopicPartition, Builder)>) -> u64 {
        0
    }

    /// The batch is committed: rows may be shown, state in memory may be moved into the stores. Gives
    /// the number of rows shown.
    fn committed(&mut self, _stores: &mut Stores) -> Result<u64> {
        Ok(0)
    }
}

/// `chunk` as an operator's output, unless it is empty.
fn one(chunk: Chunk) -> Vec<Chunk> {
    if chunk.rows() == 0 { Vec::new() } else { vec![chunk] }
}
