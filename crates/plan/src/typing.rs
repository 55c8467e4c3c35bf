//! Rules about types: what arithmetic gives, what may be compared, cast and unified (spec sections
//! 2.3 to 2.5).
//!
//! Analysis in `sql` asks; the evaluator relies on the answers. Nothing here looks at values.

use types::{DECIMAL_PRECISION_MAX, Field, SqlType};

use crate::expression::{ArithmeticOp, CompareOp};

/// Digits of an INTEGER where it meets a DECIMAL.
const INTEGER_PRECISION: u8 = 10;
/// Digits of a BIGINT where it meets a DECIMAL.
const BIGINT_PRECISION: u8 = 19;
/// Quotients have at least this many digits behind the point.
const QUOTIENT_SCALE_MIN: u16 = 6;

/// Type of `left op right`, or `None` if the operator does not take these types.
///
/// A DECIMAL result of more than [`DECIMAL_PRECISION_MAX`] digits gets that precision: values that
/// fit stay exact, others fail when they are computed.
pub fn arithmetic_type(op: ArithmeticOp, left: &SqlType, right: &SqlType) -> Option<SqlType> {
    use SqlType::{Bigint, Double, Integer, String};
    match (left, right) {
        (String, String) => (op == ArithmeticOp::Add).then_some(String),
        (l, r) if !l.is_numeric() || !r.is_numeric() => None,
        (Double, _) | (_, Double) => Some(Double),
        (SqlType::Decimal { .. }, _) | (_, SqlType::Decimal { .. }) => {
            decimal_arithmetic_type(op, digits(left)?, digits(right)?)
        }
        (Bigint, _) | (_, Bigint) => Some(Bigint),
        _ => Some(Integer),
    }
}

/// Precision and scale of an exact number.
fn digits(ty: &SqlType) -> Option<(u8, u8)> {
    match ty {
        SqlType::Integer => Some((INTEGER_PRECISION, 0)),
        SqlType::Bigint => Some((BIGINT_PRECISION, 0)),
        SqlType::Decimal { precision, scale } => Some((*precision, *scale)),
        _ => None,
    }
}

/// `ty` as a DECIMAL, if it is an exact number: INTEGER is DECIMAL(10, 0), BIGINT DECIMAL(19, 0).
pub fn as_decimal(ty: &SqlType) -> Option<SqlType> {
    digits(ty).map(|(precision, scale)| SqlType::Decimal { precision, scale })
}

fn decimal_arithmetic_type(op: ArithmeticOp, left: (u8, u8), right: (u8, u8)) -> Option<SqlType> {
    let (p1, s1) = (u16::from(left.0), u16::from(left.1));
    let (p2, s2) = (u16::from(right.0), u16::from(right.1));
    let wider_scale = s1.max(s2);
    let (precision, scale) = match op {
        ArithmeticOp::Add | ArithmeticOp::Subtract => {
            (wider_scale + (p1 - s1).max(p2 - s2) + 1, wider_scale)
        }
        ArithmeticOp::Multiply => (p1 + p2 + 1, s1 + s2),
        ArithmeticOp::Divide => {
            let scale = QUOTIENT_SCALE_MIN.max(s1 + p2 + 1);
            (p1 - s1 + s2 + scale, scale)
        }
        ArithmeticOp::Modulo => ((p1 - s1).min(p2 - s2) + wider_scale, wider_scale),
    };
    // DECIMAL(1, 1) % DECIMAL(1, 0) keeps no digit before the point, but a precision is never zero.
    bounded_decimal(precision.max(1), scale)
}

fn bounded_decimal(precision: u16, scale: u16) -> Option<SqlType> {
    let precision = precision.min(u16::from(DECIMAL_PRECISION_MAX));
    if scale > precision {
        return None;
    }
    let precision = u8::try_from(precision).ok()?;
    Some(SqlType::Decimal { precision, scale: u8::try_from(scale).ok()? })
}

/// Whether `left op right` may be written.
pub fn comparable(op: CompareOp, left: &SqlType, right: &SqlType) -> bool {
    use SqlType::{Array, Boolean, Bytes, Date, Map, String, Struct, Time, Timestamp};
    match (left, right) {
        (l, r) if l.is_numeric() && r.is_numeric() => true,
        (String, String) | (Bytes, Bytes) => true,
        (Time, Time | String) | (String, Time) => true,
        (Date | Timestamp, Date | Timestamp | String) | (String, Date | Timestamp) => true,
        (Boolean, Boolean) | (Array(_), Array(_)) | (Map(..), Map(..)) | (Struct(_), Struct(_)) => {
            !is_ordering(op)
        }
        _ => false,
    }
}

