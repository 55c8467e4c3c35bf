//! States of the aggregates that add up numbers and lengths of texts.

use std::sync::Arc;

use ::functions::Accumulators;
use arrow_array::{ArrayRef, Int64Array};
use types::Value;
use types::columns::value_at;

/// One sum per group.
pub struct Sums {
    /// What the constants add up to: where every group starts.
    initial: i64,
    columns: Vec<ArrayRef>,
    states: Vec<i64>,
    results: Vec<i64>,
}

impl Sums {
    /// Groups that start with the sum of `constants`.
    pub fn new(constants: &[Value]) -> Self {
        let initial = constants.iter().map(worth).sum();
        Self { initial, columns: Vec::new(), states: Vec::new(), results: Vec::new() }
    }

    fn row(&self, row: usize) -> i64 {
        self.columns.iter().map(|column| worth(&value_at(column, row))).sum()
    }
}

fn worth(value: &Value) -> i64 {
    match value {
        Value::Integer(number) => i64::from(*number),
        Value::Bigint(number) => *number,
        Value::String(text) => text.encode_utf16().count() as i64,
        _ => 0,
    }
}

impl Accumulators for Sums {
    fn resize(&mut self, slots: usize) {
        self.states.resize(slots, self.initial);
    }

    fn clear(&mut self, slot: usize) {
        self.states[slot] = self.initial;
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.columns = arguments.to_vec();
    }

    fn add(&mut self, slot: usize, row: usize) -> Result<(), String> {
        self.states[slot] = self.states[slot].wrapping_add(self.row(row));
        Ok(())
    }

    fn undo(&mut self, slot: usize, row: usize) -> Result<(), String> {
        self.states[slot] = self.states[slot].wrapping_sub(self.row(row));
        Ok(())
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<(), String> {
        let added = self.states[from].wrapping_sub(self.initial);
        self.states[into] = self.states[into].wrapping_add(added);
        Ok(())
    }

    fn push_result(&mut self, slot: usize) {
        self.results.push(self.states[slot]);
    }

    fn take_results(&mut self) -> ArrayRef {
        Arc::new(Int64Array::from(std::mem::take(&mut self.results)))
    }

    fn save(&self, slot: usize, out: &mut Vec<u8>) {
        out.extend(self.states[slot].to_be_bytes());
    }

    fn load<'a>(&mut self, slot: usize, bytes: &'a [u8]) -> Result<&'a [u8], String> {
        let (state, rest) = bytes.split_first_chunk().ok_or("a sum needs eight bytes")?;
        self.states[slot] = i64::from_be_bytes(*state);
        Ok(rest)
    }
}
