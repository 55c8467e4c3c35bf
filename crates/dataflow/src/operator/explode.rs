//! Table functions: each row becomes as many rows as the longest of its calls gives; shorter calls are
//! filled up with NULL (spec section 3.2). Rows without value are dropped.

use arrow_array::{ArrayRef, UInt32Array};
use functions::{Argument, Call, Failures, TableRef};
use types::SqlType;

use super::{Operator, one};
use crate::Result;
use crate::chunk::{Chunk, row_number, take_columns};
use crate::context::Context;
use crate::expressions::Expressions;

/// One call of a table function.
pub(crate) struct TableCallOp {
    /// The function.
    pub function: TableRef,
    /// Its arguments.
    pub arguments: Expressions,
    /// Type of its rows.
    pub returns: SqlType,
}

/// Appends the columns of table functions.
pub(crate) struct ExplodeOp {
    /// Name of the plan node.
    pub node: String,
    /// The calls.
    pub calls: Vec<TableCallOp>,
}

impl Operator for ExplodeOp {
    fn process(
        &mut self,
        _input: usize,
        chunk: Chunk,
        context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>> {
        let keep: Vec<bool> = (0..chunk.rows()).map(|row| chunk.has_value(row)).collect();
        let chunk = chunk.retain(|row| keep[row])?;
        if chunk.rows() == 0 {
            return Ok(Vec::new());
        }
        let produced: Vec<(ArrayRef, Vec<usize>)> =
            self.calls.iter().map(|call| self.produce(call, &chunk, context)).collect();
        Ok(one(zip(&chunk, &produced)?))
    }
}

impl ExplodeOp {
    fn produce(
        &self,
        call: &TableCallOp,
        chunk: &Chunk,
        context: &Context<'_>,
    ) -> (ArrayRef, Vec<usize>) {
        let columns = call.arguments.evaluate(chunk, |_| true, context);
        let arguments: Vec<Argument<'_>> = columns.into_iter().map(Argument::Column).collect();
        let mut failures = Failures::default();
        let produced = call.function.explode(&mut Call {
            arguments: &arguments,
            rows: chunk.rows(),
            returns: &call.returns,
            environment: context.surroundings,
            failures: &mut failures,
        });
        context.reporter.failures(&self.node, &failures, |_| true);
        produced
    }
}

/// Repeats each row of `chunk` and appends the produced columns, position by position.
fn zip(chunk: &Chunk, produced: &[(ArrayRef, Vec<usize>)]) -> Result<Chunk> {
    let mut rows = Vec::new();
    let mut picks: Vec<Vec<Option<u32>>> = vec![Vec::new(); produced.len()];
    let mut starts = vec![0; produced.len()];
    for row in 0..chunk.rows() {
        let longest = produced.iter().map(|(_, counts)| counts[row]).max().unwrap_or(0);
        rows.extend(std::iter::repeat_n(row_number(row), longest));
        for (call, (_, counts)) in produced.iter().enumerate() {
            let (start, count) = (starts[call], counts[row]);
            picks[call].extend((0..longest).map(|at| (at < count).then(|| row_number(start + at))));
            starts[call] += count;
        }
    }
    let mut zipped = chunk.take(&UInt32Array::from(rows))?;
    for ((column, _), picks) in produced.iter().zip(picks) {
        let column = std::slice::from_ref(column);
        zipped.value.extend(take_columns(column, &UInt32Array::from(picks))?);
    }
    Ok(zipped)
}
