//! COUNT(*), COUNT(), COUNT(x).

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array};
use arrow_buffer::NullBuffer;
use types::{SqlType, Value};

use super::definition::{Definition, plain};
use super::layout::{Fixed, Taken};
use super::slots::{Kernel, Slots};
use crate::Result;
use crate::api::{AggregateResolution, ArgumentType};

/// `COUNT`.
pub(super) const COUNT: Definition = Definition {
    name: "COUNT",
    is_limited: false,
    description: "Counts the rows, or those in which the argument is not NULL.",
    signatures: &[(&[], "BIGINT"), (&["T"], "BIGINT")],
    resolve,
    make: |_, _, _| Box::new(Slots::new(Count::default())),
};

fn resolve(
    arguments: &[ArgumentType],
    _constants: &[Option<Value>],
) -> Result<Option<AggregateResolution>> {
    Ok(match arguments {
        [] => Some(plain(Vec::new(), SqlType::Bigint, true)),
        [ArgumentType::Sql(ty)] => Some(plain(vec![ty.clone()], SqlType::Bigint, true)),
        _ => None,
    })
}

#[derive(Default)]
struct Count {
    /// NULLs of the bound column.
    nulls: Option<NullBuffer>,
    results: Vec<i64>,
}

impl Count {
    fn counts(&self, row: usize) -> i64 {
        i64::from(self.nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)))
    }
}

impl Kernel for Count {
    type State = i64;

    fn initial(&self) -> i64 {
        0
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.nulls = arguments.first().and_then(|column| column.logical_nulls());
    }

    fn add(&mut self, state: &mut i64, row: usize) -> std::result::Result<(), String> {
        *state += self.counts(row);
        Ok(())
    }

    fn undo(&mut self, state: &mut i64, row: usize) -> std::result::Result<(), String> {
        *state -= self.counts(row);
        Ok(())
    }

    fn merge(&mut self, into: &mut i64, from: &i64) -> std::result::Result<(), String> {
        *into += from;
        Ok(())
    }

    fn push_result(&mut self, state: &i64) {
        self.results.push(*state);
    }

    fn take_results(&mut self) -> ArrayRef {
        Arc::new(Int64Array::from(std::mem::take(&mut self.results)))
    }

    fn save(&self, state: &i64, out: &mut Vec<u8>) {
        state.put(out);
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, i64> {
        i64::take(bytes)
    }
}
