//! ROUND and TRUNC.

use types::{Decimal, SqlType};

use super::decimals::{Rounding, round, with_scale};
use super::rows::{map1, map2};
use crate::{ArgumentType, Registry, Result, Scalar};

const CATEGORY: &str = "MATHEMATICAL";

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    registry.add_scalar(round_function());
    registry.add_scalar(trunc());
}

fn round_function() -> Scalar {
    Scalar::new(
        "ROUND",
        CATEGORY,
        "The nearest whole number, or the nearest number with so many digits behind the point; \
         ties go toward positive infinity.",
    )
    .overload("(INT) -> BIGINT", |call| map1(call, |x: i32| i64::from(x)))
    .overload("(BIGINT) -> BIGINT", |call| call.column(0).clone())
    .overload("(DOUBLE) -> BIGINT", |call| map1(call, nearest))
    .overload("(DOUBLE, INT) -> DOUBLE", |call| {
        map2(call, |x: f64, digits: i32| round_double(x, digits, Rounding::HalfCeiling))
    })
    .overload("(DECIMAL) -> DECIMAL", |call| {
        map1(call, |x: Decimal| whole(x, Rounding::HalfCeiling))
    })
    .returning(whole_type)
    .overload("(DECIMAL, INT) -> DECIMAL", |call| {
        map2(call, |x: Decimal, digits: i32| round(x, digits, Rounding::HalfCeiling))
    })
}

fn trunc() -> Scalar {
    Scalar::new(
        "TRUNC",
        CATEGORY,
        "The number cut off behind the point, or behind so many digits after it.",
    )
    .overload("(INT) -> BIGINT", |call| map1(call, |x: i32| i64::from(x)))
    .overload("(BIGINT) -> BIGINT", |call| call.column(0).clone())
    .overload("(DOUBLE) -> BIGINT", |call| map1(call, |x: f64| x as i64))
    .overload("(DOUBLE, INT) -> DOUBLE", |call| {
        map2(call, |x: f64, digits: i32| round_double(x, digits, Rounding::Down))
    })
    .overload("(DECIMAL) -> DECIMAL", |call| map1(call, |x: Decimal| whole(x, Rounding::Down)))
    .returning(whole_type)
    .overload("(DECIMAL, INT) -> DECIMAL", |call| {
        map2(call, |x: Decimal, digits: i32| round(x, digits, Rounding::Down))
    })
}

/// `DECIMAL(p, s)` becomes `DECIMAL(p - s, 0)`.
fn whole_type(arguments: &[ArgumentType]) -> Result<SqlType> {
    let precision = match arguments {
        [ArgumentType::Sql(SqlType::Decimal { precision, scale })] => precision - scale,
        [ArgumentType::Sql(SqlType::Integer)] => 10,
        _ => 19,
    };
    Ok(SqlType::Decimal { precision: precision.max(1), scale: 0 })
}

fn whole(value: Decimal, rounding: Rounding) -> Option<Decimal> {
    with_scale(round(value, 0, rounding)?, 0)
}

/// Java's `Math.round`: ties go up, NaN is 0, the range is cut to that of BIGINT.
fn nearest(x: f64) -> i64 {
    let below = x.floor();
    (if x - below >= 0.5 { below + 1.0 } else { below }) as i64
}

/// Rounds the shortest decimal text of `x`, so that what looks like a tie is one.
fn round_double(x: f64, digits: i32, rounding: Rounding) -> std::result::Result<f64, String> {
    if !x.is_finite() {
        return Err(format!("{x} can't be rounded to digits"));
    }
    // The unscaled digits of the shortest text and the power of ten that they are multiplied by.
    let text = format!("{x:e}");
    let (mantissa, exponent) = text.split_once('e').expect("this format has an exponent");
    let exponent: i32 = exponent.parse().expect("the exponent is a small number");
    let mantissa: Decimal = mantissa.parse().expect("a double has at most 17 digits");
    let digits_of_mantissa = digits.saturating_add(exponent);
    if digits_of_mantissa >= i32::from(mantissa.scale) {
        return Ok(x);
    }
    let rounded = round(mantissa, digits_of_mantissa, rounding).unwrap_or(mantissa);
    Ok(format!("{rounded}e{exponent}").parse().expect("a decimal number is a double"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_found_as_in_java() {
        for (x, expected) in [
            (2.5, 3),
            (-2.5, -2),
            (-2.51, -3),
            (0.499_999_999_999_999_94, 0),
            (f64::NAN, 0),
            (1e300, i64::MAX),
            (-1e-20, 0),
        ] {
            assert_eq!(nearest(x), expected, "{x}");
        }
    }

    #[test]
    fn doubles_round_by_their_text() {
        for (x, digits, expected) in [
            (1.005, 2, 1.01),
            (-1.005, 2, -1.0),
            (12345.678, -2, 12300.0),
            (12350.0, -2, 12400.0),
            (0.05, 0, 0.0),
            (5.0, -1, 10.0),
            (4.0, -2, 0.0),
            (1e22, 3, 1e22),
            (1.234_567, 10, 1.234_567),
        ] {
            assert_eq!(round_double(x, digits, Rounding::HalfCeiling), Ok(expected), "{x}");
        }
        assert_eq!(round_double(-1.79, 1, Rounding::Down), Ok(-1.7));
        assert!(round_double(f64::NAN, 1, Rounding::Down).is_err());
    }

    #[test]
    fn roundings_are_those_of_java() {
        for line in include_str!("testdata/java_rounding.txt").lines().skip(1) {
            let [value, digits, nearest_text, cut_text] =
                line.split('\t').collect::<Vec<_>>().try_into().expect("four parts");
            let value: f64 = value.parse().expect("a double");
            if digits == "-" {
                assert_eq!(nearest(value).to_string(), nearest_text, "{line}");
                assert_eq!((value as i64).to_string(), cut_text, "{line}");
                continue;
            }
            let digits = digits.parse().expect("a number");
            for (rounding, expected) in
                [(Rounding::HalfCeiling, nearest_text), (Rounding::Down, cut_text)]
            {
                let expected: f64 = expected.parse().expect("a double");
                assert_eq!(
                    round_double(value, digits, rounding),
                    Ok(expected),
                    "{line} {rounding:?}"
                );
            }
        }
    }
}
