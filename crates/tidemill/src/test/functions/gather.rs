//! States of the aggregates that gather the first column of complete rows.

use ::functions::Accumulators;
use arrow_array::ArrayRef;
use types::columns::{array_of, value_at};
use types::{SqlType, Value};

/// One list per group.
pub struct Gather {
    returns: SqlType,
    columns: Vec<ArrayRef>,
    states: Vec<Vec<Value>>,
    results: Vec<Value>,
}

impl Gather {
    /// No groups yet.
    pub fn new(returns: &SqlType) -> Self {
        Self {
            returns: returns.clone(),
            columns: Vec::new(),
            states: Vec::new(),
            results: Vec::new(),
        }
    }
}

impl Accumulators for Gather {
    fn resize(&mut self, slots: usize) {
        self.states.resize(slots, Vec::new());
    }

    fn clear(&mut self, slot: usize) {
        self.states[slot].clear();
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.columns = arguments.to_vec();
    }

    fn add(&mut self, slot: usize, row: usize) -> Result<(), String> {
        let row: Vec<Value> = self.columns.iter().map(|column| value_at(column, row)).collect();
        if !row.contains(&Value::Null) {
            self.states[slot].extend(row.into_iter().next());
        }
        Ok(())
    }

    fn undo(&mut self, _slot: usize, _row: usize) -> Result<(), String> {
        Err("the aggregate function can't be undone".to_owned())
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<(), String> {
        let added = self.states[from].clone();
        self.states[into].extend(added);
        Ok(())
    }

    fn push_result(&mut self, slot: usize) {
        self.results.push(Value::Array(self.states[slot].clone()));
    }

    fn take_results(&mut self) -> ArrayRef {
        array_of(&self.returns, &std::mem::take(&mut self.results))
    }

    fn save(&self, slot: usize, out: &mut Vec<u8>) {
        let state = serde_json::to_vec(&self.states[slot]).expect("values are JSON");
        out.extend((state.len() as u64).to_be_bytes());
        out.extend(state);
    }

    fn load<'a>(&mut self, slot: usize, bytes: &'a [u8]) -> Result<&'a [u8], String> {
        let (length, rest) = bytes.split_first_chunk().ok_or("a list needs its length")?;
        let length = usize::try_from(u64::from_be_bytes(*length)).map_err(|e| e.to_string())?;
        let (state, rest) = rest.split_at_checked(length).ok_or("a list is cut off")?;
        self.states[slot] = serde_json::from_slice(state).map_err(|error| error.to_string())?;
        Ok(rest)
    }
}
