//! The aggregate calls of a node and their states by slot.

use arrow_array::ArrayRef;
use arrow_select::concat::concat;
use functions::{Accumulators, Registry};
use plan::logical::AggregateCall;
use types::{Column, SqlType};

use crate::chunk::Chunk;
use crate::context::Context;
use crate::expressions::Expressions;
use crate::stores::timestamp_of;
use crate::{Error, Result};

/// The calls of one Aggregate node.
pub(crate) struct Calls {
    arguments: Vec<Expressions>,
    accumulators: Vec<Box<dyn Accumulators>>,
    /// Rows of the bound chunk; replaced rows are bound behind them.
    bound_rows: usize,
    /// Results pushed and not taken.
    pending: u32,
}

impl Calls {
    /// Prepares `calls`, whose results are `results`.
    pub fn try_new(
        node: &str,
        calls: &[AggregateCall],
        results: &[Column],
        registry: &Registry,
    ) -> Result<Self> {
        if calls.len() != results.len() {
            return Err(Error::Plan(format!("{node}: calls and columns differ in number")));
        }
        let mut arguments = Vec::new();
        for call in calls {
            arguments.push(Expressions::try_new(node, &call.arguments, registry)?);
        }
        let states = calls.iter().zip(results).map(|(call, result)| states(call, result, registry));
        let accumulators = states.collect::<Result<_>>()?;
        Ok(Self { arguments, accumulators, bound_rows: 0, pending: 0 })
    }

    /// Hands in the rows of `chunk` for [`Self::add`] and [`Self::undo`].
    pub fn bind(&mut self, chunk: &Chunk, context: &Context<'_>) -> Result<()> {
        self.bound_rows = chunk.rows();
        for (arguments, states) in self.arguments.iter().zip(&mut self.accumulators) {
            let new = arguments.evaluate(chunk, |row| chunk.has_value(row), context);
            let Some(input) = chunk.old_input() else {
                states.bind(&new);
                continue;
            };
            let old = arguments.evaluate(&input, |_| false, context);
            let both = new.iter().zip(&old).map(|(new, old)| concat(&[new, old]));
            let both: std::result::Result<Vec<ArrayRef>, _> = both.collect();
            states.bind(&both.map_err(|error| Error::Plan(error.to_string()))?);
        }
        Ok(())
    }

    /// Makes room for slots `0..slots`.
    pub fn resize(&mut self, slots: usize) {
        self.accumulators.iter_mut().for_each(|states| states.resize(slots));
    }

    /// Starts a group.
    pub fn clear(&mut self, slot: usize) {
        self.accumulators.iter_mut().for_each(|states| states.clear(slot));
    }

    /// Adds the new value of `row`.
    pub fn add(&mut self, slot: usize, row: usize) -> Result<()> {
        self.accumulators.iter_mut().try_for_each(|states| states.add(slot, row)).map_err(failed)
    }

    /// Takes out the replaced value of `row`.
    pub fn undo(&mut self, slot: usize, row: usize) -> Result<()> {
        let row = self.bound_rows + row;
        let mut states = self.accumulators.iter_mut();
        states.try_for_each(|states| states.undo(slot, row)).map_err(failed)
    }

    /// Merges `from` into `into`, the earlier session.
    pub fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let mut states = self.accumulators.iter_mut();
        states.try_for_each(|states| states.merge(into, from)).map_err(failed)
    }

    /// Keeps the present results of `slot`; gives their number among the pending ones.
    pub fn push(&mut self, slot: usize) -> u32 {
        self.accumulators.iter_mut().for_each(|states| states.push_result(slot));
        self.pending += 1;
        self.pending - 1
    }

    /// Takes the kept results, one column per call.
    pub fn take(&mut self) -> Vec<ArrayRef> {
        self.pending = 0;
        self.accumulators.iter_mut().map(|states| states.take_results()).collect()
    }

    /// Writes the group in `slot` to `out`.
    pub fn save(&self, timestamp_ms: i64, slot: usize, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&timestamp_ms.to_be_bytes());
        self.accumulators.iter().for_each(|states| states.save(slot, out));
    }

    /// Reads a group into `slot` and gives its timestamp.
    pub fn load(&mut self, slot: usize, stored: &[u8]) -> Result<i64> {
        let corrupt = |reason: String| Error::Data(format!("corrupt aggregate state: {reason}"));
        let mut rest = stored.get(8..).ok_or_else(|| corrupt("too short".to_owned()))?;
        for states in &mut self.accumulators {
            rest = states.load(slot, rest).map_err(corrupt)?;
        }
        Ok(timestamp_of(stored))
    }
}

/// A failing aggregate stops the query. Clients look for the first words, which are Kafka Streams'.
fn failed(reason: String) -> Error {
    Error::Data(format!("Exception caught in process. {reason}"))
}

fn states(
    call: &AggregateCall,
    result: &Column,
    registry: &Registry,
) -> Result<Box<dyn Accumulators>> {
    let function = registry.aggregate(&call.function);
    let function =
        function.ok_or_else(|| Error::Plan(format!("no aggregate function {}", call.function)))?;
    let types: Vec<SqlType> = call.arguments.iter().map(|argument| argument.ty.clone()).collect();
    Ok(function.accumulators(&types, &call.constants, &result.ty))
}

/// Reads stored groups for pull queries.
pub(crate) struct GroupCodec {
    /// The node's calls; slot 0 is scratch.
    pub calls: Calls,
}

impl GroupCodec {
    /// Loads a stored group and keeps its results; gives its timestamp.
    pub fn push(&mut self, stored: &[u8]) -> Result<i64> {
        self.calls.resize(1);
        self.calls.clear(0);
        let timestamp_ms = self.calls.load(0, stored)?;
        self.calls.push(0);
        Ok(timestamp_ms)
    }

    /// The results of the groups pushed.
    pub fn take(&mut self) -> Vec<ArrayRef> {
        self.calls.take()
    }
}
