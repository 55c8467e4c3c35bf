//! TOPKDISTINCT: the `k` greatest different values, greatest first.

use std::cmp::Ordering;

use arrow_array::ArrayRef;
use types::columns::{array_of, value_at};
use types::{SqlType, Value};

use super::definition::{Definition, literal};
use super::layout::{Taken, put_values, take_values};
use super::order::{compare_at, compare_values, is_ordered};
use super::slots::{Kernel, Slots};
use super::top::limit;
use crate::Result;
use crate::api::{AggregateResolution, ArgumentType};

/// `TOPKDISTINCT`.
pub(super) const TOPKDISTINCT: Definition = Definition {
    name: "TOPKDISTINCT",
    is_limited: false,
    description: "The k greatest distinct values of the column.",
    signatures: &[
        (&["INT", "INT"], "ARRAY<INT>"),
        (&["BIGINT", "INT"], "ARRAY<BIGINT>"),
        (&["DOUBLE", "INT"], "ARRAY<DOUBLE>"),
        (&["VARCHAR", "INT"], "ARRAY<VARCHAR>"),
        (&["DECIMAL", "INT"], "ARRAY<DECIMAL>"),
        (&["DATE", "INT"], "ARRAY<DATE>"),
        (&["TIME", "INT"], "ARRAY<TIME>"),
        (&["TIMESTAMP", "INT"], "ARRAY<TIMESTAMP>"),
        (&["BYTES", "INT"], "ARRAY<BYTES>"),
    ],
    resolve,
    make: |_, constants, returns| {
        Box::new(Slots::new(TopDistinct {
            limit: limit(constants),
            returns: returns.clone(),
            column: None,
            results: Vec::new(),
        }))
    },
};

fn resolve(
    arguments: &[ArgumentType],
    constants: &[Option<Value>],
) -> Result<Option<AggregateResolution>> {
    let [ArgumentType::Sql(ty), ArgumentType::Sql(SqlType::Integer)] = arguments else {
        return Ok(None);
    };
    if !is_ordered(ty) {
        return Ok(None);
    }
    literal("TOPKDISTINCT", constants, 1)?;
    let returns = SqlType::array(ty.clone());
    let arguments = vec![ty.clone()];
    Ok(Some(AggregateResolution { arguments, constants: 1, returns, can_undo: false }))
}

struct TopDistinct {
    limit: usize,
    returns: SqlType,
    column: Option<ArrayRef>,
    results: Vec<Value>,
}

impl TopDistinct {
    fn insert(&self, state: &mut Vec<Value>, value: Value) {
        let place = state.partition_point(|kept| compare_values(kept, &value).is_gt());
        let is_known = state.get(place).is_some_and(|kept| compare_values(kept, &value).is_eq());
        if !is_known && place < self.limit {
            state.insert(place, value);
            state.truncate(self.limit);
        }
    }
}

impl Kernel for TopDistinct {
    type State = Vec<Value>;

    fn initial(&self) -> Vec<Value> {
        Vec::new()
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.column = Some(arguments[0].clone());
    }

    fn add(&mut self, state: &mut Vec<Value>, row: usize) -> std::result::Result<(), String> {
        let Some(column) = self.column.as_ref().filter(|column| column.is_valid(row)) else {
            return Ok(());
        };
        if state.len() >= self.limit
            && state.last().is_none_or(|last| compare_at(column, row, last) != Ordering::Greater)
        {
            return Ok(());
        }
        self.insert(state, value_at(column, row));
        Ok(())
    }

    fn merge(
        &mut self,
        into: &mut Vec<Value>,
        from: &Vec<Value>,
    ) -> std::result::Result<(), String> {
        from.iter().for_each(|value| self.insert(into, value.clone()));
        Ok(())
    }

    fn push_result(&mut self, state: &Vec<Value>) {
        self.results.push(Value::Array(state.clone()));
    }

    fn take_results(&mut self) -> ArrayRef {
        array_of(&self.returns, &std::mem::take(&mut self.results))
    }

    fn save(&self, state: &Vec<Value>, out: &mut Vec<u8>) {
        put_values(state, out);
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, Vec<Value>> {
        take_values(bytes)
    }
}
