//! MIN and MAX: NULL is ignored, NULL of nothing.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::builder::PrimitiveBuilder;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Decimal128Type, Decimal256Type, Float64Type, Int32Type,
    Int64Type, Time32MillisecondType, TimestampMillisecondType,
};
use arrow_array::{ArrayRef, ArrowNativeTypeOp};
use arrow_schema::DataType;
use types::columns::{array_of, arrow_type};
use types::{SqlType, Value};

use super::definition::{Definition, plain, single};
use super::layout::{Fixed, Taken, put_value, take_value};
use super::number::Bound;
use super::order::{assign, compare_at, compare_values};
use super::slots::{Kernel, Slots};
use crate::Result;
use crate::api::{Accumulators, AggregateResolution, ArgumentType};

const SIGNATURES: &[(&[&str], &str)] = &[
    (&["INT"], "INT"),
    (&["BIGINT"], "BIGINT"),
    (&["DOUBLE"], "DOUBLE"),
    (&["DECIMAL"], "DECIMAL"),
    (&["DATE"], "DATE"),
    (&["TIME"], "TIME"),
    (&["TIMESTAMP"], "TIMESTAMP"),
    (&["VARCHAR"], "VARCHAR"),
    (&["BYTES"], "BYTES"),
];

/// `MAX`.
pub(super) const MAX: Definition = Definition {
    name: "MAX",
    is_limited: false,
    description: "The greatest value that is not NULL.",
    signatures: SIGNATURES,
    resolve,
    make: |arguments, _, _| make(&arguments[0], Ordering::Greater),
};

/// `MIN`.
pub(super) const MIN: Definition = Definition {
    name: "MIN",
    is_limited: false,
    description: "The least value that is not NULL.",
    signatures: SIGNATURES,
    resolve,
    make: |arguments, _, _| make(&arguments[0], Ordering::Less),
};

fn resolve(
    arguments: &[ArgumentType],
    _constants: &[Option<Value>],
) -> Result<Option<AggregateResolution>> {
    let ordered = single(arguments).filter(|ty| super::order::is_ordered(ty));
    Ok(ordered.map(|ty| plain(vec![ty.clone()], ty.clone(), false)))
}

fn make(ty: &SqlType, wanted: Ordering) -> Box<dyn Accumulators> {
    match arrow_type(ty) {
        DataType::Int32 => primitive::<Int32Type>(ty, wanted),
        DataType::Int64 => primitive::<Int64Type>(ty, wanted),
        DataType::Float64 => primitive::<Float64Type>(ty, wanted),
        DataType::Decimal128(..) => primitive::<Decimal128Type>(ty, wanted),
        DataType::Decimal256(..) => primitive::<Decimal256Type>(ty, wanted),
        DataType::Date32 => primitive::<Date32Type>(ty, wanted),
        DataType::Time32(_) => primitive::<Time32MillisecondType>(ty, wanted),
        DataType::Timestamp(..) => primitive::<TimestampMillisecondType>(ty, wanted),
        _ => Box::new(Slots::new(ExtremeText {
            ty: ty.clone(),
            wanted,
            column: None,
            results: Vec::new(),
        })),
    }
}

fn primitive<T>(ty: &SqlType, wanted: Ordering) -> Box<dyn Accumulators>
where
    T: ArrowPrimitiveType<Native: Fixed>,
{
    let ty = arrow_type(ty);
    let results = PrimitiveBuilder::<T>::new().with_data_type(ty);
    Box::new(Slots::new(Extreme { wanted, column: Bound::none(), results }))
}

struct Extreme<T: ArrowPrimitiveType> {
    /// How a new value must compare with the present one to take its place.
    wanted: Ordering,
    column: Bound<T>,
    results: PrimitiveBuilder<T>,
}

impl<T: ArrowPrimitiveType> Extreme<T> {
    fn offer(&self, state: &mut Option<T::Native>, value: Option<T::Native>) {
        let Some(value) = value else { return };
        if state.is_none_or(|present| value.compare(present) == self.wanted) {
            *state = Some(value);
        }
    }
}

impl<T: ArrowPrimitiveType<Native: Fixed>> Kernel for Extreme<T> {
    type State = Option<T::Native>;

    fn initial(&self) -> Self::State {
        None
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.column.bind(arguments);
    }

    fn add(&mut self, state: &mut Self::State, row: usize) -> std::result::Result<(), String> {
        self.offer(state, self.column.value(row));
        Ok(())
    }

    fn merge(
        &mut self,
        into: &mut Self::State,
        from: &Self::State,
    ) -> std::result::Result<(), String> {
        self.offer(into, *from);
        Ok(())
    }

    fn push_result(&mut self, state: &Self::State) {
        self.results.append_option(*state);
    }

    fn take_results(&mut self) -> ArrayRef {
        Arc::new(self.results.finish())
    }

    fn save(&self, state: &Self::State, out: &mut Vec<u8>) {
        u8::from(state.is_some()).put(out);
        if let Some(value) = state {
            value.put(out);
        }
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, Self::State> {
        let (seen, rest) = u8::take(bytes)?;
        if seen == 0 {
            return Ok((None, rest));
        }
        T::Native::take(rest).map(|(value, rest)| (Some(value), rest))
    }
}

/// MIN and MAX of STRING and BYTES. The state's buffer is reused.
struct ExtremeText {
    ty: SqlType,
    wanted: Ordering,
    column: Option<ArrayRef>,
    results: Vec<Value>,
}

impl Kernel for ExtremeText {
    type State = Value;

    fn initial(&self) -> Value {
        Value::Null
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.column = Some(arguments[0].clone());
    }

    fn add(&mut self, state: &mut Value, row: usize) -> std::result::Result<(), String> {
        let Some(column) = self.column.as_ref().filter(|column| column.is_valid(row)) else {
            return Ok(());
        };
        if state.is_null() || compare_at(column, row, state) == self.wanted {
            assign(state, column, row);
        }
        Ok(())
    }

    fn merge(&mut self, into: &mut Value, from: &Value) -> std::result::Result<(), String> {
        let wins = into.is_null() || compare_values(from, into) == self.wanted;
        if !from.is_null() && wins {
            *into = from.clone();
        }
        Ok(())
    }

    fn push_result(&mut self, state: &Value) {
        self.results.push(state.clone());
    }

    fn take_results(&mut self) -> ArrayRef {
        array_of(&self.ty, &std::mem::take(&mut self.results))
    }

    fn save(&self, state: &Value, out: &mut Vec<u8>) {
        put_value(state, out);
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, Value> {
        take_value(bytes)
    }
}
