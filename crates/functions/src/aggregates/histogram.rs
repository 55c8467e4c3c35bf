//! HISTOGRAM: how often each text occurs, for the first thousand different ones.

use std::collections::HashMap;

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_array::{Array, StringArray};
use types::columns::array_of;
use types::{SqlType, Value};

use super::definition::{Definition, plain, single};
use super::layout::{Fixed, Taken, put_bytes, put_len, take_len, take_text};
use super::slots::{Kernel, Slots};
use crate::Result;
use crate::api::{AggregateResolution, ArgumentType};

/// Texts beyond so many are not counted.
const KEYS_MAX: usize = 1_000;

/// `HISTOGRAM`.
pub(super) const HISTOGRAM: Definition = Definition {
    name: "HISTOGRAM",
    is_limited: false,
    description: "A map from each distinct text of the column to its number of occurrences.",
    signatures: &[(&["VARCHAR"], "MAP<VARCHAR, BIGINT>")],
    resolve,
    make: |_, _, returns| Box::new(Slots::new(Histogram::new(returns))),
};

fn resolve(
    arguments: &[ArgumentType],
    _constants: &[Option<Value>],
) -> Result<Option<AggregateResolution>> {
    let text = single(arguments).filter(|ty| **ty == SqlType::String);
    let returns = SqlType::map(SqlType::String, SqlType::Bigint);
    Ok(text.map(|ty| plain(vec![ty.clone()], returns, true)))
}

struct Histogram {
    returns: SqlType,
    column: StringArray,
    results: Vec<Value>,
}

/// Texts and their counts in the order of their first appearance.
#[derive(Default)]
struct Counts {
    entries: Vec<(String, i64)>,
    positions: HashMap<String, usize>,
}

impl Counts {
    fn add(&mut self, text: &str, count: i64) {
        if let Some(position) = self.positions.get(text) {
            self.entries[*position].1 += count;
        } else if self.entries.len() < KEYS_MAX {
            self.positions.insert(text.to_owned(), self.entries.len());
            self.entries.push((text.to_owned(), count));
        }
    }

    fn remove(&mut self, text: &str) {
        let Some(position) = self.positions.get(text).copied() else { return };
        self.entries[position].1 -= 1;
        if self.entries[position].1 <= 0 {
            self.entries.remove(position);
            self.positions.remove(text);
            for later in self.positions.values_mut().filter(|other| **other > position) {
                *later -= 1;
            }
        }
    }
}

impl Histogram {
    fn new(returns: &SqlType) -> Self {
        let column = StringArray::from(Vec::<&str>::new());
        Self { returns: returns.clone(), column, results: Vec::new() }
    }
}

impl Kernel for Histogram {
    type State = Counts;

    fn initial(&self) -> Counts {
        Counts::default()
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.column = arguments[0].as_string::<i32>().clone();
    }

    fn add(&mut self, state: &mut Counts, row: usize) -> std::result::Result<(), String> {
        if self.column.is_valid(row) {
            state.add(self.column.value(row), 1);
        }
        Ok(())
    }

    fn undo(&mut self, state: &mut Counts, row: usize) -> std::result::Result<(), String> {
        if self.column.is_valid(row) {
            state.remove(self.column.value(row));
        }
        Ok(())
    }

    fn merge(&mut self, into: &mut Counts, from: &Counts) -> std::result::Result<(), String> {
        from.entries.iter().for_each(|(text, count)| into.add(text, *count));
        Ok(())
    }

    fn push_result(&mut self, state: &Counts) {
        let entry = |(text, count): &(String, i64)| (Value::string(text), Value::Bigint(*count));
        self.results.push(Value::Map(state.entries.iter().map(entry).collect()));
    }

    fn take_results(&mut self) -> ArrayRef {
        array_of(&self.returns, &std::mem::take(&mut self.results))
    }

    fn save(&self, state: &Counts, out: &mut Vec<u8>) {
        put_len(state.entries.len(), out);
        for (text, count) in &state.entries {
            put_bytes(text.as_bytes(), out);
            count.put(out);
        }
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, Counts> {
        let (len, mut rest) = take_len(bytes)?;
        let mut state = Counts::default();
        for _ in 0..len {
            let (text, behind) = take_text(rest)?;
            let (count, behind) = i64::take(behind)?;
            state.add(text, count);
            rest = behind;
        }
        Ok((state, rest))
    }
}
