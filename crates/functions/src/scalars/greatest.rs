//! GREATEST and LEAST.

use std::cmp::Ordering;

use types::text::compare_utf16;
use types::{Decimal, SqlType};

use super::compare::compare_doubles;
use super::decimals::with_scale;
use super::rows::{Days, TimeMs, TimestampMs, map_all};
use crate::{Call, Registry, Scalar};

const CATEGORY: &str = "MATHEMATICAL";

/// A function that picks the argument which compares as `$wanted` with all others.
macro_rules! extreme {
    ($name:literal, $description:literal, $wanted:expr) => {
        Scalar::new($name, CATEGORY, $description)
            .overload("(INT, INT...) -> INT", |call| {
                map_all(call, |cells: &[Option<i32>]| pick(cells, $wanted, i32::cmp))
            })
            .overload("(BIGINT, BIGINT...) -> BIGINT", |call| {
                map_all(call, |cells: &[Option<i64>]| pick(cells, $wanted, i64::cmp))
            })
            .overload("(DOUBLE, DOUBLE...) -> DOUBLE", |call| {
                map_all(call, |cells: &[Option<f64>]| {
                    pick(cells, $wanted, |left, right| compare_doubles(*left, *right))
                })
            })
            .overload("(STRING, STRING...) -> STRING", |call| {
                map_all(call, |cells: &[Option<&str>]| {
                    let text = pick(cells, $wanted, |left, right| compare_utf16(left, right));
                    text.map(str::to_owned)
                })
            })
            .overload("(BYTES, BYTES...) -> BYTES", |call| {
                map_all(call, |cells: &[Option<&[u8]>]| {
                    pick(cells, $wanted, |left, right| left.cmp(right)).map(<[u8]>::to_vec)
                })
            })
            .overload("(DATE, DATE...) -> DATE", |call| {
                map_all(call, |cells: &[Option<Days>]| pick(cells, $wanted, Days::cmp))
            })
            .overload("(TIME, TIME...) -> TIME", |call| {
                map_all(call, |cells: &[Option<TimeMs>]| pick(cells, $wanted, TimeMs::cmp))
            })
            .overload("(TIMESTAMP, TIMESTAMP...) -> TIMESTAMP", |call| {
                map_all(call, |cells: &[Option<TimestampMs>]| {
                    pick(cells, $wanted, TimestampMs::cmp)
                })
            })
            .overload("(DECIMAL, DECIMAL...) -> DECIMAL", |call| {
                let scale = scale_of(call);
                map_all(call, |cells: &[Option<Decimal>]| pick_decimal(cells, scale, $wanted))
            })
    };
}

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    registry.add_scalar(extreme!(
        "GREATEST",
        "The greatest argument; NULLs are ignored.",
        Ordering::Greater
    ));
    registry.add_scalar(extreme!(
        "LEAST",
        "The least argument; NULLs are ignored.",
        Ordering::Less
    ));
}

fn pick<T: Copy>(
    cells: &[Option<T>],
    wanted: Ordering,
    compare: impl Fn(&T, &T) -> Ordering,
) -> Option<T> {
    let better = |best: T, next: T| if compare(&next, &best) == wanted { next } else { best };
    cells.iter().flatten().copied().reduce(better)
}

/// Compares with the scale of the result, which is that of the finest argument.
fn pick_decimal(
    cells: &[Option<Decimal>],
    scale: u8,
    wanted: Ordering,
) -> Result<Option<Decimal>, String> {
    let rescale = |cell: &Option<Decimal>| {
        let widen =
            |value| with_scale(value, scale).ok_or_else(|| format!("{value} has too many digits"));
        cell.map(widen).transpose()
    };
    let cells: Vec<Option<Decimal>> = cells.iter().map(rescale).collect::<Result<_, _>>()?;
    Ok(pick(&cells, wanted, |left, right| left.unscaled.cmp(&right.unscaled)))
}

fn scale_of(call: &Call<'_>) -> u8 {
    match call.returns {
        SqlType::Decimal { scale, .. } => *scale,
        _ => unreachable!("the result of this overload is a DECIMAL"),
    }
}

#[cfg(test)]
mod tests {
    use crate::scalars::testing::{evaluate, int, null, text};
    use types::{SqlType, Value};

    fn decimal(precision: u8, scale: u8, text: &str) -> (SqlType, Value) {
        (SqlType::Decimal { precision, scale }, Value::Decimal(text.parse().expect("a decimal")))
    }

    #[test]
    fn nulls_are_ignored() {
        let arguments = [int(1), null(SqlType::Integer), int(3)];
        assert_eq!(evaluate("GREATEST", &arguments), Value::Integer(3));
        assert_eq!(evaluate("LEAST", &arguments), Value::Integer(1));
        assert_eq!(evaluate("LEAST", &[null(SqlType::Bigint)]), Value::Null);
        assert_eq!(evaluate("GREATEST", &[text("b"), text("a")]), Value::string("b"));
    }

    #[test]
    fn decimals_are_compared_by_value() {
        let (wide, fine) = (decimal(9, 2, "1234567.89"), decimal(7, 6, "0.123456"));
        let greatest = evaluate("GREATEST", &[wide, fine]);
        assert_eq!(greatest, Value::Decimal("1234567.890000".parse().expect("a decimal")));
    }
}
