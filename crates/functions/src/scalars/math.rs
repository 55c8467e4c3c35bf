//! Mathematical functions, with the results of Java's `Math`.

use types::Decimal;

use super::decimals::{Rounding, round};
use super::rows::{map0, map1, map2};
use crate::{Registry, Scalar};

const CATEGORY: &str = "MATHEMATICAL";

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [
        abs(),
        ceil(),
        floor(),
        sign(),
        pi(),
        random(),
        log(),
        ln(),
        exp(),
        sqrt(),
        cbrt(),
        power(),
        acos(),
        asin(),
        atan(),
        atan2(),
        cos(),
        cosh(),
        cot(),
        degrees(),
        radians(),
        sin(),
        sinh(),
        tan(),
        tanh(),
    ];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

/// A function of one number, computed as DOUBLE.
macro_rules! of_double {
    ($(#[$doc:meta])* $function:ident, $name:literal, $description:literal, $compute:expr) => {
        $(#[$doc])*
        fn $function() -> Scalar {
            Scalar::new($name, CATEGORY, $description)
                .overload("(INT) -> DOUBLE", |call| map1(call, |x: i32| $compute(f64::from(x))))
                .overload("(BIGINT) -> DOUBLE", |call| map1(call, |x: i64| $compute(x as f64)))
                .overload("(DOUBLE) -> DOUBLE", |call| map1(call, |x: f64| $compute(x)))
        }
    };
}

/// A function of two numbers, computed as DOUBLE.
macro_rules! of_doubles {
    ($function:ident, $name:literal, $description:literal, $compute:expr) => {
        fn $function() -> Scalar {
            Scalar::new($name, CATEGORY, $description)
                .overload("(INT, INT) -> DOUBLE", |call| {
                    map2(call, |x: i32, y: i32| $compute(f64::from(x), f64::from(y)))
                })
                .overload("(BIGINT, BIGINT) -> DOUBLE", |call| {
                    map2(call, |x: i64, y: i64| $compute(x as f64, y as f64))
                })
                .overload("(DOUBLE, DOUBLE) -> DOUBLE", |call| {
                    map2(call, |x: f64, y: f64| $compute(x, y))
                })
        }
    };
}

of_double!(acos, "ACOS", "The inverse cosine, in radians.", f64::acos);
of_double!(asin, "ASIN", "The inverse sine, in radians.", f64::asin);
of_double!(atan, "ATAN", "The inverse tangent, in radians.", f64::atan);
of_doubles!(
    atan2,
    "ATAN2",
    "The angle of the point (x, y), given y and x, in radians.",
    f64::atan2
);
of_double!(cbrt, "CBRT", "The cube root.", f64::cbrt);
of_double!(cos, "COS", "The cosine of an angle in radians.", f64::cos);
of_double!(cosh, "COSH", "The hyperbolic cosine.", f64::cosh);
of_double!(cot, "COT", "The cotangent of an angle in radians.", |x: f64| 1.0 / x.tan());
of_double!(degrees, "DEGREES", "Radians as degrees.", f64::to_degrees);
of_double!(exp, "EXP", "e raised to a power.", f64::exp);
of_double!(ln, "LN", "The natural logarithm.", f64::ln);
of_doubles!(power, "POWER", "A base raised to an exponent.", java_power);
of_double!(radians, "RADIANS", "Degrees as radians.", f64::to_radians);
of_double!(sin, "SIN", "The sine of an angle in radians.", f64::sin);
of_double!(sinh, "SINH", "The hyperbolic sine.", f64::sinh);
of_double!(sqrt, "SQRT", "The square root.", f64::sqrt);
of_double!(tan, "TAN", "The tangent of an angle in radians.", f64::tan);
of_double!(tanh, "TANH", "The hyperbolic tangent.", f64::tanh);

fn abs() -> Scalar {
    Scalar::new("ABS", CATEGORY, "The absolute value.")
        .overload("(INT) -> INT", |call| map1(call, i32::wrapping_abs))
        .overload("(BIGINT) -> BIGINT", |call| map1(call, i64::wrapping_abs))
        .overload("(DOUBLE) -> DOUBLE", |call| map1(call, f64::abs))
        .overload("(DECIMAL) -> DECIMAL", |call| {
            map1(call, |x: Decimal| Decimal::new(x.unscaled.wrapping_abs(), x.scale))
        })
}

fn ceil() -> Scalar {
    Scalar::new("CEIL", CATEGORY, "The smallest whole number that is not less.")
        .overload("(INT) -> INT", |call| call.column(0).clone())
        .overload("(BIGINT) -> BIGINT", |call| call.column(0).clone())
        .overload("(DOUBLE) -> DOUBLE", |call| map1(call, f64::ceil))
        .overload("(DECIMAL) -> DECIMAL", |call| {
            map1(call, |x: Decimal| round(x, 0, Rounding::Ceiling))
        })
}

fn floor() -> Scalar {
    Scalar::new("FLOOR", CATEGORY, "The greatest whole number that is not greater.")
        .overload("(INT) -> INT", |call| call.column(0).clone())
        .overload("(BIGINT) -> BIGINT", |call| call.column(0).clone())
        .overload("(DOUBLE) -> DOUBLE", |call| map1(call, f64::floor))
        .overload("(DECIMAL) -> DECIMAL", |call| {
            map1(call, |x: Decimal| round(x, 0, Rounding::Floor))
        })
}

fn sign() -> Scalar {
    Scalar::new("SIGN", CATEGORY, "1, 0 or -1 for a positive number, zero or a negative one.")
        .overload("(INT) -> INT", |call| map1(call, i32::signum))
        .overload("(BIGINT) -> INT", |call| map1(call, |x: i64| x.signum() as i32))
        .overload("(DOUBLE) -> INT", |call| {
            map1(call, |x: f64| i32::from(x > 0.0) - i32::from(x < 0.0))
        })
}

fn pi() -> Scalar {
    Scalar::new("PI", CATEGORY, "The number pi.")
        .overload("() -> DOUBLE", |call| map0(call, || std::f64::consts::PI))
}

fn random() -> Scalar {
    Scalar::new("RANDOM", CATEGORY, "A random number from 0 up to, not including, 1.").overload(
        "() -> DOUBLE",
        |call| {
            let environment = call.environment;
            map0(call, || unit_interval(environment.random_u64()))
        },
    )
}

fn log() -> Scalar {
    Scalar::new("LOG", CATEGORY, "The logarithm, natural or to the base given first.")
        .overload("(INT) -> DOUBLE", |call| map1(call, |x: i32| f64::from(x).ln()))
        .overload("(BIGINT) -> DOUBLE", |call| map1(call, |x: i64| (x as f64).ln()))
        .overload("(DOUBLE) -> DOUBLE", |call| map1(call, f64::ln))
        .overload("(INT, INT) -> DOUBLE", |call| {
            map2(call, |base: i32, x: i32| logarithm(f64::from(base), f64::from(x)))
        })
        .overload("(BIGINT, BIGINT) -> DOUBLE", |call| {
            map2(call, |base: i64, x: i64| logarithm(base as f64, x as f64))
        })
        .overload("(DOUBLE, DOUBLE) -> DOUBLE", |call| map2(call, logarithm))
}

fn logarithm(base: f64, x: f64) -> f64 {
    if base <= 0.0 || base == 1.0 { f64::NAN } else { x.ln() / base.ln() }
}

/// Java's `Math.pow`, which differs from IEEE 754 where the base is 1 or -1.
fn java_power(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (base.abs() == 1.0 && exponent.is_infinite()) {
        return f64::NAN;
    }
    base.powf(exponent)
}

/// The upper 53 bits as a number of the unit interval.
fn unit_interval(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalars::testing::{double, evaluate, int};
    use types::{SqlType, Value};

    fn decimal(text: &str) -> (SqlType, Value) {
        (
            SqlType::Decimal { precision: 5, scale: 1 },
            Value::Decimal(text.parse().expect("decimal")),
        )
    }

    #[test]
    fn numbers_keep_their_type() {
        assert_eq!(evaluate("ABS", &[int(i32::MIN)]), int(i32::MIN).1);
        assert_eq!(evaluate("ABS", &[decimal("-3.2")]), decimal("3.2").1);
        assert_eq!(evaluate("FLOOR", &[decimal("-1.1")]), decimal("-2.0").1);
        assert_eq!(evaluate("CEIL", &[decimal("-1.1")]), decimal("-1.0").1);
        assert_eq!(evaluate("CEIL", &[double(1.1)]), double(2.0).1);
        assert_eq!(evaluate("SIGN", &[double(-3.0)]), int(-1).1);
        assert_eq!(evaluate("SQRT", &[(SqlType::Integer, Value::Null)]), Value::Null);
    }

    #[test]
    fn the_edges_are_those_of_java() {
        assert_eq!(evaluate("LN", &[int(0)]), Value::Double(f64::NEG_INFINITY));
        assert_eq!(evaluate("COT", &[int(0)]), Value::Double(f64::INFINITY));
        assert_eq!(evaluate("LOG", &[int(15), int(13)]), Value::Double(0.9471572411831843));
        assert!(logarithm(1.0, 13.0).is_nan() && logarithm(-15.0, 13.0).is_nan());
        assert!(java_power(1.0, f64::INFINITY).is_nan() && java_power(1.0, f64::NAN).is_nan());
        assert_eq!(java_power(f64::NAN, 0.0), 1.0);
        assert_eq!(evaluate("POWER", &[int(15), int(-1)]), Value::Double(0.06666666666666667));
    }

    #[test]
    fn random_numbers_stay_below_one() {
        assert_eq!(unit_interval(0), 0.0);
        assert!(unit_interval(u64::MAX) < 1.0);
    }
}