/// Whether `op` needs an order, not just equality.
pub fn is_ordering(op: CompareOp) -> bool {
    use CompareOp::{Greater, GreaterOrEqual, Less, LessOrEqual};
    matches!(op, Less | LessOrEqual | Greater | GreaterOrEqual)
}

/// Whether `CAST(from AS to)` is supported.
pub fn castable(from: &SqlType, to: &SqlType) -> bool {
    use SqlType::{Array, Boolean, Bytes, Date, Map, String, Struct, Time, Timestamp};
    match (from, to) {
        (l, r) if l == r => true,
        (l, r) if l.is_numeric() && r.is_numeric() => true,
        (Array(from), Array(to)) => castable(from, to),
        (Map(from_key, from), Map(to_key, to)) => castable(from_key, to_key) && castable(from, to),
        (Struct(from), Struct(to)) => to.iter().all(|field| field_castable(from, field)),
        (Bytes, String) => false,
        (_, String) => true,
        (String, to) => to.is_numeric() || matches!(to, Boolean | Bytes | Date | Time | Timestamp),
        (Timestamp, Date | Time) | (Date, Timestamp) => true,
        _ => false,
    }
}

fn field_castable(from: &[Field], to: &Field) -> bool {
    from.iter().find(|field| field.name == to.name).is_none_or(|field| castable(&field.ty, &to.ty))
}

/// Whether a value of type `from` becomes `to` without being asked: numbers widen without loss of
/// digits before the point, strings become times and bytes, collections go element-wise.
pub fn implicitly_castable(from: &SqlType, to: &SqlType) -> bool {
    use SqlType::{
        Array, Bigint, Bytes, Date, Double, Integer, Map, String, Struct, Time, Timestamp,
    };
    match (from, to) {
        (l, r) if l == r => true,
        (Integer, Bigint) => true,
        (l, Double) => l.is_numeric(),
        (from, SqlType::Decimal { precision, scale }) => {
            digits(from).is_some_and(|(p, s)| s <= *scale && p - s <= precision - scale)
        }
        (String, Time | Date | Timestamp | Bytes) => true,
        (Array(from), Array(to)) => implicitly_castable(from, to),
        (Map(from_key, from), Map(to_key, to)) => {
            implicitly_castable(from_key, to_key) && implicitly_castable(from, to)
        }
        (Struct(from), Struct(to)) => from.iter().all(|field| {
            to.iter()
                .any(|other| other.name == field.name && implicitly_castable(&field.ty, &other.ty))
        }),
        _ => false,
    }
}

/// The least type both become without loss: equal types, the wider number (DECIMALs keep all digits of
/// both), collections element-wise, STRUCTs the union of their fields. `None` if there is none;
/// what string literals may stand for is the analyser's business (spec section 2.5).
pub fn common_super_type(left: &SqlType, right: &SqlType) -> Option<SqlType> {
    use SqlType::{Array, Double, Map, Struct};
    match (left, right) {
        (l, r) if l == r => Some(l.clone()),
        (l, r) if l.is_numeric() && r.is_numeric() => match (l, r) {
            (Double, _) | (_, Double) => Some(Double),
            (SqlType::Decimal { .. }, _) | (_, SqlType::Decimal { .. }) => wider_decimal(l, r),
            _ => Some(SqlType::Bigint),
        },
        (Array(l), Array(r)) => Some(SqlType::array(common_super_type(l, r)?)),
        (Map(l_key, l), Map(r_key, r)) => {
            Some(SqlType::map(common_super_type(l_key, r_key)?, common_super_type(l, r)?))
        }
        (Struct(l), Struct(r)) => union_of_fields(l, r).map(Struct),
        _ => None,
    }
}

fn wider_decimal(left: &SqlType, right: &SqlType) -> Option<SqlType> {
    let ((p1, s1), (p2, s2)) = (digits(left)?, digits(right)?);
    let scale = s1.max(s2);
    bounded_decimal(u16::from((p1 - s1).max(p2 - s2)) + u16::from(scale), u16::from(scale))
}

