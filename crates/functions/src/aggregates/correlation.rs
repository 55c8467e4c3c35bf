//! CORRELATION: Pearson's coefficient of the rows in which neither value is NULL.

use std::sync::Arc;

use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{ArrayRef, Float64Array};
use types::{SqlType, Value};

use super::definition::{Definition, plain};
use super::layout::{Fixed, Taken};
use super::number::{Bound, Number};
use super::slots::{Kernel, Slots};
use crate::Result;
use crate::api::{Accumulators, AggregateResolution, ArgumentType};

/// `CORRELATION`.
pub(super) const CORRELATION: Definition = Definition {
    name: "CORRELATION",
    is_limited: false,
    description: "Pearson's correlation coefficient of two columns; NaN where it is undefined.",
    signatures: &[
        (&["INT", "INT"], "DOUBLE"),
        (&["BIGINT", "BIGINT"], "DOUBLE"),
        (&["DOUBLE", "DOUBLE"], "DOUBLE"),
    ],
    resolve,
    make,
};

fn resolve(
    arguments: &[ArgumentType],
    _constants: &[Option<Value>],
) -> Result<Option<AggregateResolution>> {
    let [ArgumentType::Sql(left), ArgumentType::Sql(right)] = arguments else {
        return Ok(None);
    };
    if !left.is_numeric() || !right.is_numeric() {
        return Ok(None);
    }
    let common = match (left, right) {
        (SqlType::Integer, SqlType::Integer) => SqlType::Integer,
        (SqlType::Integer | SqlType::Bigint, SqlType::Integer | SqlType::Bigint) => SqlType::Bigint,
        _ => SqlType::Double,
    };
    Ok(Some(plain(vec![common.clone(), common], SqlType::Double, true)))
}

fn make(arguments: &[SqlType], _constants: &[Value], _: &SqlType) -> Box<dyn Accumulators> {
    match arguments[0] {
        SqlType::Integer => Box::new(Slots::new(Correlation::<Int32Type>::new())),
        SqlType::Bigint => Box::new(Slots::new(Correlation::<Int64Type>::new())),
        _ => Box::new(Slots::new(Correlation::<Float64Type>::new())),
    }
}

struct Correlation<T: Number> {
    x: Bound<T>,
    y: Bound<T>,
    results: Vec<f64>,
}

impl<T: Number> Correlation<T> {
    fn new() -> Self {
        Self { x: Bound::none(), y: Bound::none(), results: Vec::new() }
    }

    fn pair(&self, row: usize) -> Option<Sums> {
        let (x, y) = (T::as_double(self.x.value(row)?), T::as_double(self.y.value(row)?));
        Some(Sums { count: 1.0, x, y, xx: x * x, yy: y * y, xy: x * y })
    }
}

/// Sums over the pairs of a group.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: f64,
    x: f64,
    y: f64,
    xx: f64,
    yy: f64,
    xy: f64,
}

impl Sums {
    /// Adds `factor` times the other sums.
    fn add(&mut self, other: &Self, factor: f64) {
        self.count += factor * other.count;
        self.x += factor * other.x;
        self.y += factor * other.y;
        self.xx += factor * other.xx;
        self.yy += factor * other.yy;
        self.xy += factor * other.xy;
    }

    fn coefficient(&self) -> f64 {
        let spread_x = self.count * self.xx - self.x * self.x;
        let spread_y = self.count * self.yy - self.y * self.y;
        // One root of the product and not two roots: the last digit is part of the result.
        (self.count * self.xy - self.x * self.y) / (spread_x * spread_y).sqrt()
    }
}

impl<T: Number> Kernel for Correlation<T> {
    type State = Sums;

    fn initial(&self) -> Sums {
        Sums::default()
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.x.bind(arguments);
        self.y.bind(&arguments[1..]);
    }

    fn add(&mut self, state: &mut Sums, row: usize) -> std::result::Result<(), String> {
        if let Some(pair) = self.pair(row) {
            state.add(&pair, 1.0);
        }
        Ok(())
    }

    fn undo(&mut self, state: &mut Sums, row: usize) -> std::result::Result<(), String> {
        if let Some(pair) = self.pair(row) {
            state.add(&pair, -1.0);
        }
        Ok(())
    }

    fn merge(&mut self, into: &mut Sums, from: &Sums) -> std::result::Result<(), String> {
        into.add(from, 1.0);
        Ok(())
    }

    fn push_result(&mut self, state: &Sums) {
        self.results.push(state.coefficient());
    }

    fn take_results(&mut self) -> ArrayRef {
        Arc::new(Float64Array::from(std::mem::take(&mut self.results)))
    }

    fn save(&self, state: &Sums, out: &mut Vec<u8>) {
        for sum in [state.count, state.x, state.y, state.xx, state.yy, state.xy] {
            sum.put(out);
        }
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, Sums> {
        let mut sums = [0.0; 6];
        let mut rest = bytes;
        for sum in &mut sums {
            (*sum, rest) = f64::take(rest)?;
        }
        let [count, x, y, xx, yy, xy] = sums;
        Ok((Sums { count, x, y, xx, yy, xy }, rest))
    }
}
