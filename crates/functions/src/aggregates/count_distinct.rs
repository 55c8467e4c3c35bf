//! COUNT_DISTINCT: how many different values there are; NULL does not count. Exact for small numbers,
//! see [`super::hyper_log_log`].

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array};
use types::{SqlType, Value};

use super::definition::{Definition, plain, single};
use super::hyper_log_log::{Sketch, hash_of};
use super::layout::{Taken, put_at};
use super::slots::{Kernel, Slots};
use crate::Result;
use crate::api::{AggregateResolution, ArgumentType};

/// `COUNT_DISTINCT`.
pub(super) const COUNT_DISTINCT: Definition = Definition {
    name: "COUNT_DISTINCT",
    is_limited: false,
    description: "The approximate number of distinct values that are not NULL.",
    signatures: &[(&["T"], "BIGINT")],
    resolve,
    make: |_, _, _| Box::new(Slots::new(CountDistinct::default())),
};

fn resolve(
    arguments: &[ArgumentType],
    _constants: &[Option<Value>],
) -> Result<Option<AggregateResolution>> {
    Ok(single(arguments).map(|ty| plain(vec![ty.clone()], SqlType::Bigint, false)))
}

#[derive(Default)]
struct CountDistinct {
    column: Option<ArrayRef>,
    /// Bytes of the value at hand.
    scratch: Vec<u8>,
    results: Vec<i64>,
}

impl Kernel for CountDistinct {
    type State = Sketch;

    fn initial(&self) -> Sketch {
        Sketch::new()
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.column = Some(arguments[0].clone());
    }

    fn add(&mut self, state: &mut Sketch, row: usize) -> std::result::Result<(), String> {
        if let Some(column) = self.column.as_ref().filter(|column| column.is_valid(row)) {
            self.scratch.clear();
            put_at(column, row, &mut self.scratch);
            state.insert(hash_of(&self.scratch));
        }
        Ok(())
    }

    fn merge(&mut self, into: &mut Sketch, from: &Sketch) -> std::result::Result<(), String> {
        into.merge(from);
        Ok(())
    }

    fn push_result(&mut self, state: &Sketch) {
        self.results.push(state.count());
    }

    fn take_results(&mut self) -> ArrayRef {
        Arc::new(Int64Array::from(std::mem::take(&mut self.results)))
    }

    fn save(&self, state: &Sketch, out: &mut Vec<u8>) {
        state.save(out);
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, Sketch> {
        Sketch::load(bytes)
    }
}