fn union_of_fields(left: &[Field], right: &[Field]) -> Option<Vec<Field>> {
    let mut union = left.to_vec();
    for field in right {
        match union.iter_mut().find(|known| known.name == field.name) {
            Some(known) => known.ty = common_super_type(&known.ty, &field.ty)?,
            None => union.push(field.clone()),
        }
    }
    Some(union)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(precision: u8, scale: u8) -> SqlType {
        SqlType::Decimal { precision, scale }
    }

    #[test]
    fn decimal_arithmetic_follows_the_table() {
        let (l, r) = (decimal(4, 2), decimal(5, 3));
        let golden = [
            (ArithmeticOp::Add, decimal(6, 3)),
            (ArithmeticOp::Multiply, decimal(10, 5)),
            (ArithmeticOp::Divide, decimal(13, 8)),
            (ArithmeticOp::Modulo, decimal(5, 3)),
        ];
        for (op, ty) in golden {
            assert_eq!(arithmetic_type(op, &l, &r), Some(ty), "{op:?}");
        }
        let sum = arithmetic_type(ArithmeticOp::Add, &l, &SqlType::Integer);
        assert_eq!(sum, Some(decimal(13, 2)));
        let wide = arithmetic_type(ArithmeticOp::Multiply, &decimal(70, 2), &decimal(70, 2));
        assert_eq!(wide, Some(decimal(76, 4)));
    }

    #[test]
    fn arithmetic_takes_numbers_and_strings_only() {
        let add = |l: &SqlType, r: &SqlType| arithmetic_type(ArithmeticOp::Add, l, r);
        assert_eq!(add(&SqlType::Integer, &SqlType::Bigint), Some(SqlType::Bigint));
        assert_eq!(add(&decimal(3, 1), &SqlType::Double), Some(SqlType::Double));
        assert_eq!(add(&SqlType::String, &SqlType::String), Some(SqlType::String));
        assert_eq!(add(&SqlType::String, &SqlType::Integer), None);
        assert_eq!(add(&SqlType::Boolean, &SqlType::Integer), None);
    }

    #[test]
    fn nested_and_boolean_values_have_no_order() {
        let array = SqlType::array(SqlType::Integer);
        assert!(comparable(CompareOp::Equal, &array, &array));
        assert!(!comparable(CompareOp::Less, &array, &array));
        assert!(!comparable(CompareOp::Less, &SqlType::Boolean, &SqlType::Boolean));
        assert!(comparable(CompareOp::Less, &SqlType::String, &SqlType::Date));
        assert!(comparable(CompareOp::Less, &SqlType::Date, &SqlType::Timestamp));
        assert!(!comparable(CompareOp::Equal, &SqlType::Time, &SqlType::Date));
        assert!(!comparable(CompareOp::Equal, &SqlType::String, &SqlType::Integer));
    }

    #[test]
    fn casts_follow_the_table() {
        let strings = SqlType::array(SqlType::String);
        assert!(castable(&SqlType::array(SqlType::Bigint), &strings));
        assert!(castable(&strings, &SqlType::String));
        assert!(!castable(&SqlType::String, &strings));
        assert!(!castable(&SqlType::Integer, &SqlType::Boolean));
        assert!(!castable(&SqlType::Bytes, &SqlType::String));
        assert!(implicitly_castable(&SqlType::Integer, &decimal(12, 2)));
        assert!(!implicitly_castable(&SqlType::Integer, &decimal(11, 2)));
        assert!(!implicitly_castable(&SqlType::Bigint, &SqlType::Integer));
    }

    #[test]
    fn unification_keeps_all_digits_and_fields() {
        let struct_of = |name: &str, ty| SqlType::Struct(vec![Field::new(name, ty)]);
        assert_eq!(common_super_type(&decimal(4, 1), &decimal(4, 3)), Some(decimal(6, 3)));
        assert_eq!(common_super_type(&SqlType::Integer, &SqlType::String), None);
        let both =
            common_super_type(&struct_of("A", SqlType::Integer), &struct_of("B", SqlType::String));
        let fields = vec![Field::new("A", SqlType::Integer), Field::new("B", SqlType::String)];
        assert_eq!(both, Some(SqlType::Struct(fields)));
    }
}
