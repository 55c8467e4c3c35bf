//! STDDEV_SAMPLE, and STDDEV_SAMP, which returns the variance (ksqlDB's historic behaviour).
//!
//! Sums of squares grow by Youngs and Cramer's update: with `n` values of sum `s`, `x` included,
//! `m2` grows by `(n x - s)^2 / (n (n - 1))`.

use std::sync::Arc;

use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{ArrayRef, Float64Array};
use types::{SqlType, Value};

use super::avg::without_decimal;
use super::definition::{Definition, plain, single};
use super::layout::{Fixed, Taken};
use super::number::{Bound, Number};
use super::slots::{Kernel, Slots};
use crate::Result;
use crate::api::{Accumulators, AggregateResolution, ArgumentType};

const SIGNATURES: &[(&[&str], &str)] =
    &[(&["INT"], "DOUBLE"), (&["BIGINT"], "DOUBLE"), (&["DOUBLE"], "DOUBLE")];

/// `STDDEV_SAMP`.
pub(super) const STDDEV_SAMP: Definition = Definition {
    name: "STDDEV_SAMP",
    is_limited: false,
    description: "The sample variance of the values that are not NULL.",
    signatures: SIGNATURES,
    resolve,
    make: |arguments, _, _| make(&arguments[0], |variance| variance),
};

/// `STDDEV_SAMPLE`.
pub(super) const STDDEV_SAMPLE: Definition = Definition {
    name: "STDDEV_SAMPLE",
    is_limited: false,
    description: "The sample standard deviation of the values that are not NULL.",
    signatures: SIGNATURES,
    resolve,
    make: |arguments, _, _| make(&arguments[0], f64::sqrt),
};

fn resolve(
    arguments: &[ArgumentType],
    _constants: &[Option<Value>],
) -> Result<Option<AggregateResolution>> {
    let number = single(arguments).filter(|ty| ty.is_numeric());
    Ok(number.map(|ty| plain(vec![without_decimal(ty)], SqlType::Double, true)))
}

fn make(argument: &SqlType, of_variance: fn(f64) -> f64) -> Box<dyn Accumulators> {
    match argument {
        SqlType::Integer => Box::new(Slots::new(Deviation::<Int32Type>::new(of_variance))),
        SqlType::Bigint => Box::new(Slots::new(Deviation::<Int64Type>::new(of_variance))),
        _ => Box::new(Slots::new(Deviation::<Float64Type>::new(of_variance))),
    }
}

struct Deviation<T: Number> {
    column: Bound<T>,
    of_variance: fn(f64) -> f64,
    results: Vec<f64>,
}

impl<T: Number> Deviation<T> {
    fn new(of_variance: fn(f64) -> f64) -> Self {
        Self { column: Bound::none(), of_variance, results: Vec::new() }
    }
}

/// Number, sum and sum of squared distances from the mean.
#[derive(Clone, Copy, Default)]
struct Moments {
    count: i64,
    sum: f64,
    m2: f64,
}

impl Moments {
    /// How much of `m2` is due to `value`, the last of these values.
    fn share(&self, value: f64) -> f64 {
        let count = self.count as f64;
        let distance = count * value - self.sum;
        if self.count > 1 { distance * distance / (count * (count - 1.0)) } else { 0.0 }
    }

    fn add(&mut self, value: f64) {
        self.count += 1;
        self.sum += value;
        self.m2 += self.share(value);
    }

    fn remove(&mut self, value: f64) {
        // Rounding must not leave a negative sum of squares, whose root would be NaN.
        let rest = self.m2 - self.share(value);
        self.m2 = if rest < 0.0 { 0.0 } else { rest };
        self.count -= 1;
        self.sum -= value;
    }

    fn merge(&mut self, other: &Self) {
        if self.count > 0 && other.count > 0 {
            let (left, right) = (self.count as f64, other.count as f64);
            let distance = left * other.sum - right * self.sum;
            self.m2 += distance * distance / (left * right * (left + right));
        }
        self.m2 += other.m2;
        self.count += other.count;
        self.sum += other.sum;
    }
}

impl<T: Number> Kernel for Deviation<T> {
    type State = Moments;

    fn initial(&self) -> Moments {
        Moments::default()
    }

    fn bind(&mut self, arguments: &[ArrayRef]) {
        self.column.bind(arguments);
    }

    fn add(&mut self, state: &mut Moments, row: usize) -> std::result::Result<(), String> {
        if let Some(value) = self.column.value(row) {
            state.add(T::as_double(value));
        }
        Ok(())
    }

    fn undo(&mut self, state: &mut Moments, row: usize) -> std::result::Result<(), String> {
        if let Some(value) = self.column.value(row) {
            state.remove(T::as_double(value));
        }
        Ok(())
    }

    fn merge(&mut self, into: &mut Moments, from: &Moments) -> std::result::Result<(), String> {
        into.merge(from);
        Ok(())
    }

    fn push_result(&mut self, state: &Moments) {
        let variance = if state.count > 1 { state.m2 / (state.count - 1) as f64 } else { 0.0 };
        self.results.push((self.of_variance)(variance));
    }

    fn take_results(&mut self) -> ArrayRef {
        Arc::new(Float64Array::from(std::mem::take(&mut self.results)))
    }

    fn save(&self, state: &Moments, out: &mut Vec<u8>) {
        state.count.put(out);
        state.sum.put(out);
        state.m2.put(out);
    }

    fn load<'a>(&mut self, bytes: &'a [u8]) -> Taken<'a, Moments> {
        let (count, rest) = i64::take(bytes)?;
        let (sum, rest) = f64::take(rest)?;
        let (m2, rest) = f64::take(rest)?;
        Ok((Moments { count, sum, m2 }, rest))
    }
}
