//! SUM: starts at 0, ignores NULL; integers wrap, a DECIMAL that overflows is an error.

use std::sync::Arc;

use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{ArrayRef, PrimitiveArray};
use arrow_buffer::i256;
use types::columns::{array_of, value_at};
use types::{Decimal, SqlType, Value};

use super::definition::{Definition, plain, single};
use super::layout::{Fixed, Taken};
use super::number::{Bound, Number};
use super::slots::{Kernel, Slots};
use crate::Result;
use crate::api::{Accumulators, AggregateResolution, ArgumentType};

/// `SUM`.
pub(super) const SUM: Definition = Definition {
    name: "SUM",
    is_limited: false,
    description: "Adds up the values that are not NULL.",
    signatures: &[
        (&["INT"], "INT"),
        (&["BIGINT"], "BIGINT"),
        (&["DOUBLE"], "DOUBLE"),
        (&["DECIMAL"], "DECIMAL"),
    ],
    resolve,
    make,
};

fn resolve(
    arguments: &[ArgumentType],
    _constants: &[Option<Value>],
) -> Result<Option<AggregateResolution>> {
    let number = single(arguments).filter(|ty| ty.is_numeric());
    Ok(number.map(|ty| plain(vec![ty.clone()], ty.clone(), true)))
}

fn make(arguments: &[SqlType], _constants: &[Value], returns: &SqlType) -> Box<dyn Accumulators> {
    match arguments[0] {
        SqlType::Integer => Box::new(Slots::new(Sum::<Int32Type>::new())),
        SqlType::Bigint => Box::new(Slots::new(Sum::<Int64Type>::new())),
        SqlType::Double => Box::new(Slots::new(Sum::<Float64Type>::new())),
        _ => Box::new(Slots::new(DecimalSum::new(returns))),
    }
}

struct Sum<T: Number> {
    column: Bound<T>,
    results: Vec<T::Native>,
}

impl<T: Number> Sum<T> {
    fn new() -> Self {
        Self { column: Bound::none(), results: Vec::new() }
    }
}

impl<T: Number> Kernel for Sum<T> {
    type State = T::Native;

    fn initial(&self) -> T::Native {
        T::Native::default()
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.column.bind(arguments);
    }

    fn add(&mut self, state: &mut T::Native, row: usize) -> std::result::Result<(), String> {
        if let Some(value) = self.column.value(row) {
            *state = T::plus(*state, value);
        }
        Ok(())
    }

    fn undo(&mut self, state: &mut T::Native, row: usize) -> std::result::Result<(), String> {
        if let Some(value) = self.column.value(row) {
            *state = T::minus(*state, value);
        }
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

/// SUM of DECIMAL(p, s); the sum must stay a DECIMAL(p, s).
struct DecimalSum {
    ty: SqlType,
    scale: u8,
    /// The least positive number with too many digits; `None` if all 256 bits are allowed.
    limit: Option<i256>,
    column: Option<ArrayRef>,
    results: Vec<Value>,
}

impl DecimalSum {
    fn new(ty: &SqlType) -> Self {
        let SqlType::Decimal { precision, scale } = *ty else {
            unreachable!("SUM of {ty} is not resolved")
        };
        let limit = i256::from_i128(10).checked_pow(precision.into());
        Self { ty: ty.clone(), scale, limit, column: None, results: Vec::new() }
    }

    fn value(&self, row: usize) -> i256 {
        match self.column.as_ref().map(|column| value_at(column, row)) {
            Some(Value::Decimal(value)) => value.unscaled,
            _ => i256::ZERO,
        }
    }

    fn checked(&self, sum: Option<i256>) -> std::result::Result<i256, String> {
        let fits =
            |sum: &i256| self.limit.is_none_or(|limit| *sum < limit && *sum > limit.wrapping_neg());
        sum.filter(fits)
            .ok_or_else(|| format!("Numeric field overflow: SUM does not fit {}", self.ty))
    }
}

impl Kernel for DecimalSum {
    type State = i256;

    fn initial(&self) -> i256 {
        i256::ZERO
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.column = Some(arguments[0].clone());
    }

    fn add(&mut self, state: &mut i256, row: usize) -> std::result::Result<(), String> {
        *state = self.checked(state.checked_add(self.value(row)))?;
        Ok(())
    }

    fn undo(&mut self, state: &mut i256, row: usize) -> std::result::Result<(), String> {
        *state = self.checked(state.checked_sub(self.value(row)))?;
        Ok(())
    }

    fn merge(&mut self, into: &mut i256, from: &i256) -> std::result::Result<(), String> {
        *into = self.checked(into.checked_add(*from))?;
        Ok(())
    }

    fn push_result(&mut self, state: &i256) {
        self.results.push(Value::Decimal(Decimal::new(*state, self.scale)));
    }

    fn take_results(&mut self) -> ArrayRef {
        array_of(&self.ty, &std::mem::take(&mut self.results))
    }

    fn save(&self, state: &i256, out: &mut Vec<u8>) {
        state.put(out);
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, i256> {
        i256::take(bytes)
    }
}
