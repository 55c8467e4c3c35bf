//! ATTR: the value of the column if it is the same in all rows, NULL counting as a value.

use std::collections::BTreeMap;

use arrow_array::ArrayRef;
use types::columns::array_of;
use types::{SqlType, Value};

use super::definition::{Definition, plain, single};
use super::layout::{Fixed, Taken, put_at, put_bytes, put_len, take_bytes, take_len, take_value};
use super::slots::{Kernel, Slots};
use crate::Result;
use crate::api::{AggregateResolution, ArgumentType};

/// `ATTR`.
pub(super) const ATTR: Definition = Definition {
    name: "ATTR",
    is_limited: false,
    description: "The value of the column if all rows have the same one, else NULL.",
    signatures: &[(&["T"], "T")],
    resolve,
    make: |_, _, returns| Box::new(Slots::new(Attr::new(returns))),
};

fn resolve(
    arguments: &[ArgumentType],
    _constants: &[Option<Value>],
) -> Result<Option<AggregateResolution>> {
    Ok(single(arguments).map(|ty| plain(vec![ty.clone()], ty.clone(), true)))
}

struct Attr {
    returns: SqlType,
    column: Option<ArrayRef>,
    /// Bytes of the value at hand.
    scratch: Vec<u8>,
    results: Vec<Value>,
}

/// How many rows hold each value, by the value's saved bytes.
type Counts = BTreeMap<Box<[u8]>, i64>;

impl Attr {
    fn new(returns: &SqlType) -> Self {
        Self { returns: returns.clone(), column: None, scratch: Vec::new(), results: Vec::new() }
    }

    fn encode(&mut self, row: usize) {
        self.scratch.clear();
        if let Some(column) = &self.column {
            put_at(column, row, &mut self.scratch);
        }
    }
}

fn count(state: &mut Counts, key: &[u8], rows: i64) {
    match state.get_mut(key) {
        Some(count) => *count += rows,
        None => drop(state.insert(key.into(), rows)),
    }
}

impl Kernel for Attr {
    type State = Counts;

    fn initial(&self) -> Counts {
        Counts::new()
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.column = Some(arguments[0].clone());
    }

    fn add(&mut self, state: &mut Counts, row: usize) -> std::result::Result<(), String> {
        self.encode(row);
        count(state, &self.scratch, 1);
        Ok(())
    }

    fn undo(&mut self, state: &mut Counts, row: usize) -> std::result::Result<(), String> {
        self.encode(row);
        if let Some(count) = state.get_mut(self.scratch.as_slice()) {
            *count -= 1;
            if *count <= 0 {
                state.remove(self.scratch.as_slice());
            }
        }
        Ok(())
    }

    fn merge(&mut self, into: &mut Counts, from: &Counts) -> std::result::Result<(), String> {
        from.iter().for_each(|(key, rows)| count(into, key, *rows));
        Ok(())
    }

    fn push_result(&mut self, state: &Counts) {
        let mut keys = state.keys();
        let only = match (keys.next(), keys.next()) {
            (Some(key), None) => take_value(key).map(|(value, _)| value).ok(),
            _ => None,
        };
        self.results.push(only.unwrap_or(Value::Null));
    }

    fn take_results(&mut self) -> ArrayRef {
        array_of(&self.returns, &std::mem::take(&mut self.results))
    }

    fn save(&self, state: &Counts, out: &mut Vec<u8>) {
        put_len(state.len(), out);
        for (key, rows) in state {
            put_bytes(key, out);
            rows.put(out);
        }
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, Counts> {
        let (len, mut rest) = take_len(bytes)?;
        let mut state = Counts::new();
        for _ in 0..len {
            let (key, behind) = take_bytes(rest)?;
            take_value(key)?;
            let (rows, behind) = i64::take(behind)?;
            state.insert(key.into(), rows);
            rest = behind;
        }
        Ok((state, rest))
    }
}
