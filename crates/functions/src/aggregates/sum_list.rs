//! SUM_LIST: the sum of all elements of all arrays; NULL arrays and elements are ignored.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, ListArray, PrimitiveArray};
use types::{SqlType, Value};

use super::definition::{Definition, plain, single};
use super::layout::{Fixed, Taken};
use super::number::Number;
use super::slots::{Kernel, Slots};
use crate::Result;
use crate::api::{Accumulators, AggregateResolution, ArgumentType};

/// `SUM_LIST`.
pub(super) const SUM_LIST: Definition = Definition {
    name: "SUM_LIST",
    is_limited: false,
    description: "Adds up the elements of arrays.",
    signatures: &[
        (&["ARRAY<INT>"], "INT"),
        (&["ARRAY<BIGINT>"], "BIGINT"),
        (&["ARRAY<DOUBLE>"], "DOUBLE"),
    ],
    resolve,
    make,
};

fn resolve(
    arguments: &[ArgumentType],
    _constants: &[Option<Value>],
) -> Result<Option<AggregateResolution>> {
    let Some(SqlType::Array(element)) = single(arguments) else {
        return Ok(None);
    };
    if !element.is_numeric() {
        return Ok(None);
    }
    let element = super::avg::without_decimal(element);
    Ok(Some(plain(vec![SqlType::array(element.clone())], element, true)))
}

fn make(_arguments: &[SqlType], _constants: &[Value], returns: &SqlType) -> Box<dyn Accumulators> {
    match returns {
        SqlType::Integer => Box::new(Slots::new(SumList::<Int32Type>::new())),
        SqlType::Bigint => Box::new(Slots::new(SumList::<Int64Type>::new())),
        _ => Box::new(Slots::new(SumList::<Float64Type>::new())),
    }
}

struct SumList<T: Number> {
    lists: Option<ListArray>,
    results: Vec<T::Native>,
}

impl<T: Number> SumList<T> {
    fn new() -> Self {
        Self { lists: None, results: Vec::new() }
    }

    /// The elements of `row` that are not NULL.
    fn elements(&self, row: usize) -> impl Iterator<Item = T::Native> {
        let lists = self.lists.as_ref().filter(|lists| lists.is_valid(row));
        lists.into_iter().flat_map(move |lists| {
            let (start, end) = (lists.value_offsets()[row], lists.value_offsets()[row + 1]);
            let values = lists.values().as_primitive::<T>();
            let valid = (start as usize..end as usize).filter(|index| values.is_valid(*index));
            valid.map(|index| values.value(index))
        })
    }
}

impl<T: Number> Kernel for SumList<T> {
    type State = T::Native;

    fn initial(&self) -> T::Native {
        T::Native::default()
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.lists = Some(arguments[0].as_list::<i32>().clone());
    }

    fn add(&mut self, state: &mut T::Native, row: usize) -> std::result::Result<(), String> {
        *state = self.elements(row).fold(*state, T::plus);
        Ok(())
    }

    fn undo(&mut self, state: &mut T::Native, row: usize) -> std::result::Result<(), String> {
        *state = self.elements(row).fold(*state, T::minus);
        Ok(())
    }

    fn merge(&mut self, into: &mut T::Native, from: &T::Native) -> std::result::Result<(), String> {
        *into = T::plus(*into, *from);
        Ok(())
    }

    fn push_result(&mut self, state: &T::Native) {
        self.results.push(*state);
    }

    fn take_results(&mut self) -> ArrayRef {
        let results = std::mem::take(&mut self.results);
        Arc::new(PrimitiveArray::<T>::from_iter_values(results))
    }

    fn save(&self, state: &T::Native, out: &mut Vec<u8>) {
        state.put(out);
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, T::Native> {
        T::Native::take(bytes)
    }
}
