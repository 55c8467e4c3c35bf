//! COLLECT_LIST and COLLECT_SET, NULL included. A constant behind the column, if the plan gives one,
//! is the most elements to keep (`ksql.functions.collect_list.limit` and `..set.limit`).

use std::collections::HashSet;

use arrow_array::ArrayRef;
use types::columns::{array_of, value_at};
use types::{SqlType, Value};

use super::definition::{Definition, plain, single};
use super::layout::{Taken, put_at, put_value, put_values, take_values};
use super::slots::{Kernel, Slots};
use crate::Result;
use crate::api::{AggregateResolution, ArgumentType};

const SIGNATURES: &[(&[&str], &str)] = &[(&["T"], "ARRAY<T>")];

/// `COLLECT_LIST`.
pub(super) const COLLECT_LIST: Definition = Definition {
    name: "COLLECT_LIST",
    is_limited: true,
    description: "Gathers all values of the column into an array.",
    signatures: SIGNATURES,
    resolve: |arguments, _| resolve(arguments, true),
    make: |_, constants, returns| {
        Box::new(Slots::new(CollectList(Gathering::new(constants, returns))))
    },
};

/// `COLLECT_SET`.
pub(super) const COLLECT_SET: Definition = Definition {
    name: "COLLECT_SET",
    is_limited: true,
    description: "Gathers the distinct values of the column into an array.",
    signatures: SIGNATURES,
    resolve: |arguments, _| resolve(arguments, false),
    make: |_, constants, returns| {
        Box::new(Slots::new(CollectSet {
            gathering: Gathering::new(constants, returns),
            scratch: Vec::new(),
        }))
    },
};

fn resolve(arguments: &[ArgumentType], can_undo: bool) -> Result<Option<AggregateResolution>> {
    Ok(single(arguments).map(|ty| plain(vec![ty.clone()], SqlType::array(ty.clone()), can_undo)))
}

/// What both functions have in common.
struct Gathering {
    returns: SqlType,
    limit: usize,
    column: Option<ArrayRef>,
    results: Vec<Value>,
}

impl Gathering {
    fn new(constants: &[Value], returns: &SqlType) -> Self {
        let limit = match constants.first() {
            Some(Value::Integer(limit)) => usize::try_from(*limit).unwrap_or(0),
            _ => usize::MAX,
        };
        Self { returns: returns.clone(), limit, column: None, results: Vec::new() }
    }

    fn value(&self, row: usize) -> Value {
        self.column.as_ref().map_or(Value::Null, |column| value_at(column, row))
    }

    fn take_results(&mut self) -> ArrayRef {
        array_of(&self.returns, &std::mem::take(&mut self.results))
    }
}

struct CollectList(Gathering);

impl Kernel for CollectList {
    type State = Vec<Value>;

    fn initial(&self) -> Vec<Value> {
        Vec::new()
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.0.column = Some(arguments[0].clone());
    }

    fn add(&mut self, state: &mut Vec<Value>, row: usize) -> std::result::Result<(), String> {
        if state.len() < self.0.limit {
            state.push(self.0.value(row));
        }
        Ok(())
    }

    /// Removes the last equal value.
    fn undo(&mut self, state: &mut Vec<Value>, row: usize) -> std::result::Result<(), String> {
        let value = self.0.value(row);
        if let Some(position) = state.iter().rposition(|other| *other == value) {
            state.remove(position);
        }
        Ok(())
    }

    fn merge(
        &mut self,
        into: &mut Vec<Value>,
        from: &Vec<Value>,
    ) -> std::result::Result<(), String> {
        let room = self.0.limit.saturating_sub(into.len());
        into.extend(from.iter().take(room).cloned());
        Ok(())
    }

    fn push_result(&mut self, state: &Vec<Value>) {
        self.0.results.push(Value::Array(state.clone()));
    }

    fn take_results(&mut self) -> ArrayRef {
        self.0.take_results()
    }

    fn save(&self, state: &Vec<Value>, out: &mut Vec<u8>) {
        put_values(state, out);
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, Vec<Value>> {
        take_values(bytes)
    }
}

struct CollectSet {
    gathering: Gathering,
    /// Bytes of the value at hand.
    scratch: Vec<u8>,
}

/// Distinct values in the order of their first appearance.
#[derive(Default)]
struct Distinct {
    values: Vec<Value>,
    /// The saved bytes of each value, which are equal for equal values.
    known: HashSet<Box<[u8]>>,
}

impl CollectSet {
    fn insert(&mut self, state: &mut Distinct, value: &Value) {
        self.scratch.clear();
        put_value(value, &mut self.scratch);
        if self.admits(state) {
            state.values.push(value.clone());
        }
    }

    /// Whether the value whose bytes stand in the scratch is to be added; it is known from then on.
    fn admits(&self, state: &mut Distinct) -> bool {
        let bytes = self.scratch.as_slice();
        let has_room = state.values.len() < self.gathering.limit;
        has_room && !state.known.contains(bytes) && state.known.insert(bytes.into())
    }
}

impl Kernel for CollectSet {
    type State = Distinct;

    fn initial(&self) -> Distinct {
        Distinct::default()
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.gathering.column = Some(arguments[0].clone());
    }

    fn add(&mut self, state: &mut Distinct, row: usize) -> std::result::Result<(), String> {
        let Some(column) = &self.gathering.column else { return Ok(()) };
        self.scratch.clear();
        put_at(column, row, &mut self.scratch);
        if self.admits(state) {
            state.values.push(self.gathering.value(row));
        }
        Ok(())
    }

    fn merge(&mut self, into: &mut Distinct, from: &Distinct) -> std::result::Result<(), String> {
        from.values.iter().for_each(|value| self.insert(into, value));
        Ok(())
    }

    fn push_result(&mut self, state: &Distinct) {
        self.gathering.results.push(Value::Array(state.values.clone()));
    }

    fn take_results(&mut self) -> ArrayRef {
        self.gathering.take_results()
    }

    fn save(&self, state: &Distinct, out: &mut Vec<u8>) {
        put_values(&state.values, out);
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, Distinct> {
        let (values, rest) = take_values(bytes)?;
        let mut state = Distinct::default();
        values.iter().for_each(|value| self.insert(&mut state, value));
        Ok((state, rest))
    }
}
