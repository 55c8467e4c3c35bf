//! Casts among numbers: Java's narrowing for integers, HALF_UP and an error on overflow for DECIMAL.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, Int32Builder, Int64Builder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, Float64Array, Int32Array, Int64Array};
use arrow_buffer::i256;
use functions::Failures;
use types::SqlType;

use super::super::decimals::{of_double, rescale, to_double, wide_power};
use super::super::exact::{DecimalColumn, Exact};

/// `array`, which holds the number type `from`, as the number type `to`.
pub(super) fn cast(
    array: &ArrayRef,
    from: &SqlType,
    to: &SqlType,
    failures: &mut Failures,
) -> ArrayRef {
    use SqlType::{Bigint, Decimal, Double, Integer};
    match (from, to) {
        (Double, Decimal { .. }) => double_to_decimal(array, to, failures),
        (_, Decimal { .. }) => exact_to_decimal(array, to, failures),
        (Decimal { .. }, _) => decimal_to(array, to),
        (Integer, Bigint) => {
            Arc::new(array.as_primitive::<Int32Type>().unary(i64::from) as Int64Array)
        }
        (Integer, Double) => {
            Arc::new(array.as_primitive::<Int32Type>().unary(f64::from) as Float64Array)
        }
        (Bigint, Integer) => {
            Arc::new(array.as_primitive::<Int64Type>().unary(|v| v as i32) as Int32Array)
        }
        (Bigint, Double) => {
            Arc::new(array.as_primitive::<Int64Type>().unary(|v| v as f64) as Float64Array)
        }
        // Rust's `as` saturates and takes NaN for 0, as Java's narrowing does.
        (Double, Integer) => {
            Arc::new(array.as_primitive::<Float64Type>().unary(|v| v as i32) as Int32Array)
        }
        (Double, Bigint) => {
            Arc::new(array.as_primitive::<Float64Type>().unary(|v| v as i64) as Int64Array)
        }
        _ => array.clone(),
    }
}

fn double_to_decimal(array: &ArrayRef, to: &SqlType, failures: &mut Failures) -> ArrayRef {
    let doubles = array.as_primitive::<Float64Type>();
    decimals(array, to, failures, |row, scale| {
        let (digits, exponent) = of_double(doubles.value(row))?;
        rescale(digits, exponent, scale)
    })
}

fn exact_to_decimal(array: &ArrayRef, to: &SqlType, failures: &mut Failures) -> ArrayRef {
    let exact = Exact::of(array).expect("the source is an exact number");
    let exponent = -i32::from(exact.scale());
    decimals(array, to, failures, |row, scale| rescale(exact.wide(row), exponent, scale))
}

/// Collects DECIMALs computed per row; what is `None` or has too many digits fails.
pub(super) fn decimals(
    array: &ArrayRef,
    to: &SqlType,
    failures: &mut Failures,
    unscaled: impl Fn(usize, u8) -> Option<i256>,
) -> ArrayRef {
    let SqlType::Decimal { scale, .. } = to else { unreachable!("{to} is no DECIMAL") };
    let mut column = DecimalColumn::new(to, array.len());
    for row in 0..array.len() {
        if array.is_null(row) {
            column.push_null();
        } else if !column.push(unscaled(row, *scale)) {
            failures.push(row, format!("Numeric field overflow: the value does not fit {to}"));
        }
    }
    column.finish()
}

fn decimal_to(array: &ArrayRef, to: &SqlType) -> ArrayRef {
    let exact = Exact::of(array).expect("the source is a DECIMAL");
    match to {
        SqlType::Double => {
            let mut builder = Float64Builder::with_capacity(array.len());
            for row in 0..array.len() {
                let valid = array.is_valid(row);
                builder.append_option(valid.then(|| to_double(exact.wide(row), exact.scale())));
            }
            Arc::new(builder.finish())
        }
        SqlType::Integer => {
            let mut builder = Int32Builder::with_capacity(array.len());
            for row in 0..array.len() {
                builder.append_option(array.is_valid(row).then(|| truncated(&exact, row) as i32));
            }
            Arc::new(builder.finish())
        }
        _ => {
            let mut builder = Int64Builder::with_capacity(array.len());
            for row in 0..array.len() {
                builder.append_option(array.is_valid(row).then(|| truncated(&exact, row)));
            }
            Arc::new(builder.finish())
        }
    }
}

/// The low 64 bits of the whole part, as Java's `BigDecimal.longValue`.
fn truncated(exact: &Exact<'_>, row: usize) -> i64 {
    let power = wide_power(u32::from(exact.scale())).expect("a scale is at most 76");
    exact.wide(row).wrapping_div(power).as_i128() as i64
}
