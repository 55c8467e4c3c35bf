//! EARLIEST_BY_OFFSET and LATEST_BY_OFFSET: the first or last value, or the first or last `n`, in the
//! order of processing. NULL is ignored unless the call says otherwise.

use std::collections::VecDeque;

use arrow_array::ArrayRef;
use types::columns::{array_of, value_at};
use types::{SqlType, Value};

use super::definition::{Definition, literal};
use super::layout::{Fixed, Taken, put_len, put_value, take_len, take_value};
use super::order::assign;
use super::slots::{Kernel, Slots};
use crate::api::{Accumulators, AggregateResolution, ArgumentType};
use crate::{Error, Result};

const SIGNATURES: &[(&[&str], &str)] = &[
    (&["T"], "T"),
    (&["T", "BOOLEAN"], "T"),
    (&["T", "INT"], "ARRAY<T>"),
    (&["T", "INT", "BOOLEAN"], "ARRAY<T>"),
];

/// `EARLIEST_BY_OFFSET`.
pub(super) const EARLIEST_BY_OFFSET: Definition = Definition {
    name: "EARLIEST_BY_OFFSET",
    is_limited: false,
    description: "The first value of the column in the order of processing, or the first n.",
    signatures: SIGNATURES,
    resolve: |arguments, constants| resolve(arguments, constants, End::Earliest),
    make: |_, constants, returns| make(constants, returns, End::Earliest),
};

/// `LATEST_BY_OFFSET`.
pub(super) const LATEST_BY_OFFSET: Definition = Definition {
    name: "LATEST_BY_OFFSET",
    is_limited: false,
    description: "The last value of the column in the order of processing, or the last n.",
    signatures: SIGNATURES,
    resolve: |arguments, constants| resolve(arguments, constants, End::Latest),
    make: |_, constants, returns| make(constants, returns, End::Latest),
};

/// Which end of the processed values is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Earliest,
    Latest,
}

impl End {
    fn function(self) -> &'static str {
        match self {
            Self::Earliest => "EARLIEST_BY_OFFSET",
            Self::Latest => "LATEST_BY_OFFSET",
        }
    }

    fn limit_name(self) -> &'static str {
        match self {
            Self::Earliest => "earliestN",
            Self::Latest => "latestN",
        }
    }
}

fn resolve(
    arguments: &[ArgumentType],
    constants: &[Option<Value>],
    end: End,
) -> Result<Option<AggregateResolution>> {
    let Some(ArgumentType::Sql(ty)) = arguments.first() else {
        return Ok(None);
    };
    let configuration: Vec<&ArgumentType> = arguments[1..].iter().collect();
    let boolean = ArgumentType::Sql(SqlType::Boolean);
    let integer = ArgumentType::Sql(SqlType::Integer);
    let many = match configuration.as_slice() {
        [] => false,
        [flag] if **flag == boolean => false,
        [limit] if **limit == integer => true,
        [limit, flag] if **limit == integer && **flag == boolean => true,
        _ => return Ok(None),
    };
    for position in 1..arguments.len() {
        if let Value::Integer(..1) = literal(end.function(), constants, position)? {
            let text = format!("{} must be 1 or greater", end.limit_name());
            return Err(Error::InvalidArgument(text));
        }
    }
    let returns = if many { SqlType::array(ty.clone()) } else { ty.clone() };
    let constants = configuration.len();
    Ok(Some(AggregateResolution {
        arguments: vec![ty.clone()],
        constants,
        returns,
        can_undo: false,
    }))
}

fn make(constants: &[Value], returns: &SqlType, end: End) -> Box<dyn Accumulators> {
    let mut limit = None;
    let mut ignores_nulls = true;
    for constant in constants {
        match constant {
            Value::Integer(n) => limit = usize::try_from(*n).ok(),
            Value::Boolean(flag) => ignores_nulls = *flag,
            _ => {}
        }
    }
    Box::new(Slots::new(ByOffset {
        end,
        limit: limit.unwrap_or(1),
        is_list: limit.is_some(),
        ignores_nulls,
        returns: returns.clone(),
        next_sequence: 0,
        column: None,
        results: Vec::new(),
    }))
}

struct ByOffset {
    end: End,
    limit: usize,
    /// Whether the call gave a limit, so that the result is an array.
    is_list: bool,
    ignores_nulls: bool,
    returns: SqlType,
    /// Number of the next value, over all groups: sessions are merged by it.
    next_sequence: u64,
    column: Option<ArrayRef>,
    results: Vec<Value>,
}

/// A value and when it was processed.
#[derive(Clone)]
struct Seen {
    sequence: u64,
    value: Value,
}

impl ByOffset {
    /// Puts the value at `row` in the place of the one that leaves, whose buffer it takes over.
    fn replace(&self, seen: &mut VecDeque<Seen>, column: &ArrayRef, row: usize, sequence: u64) {
        let Some(mut entry) = seen.pop_front() else { return };
        assign(&mut entry.value, column, row);
        entry.sequence = sequence;
        seen.push_back(entry);
    }
}

impl Kernel for ByOffset {
    type State = VecDeque<Seen>;

    fn initial(&self) -> Self::State {
        VecDeque::new()
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.column = Some(arguments[0].clone());
    }

    fn add(&mut self, state: &mut Self::State, row: usize) -> std::result::Result<(), String> {
        let Some(column) = self.column.as_ref() else { return Ok(()) };
        if self.ignores_nulls && column.is_null(row) {
            return Ok(());
        }
        let sequence = self.next_sequence;
        if state.len() < self.limit {
            state.push_back(Seen { sequence, value: value_at(column, row) });
        } else if self.end == End::Latest {
            self.replace(state, column, row, sequence);
        }
        self.next_sequence += 1;
        Ok(())
    }

    fn merge(
        &mut self,
        into: &mut Self::State,
        from: &Self::State,
    ) -> std::result::Result<(), String> {
        into.extend(from.iter().cloned());
        into.make_contiguous().sort_by_key(|seen| seen.sequence);
        match self.end {
            End::Earliest => into.truncate(self.limit),
            End::Latest => drop(into.drain(..into.len().saturating_sub(self.limit))),
        }
        Ok(())
    }

    fn push_result(&mut self, state: &Self::State) {
        let mut values = state.iter().map(|seen| seen.value.clone());
        self.results.push(if self.is_list {
            Value::Array(values.collect())
        } else {
            values.next().unwrap_or(Value::Null)
        });
    }

    fn take_results(&mut self) -> ArrayRef {
        array_of(&self.returns, &std::mem::take(&mut self.results))
    }

    fn save(&self, state: &Self::State, out: &mut Vec<u8>) {
        put_len(state.len(), out);
        for seen in state {
            seen.sequence.put(out);
            put_value(&seen.value, out);
        }
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, Self::State> {
        let (len, mut rest) = take_len(bytes)?;
        let mut state = VecDeque::new();
        for _ in 0..len {
            let (sequence, behind) = u64::take(rest)?;
            let (value, behind) = take_value(behind)?;
            state.push_back(Seen { sequence, value });
            // What comes now is later than all that was processed before the state was saved.
            self.next_sequence = self.next_sequence.max(sequence.saturating_add(1));
            rest = behind;
        }
        Ok((state, rest))
    }
}
