//! AVG: the sum is kept in the width of the input, so that integer sums wrap; 0.0 of nothing.

use std::sync::Arc;

use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{ArrayRef, Float64Array};
use types::{SqlType, Value};

use super::definition::{Definition, plain, single};
use super::layout::{Fixed, Taken};
use super::number::{Bound, Number};
use super::slots::{Kernel, Slots};
use crate::Result;
use crate::api::{Accumulators, AggregateResolution, ArgumentType};

/// `AVG`.
pub(super) const AVG: Definition = Definition {
    name: "AVG",
    is_limited: false,
    description: "The average of the values that are not NULL.",
    signatures: &[(&["INT"], "DOUBLE"), (&["BIGINT"], "DOUBLE"), (&["DOUBLE"], "DOUBLE")],
    resolve,
    make,
};

fn resolve(
    arguments: &[ArgumentType],
    _constants: &[Option<Value>],
) -> Result<Option<AggregateResolution>> {
    let number = single(arguments).filter(|ty| ty.is_numeric());
    Ok(number.map(|ty| plain(vec![without_decimal(ty)], SqlType::Double, true)))
}

/// The type a number is aggregated as where there is no signature for DECIMAL.
pub(super) fn without_decimal(ty: &SqlType) -> SqlType {
    match ty {
        SqlType::Decimal { .. } => SqlType::Double,
        other => other.clone(),
    }
}

fn make(arguments: &[SqlType], _constants: &[Value], _: &SqlType) -> Box<dyn Accumulators> {
    match arguments[0] {
        SqlType::Integer => Box::new(Slots::new(Avg::<Int32Type>::new())),
        SqlType::Bigint => Box::new(Slots::new(Avg::<Int64Type>::new())),
        _ => Box::new(Slots::new(Avg::<Float64Type>::new())),
    }
}

struct Avg<T: Number> {
    column: Bound<T>,
    results: Vec<f64>,
}

impl<T: Number> Avg<T> {
    fn new() -> Self {
        Self { column: Bound::none(), results: Vec::new() }
    }
}

/// What AVG knows of a group.
#[derive(Clone, Copy)]
struct Mean<N> {
    sum: N,
    count: i64,
}

impl<T: Number> Kernel for Avg<T> {
    type State = Mean<T::Native>;

    fn initial(&self) -> Self::State {
        Mean { sum: T::Native::default(), count: 0 }
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.column.bind(arguments);
    }

    fn add(&mut self, state: &mut Self::State, row: usize) -> std::result::Result<(), String> {
        if let Some(value) = self.column.value(row) {
            *state = Mean { sum: T::plus(state.sum, value), count: state.count + 1 };
        }
        Ok(())
    }

    fn undo(&mut self, state: &mut Self::State, row: usize) -> std::result::Result<(), String> {
        if let Some(value) = self.column.value(row) {
            *state = Mean { sum: T::minus(state.sum, value), count: state.count - 1 };
        }
        Ok(())
    }

    fn merge(
        &mut self,
        into: &mut Self::State,
        from: &Self::State,
    ) -> std::result::Result<(), String> {
        *into = Mean { sum: T::plus(into.sum, from.sum), count: into.count + from.count };
        Ok(())
    }

    fn push_result(&mut self, state: &Self::State) {
        let mean = match state.count {
            0 => 0.0,
            count => T::as_double(state.sum) / count as f64,
        };
        self.results.push(mean);
    }

    fn take_results(&mut self) -> ArrayRef {
        Arc::new(Float64Array::from(std::mem::take(&mut self.results)))
    }

    fn save(&self, state: &Self::State, out: &mut Vec<u8>) {
        state.sum.put(out);
        state.count.put(out);
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, Self::State> {
        let (sum, rest) = T::Native::take(bytes)?;
        let (count, rest) = i64::take(rest)?;
        Ok((Mean { sum, count }, rest))
    }
}
