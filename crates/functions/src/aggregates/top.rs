//! TOPK: the `k` greatest values, greatest first, equal ones in the order they came; with further
//! columns as structs of `sort_col`, `col0`, `col1` and so on.

use std::cmp::Ordering;

use arrow_array::ArrayRef;
use types::columns::{array_of, value_at};
use types::{Field, SqlType, Value};

use super::definition::{Definition, literal};
use super::layout::{Taken, put_len, put_values, take_len, take_values};
use super::order::{compare_at, compare_values};
use super::slots::{Kernel, Slots};
use crate::Result;
use crate::api::{Accumulators, AggregateResolution, ArgumentType};

/// `TOPK`.
pub(super) const TOPK: Definition = Definition {
    name: "TOPK",
    is_limited: false,
    description: "The k greatest values of the column, perhaps with other columns of their rows.",
    signatures: &[
        (&["INT", "INT"], "ARRAY<INT>"),
        (&["BIGINT", "INT"], "ARRAY<BIGINT>"),
        (&["DOUBLE", "INT"], "ARRAY<DOUBLE>"),
        (&["VARCHAR", "INT"], "ARRAY<VARCHAR>"),
        (&["T", "U...", "INT"], "ARRAY<STRUCT<sort_col T, col0 U, ...>>"),
    ],
    resolve,
    make,
};

fn resolve(
    arguments: &[ArgumentType],
    constants: &[Option<Value>],
) -> Result<Option<AggregateResolution>> {
    let Some((ArgumentType::Sql(SqlType::Integer), columns)) = arguments.split_last() else {
        return Ok(None);
    };
    let mut types = Vec::with_capacity(columns.len());
    for column in columns {
        let ArgumentType::Sql(ty) = column else { return Ok(None) };
        types.push(ty.clone());
    }
    match types.first_mut() {
        Some(sort) if sort.is_numeric() => *sort = super::avg::without_decimal(sort),
        Some(SqlType::String) => {}
        _ => return Ok(None),
    }
    literal("TOPK", constants, columns.len())?;
    let returns = SqlType::array(element_type(&types));
    Ok(Some(AggregateResolution { arguments: types, constants: 1, returns, can_undo: false }))
}

fn element_type(columns: &[SqlType]) -> SqlType {
    let [sort, others @ ..] = columns else { unreachable!("TOPK has a column") };
    if others.is_empty() {
        return sort.clone();
    }
    let mut fields = vec![Field::new("sort_col", sort.clone())];
    let other = |(index, ty): (usize, &SqlType)| Field::new(format!("col{index}"), ty.clone());
    fields.extend(others.iter().enumerate().map(other));
    SqlType::Struct(fields)
}

fn make(_arguments: &[SqlType], constants: &[Value], returns: &SqlType) -> Box<dyn Accumulators> {
    Box::new(Slots::new(Top {
        limit: limit(constants),
        returns: returns.clone(),
        columns: Vec::new(),
        results: Vec::new(),
    }))
}

/// The constant `k`.
pub(super) fn limit(constants: &[Value]) -> usize {
    match constants.first() {
        Some(Value::Integer(k)) => usize::try_from(*k).unwrap_or(0),
        _ => 0,
    }
}

struct Top {
    limit: usize,
    returns: SqlType,
    columns: Vec<ArrayRef>,
    results: Vec<Value>,
}

/// A kept row: the sort value first.
type Row = Vec<Value>;

impl Top {
    fn insert(&self, state: &mut Vec<Row>, row: Row) {
        let place = state.partition_point(|kept| compare_values(&kept[0], &row[0]).is_ge());
        if place < self.limit {
            state.insert(place, row);
            state.truncate(self.limit);
        }
    }
}

impl Kernel for Top {
    type State = Vec<Row>;

    fn initial(&self) -> Vec<Row> {
        Vec::new()
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.columns = arguments.to_vec();
    }

    fn add(&mut self, state: &mut Vec<Row>, row: usize) -> std::result::Result<(), String> {
        let sort = &self.columns[0];
        if sort.is_null(row) {
            return Ok(());
        }
        // Most rows of a long stream end here, without having been copied.
        if state.len() >= self.limit
            && state.last().is_none_or(|last| compare_at(sort, row, &last[0]) != Ordering::Greater)
        {
            return Ok(());
        }
        self.insert(state, self.columns.iter().map(|column| value_at(column, row)).collect());
        Ok(())
    }

    fn merge(&mut self, into: &mut Vec<Row>, from: &Vec<Row>) -> std::result::Result<(), String> {
        from.iter().for_each(|row| self.insert(into, row.clone()));
        Ok(())
    }

    fn push_result(&mut self, state: &Vec<Row>) {
        let element = |row: &Row| match row.as_slice() {
            [only] => only.clone(),
            columns => Value::Struct(columns.to_vec()),
        };
        self.results.push(Value::Array(state.iter().map(element).collect()));
    }

    fn take_results(&mut self) -> ArrayRef {
        array_of(&self.returns, &std::mem::take(&mut self.results))
    }

    fn save(&self, state: &Vec<Row>, out: &mut Vec<u8>) {
        put_len(state.len(), out);
        state.iter().for_each(|row| put_values(row, out));
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, Vec<Row>> {
        let (len, mut rest) = take_len(bytes)?;
        let mut state = Vec::new();
        for _ in 0..len {
            let (row, behind) = take_values(rest)?;
            if row.is_empty() {
                return Err("a saved TOPK state has a row without values".to_owned());
            }
            state.push(row);
            rest = behind;
        }
        Ok((state, rest))
    }
}
