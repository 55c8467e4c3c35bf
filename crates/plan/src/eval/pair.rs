//! How the operands of a comparison meet: the type each is compared as, and by which rule (the
//! comparable pairs of spec section 2.3).

use functions::Failures;
use types::SqlType;

use super::node::convert;
use super::outcome::Outcome;
use crate::typing::common_super_type;

/// How the operands of a comparison meet.
#[derive(Debug)]
pub(super) struct Pair {
    pub left: Side,
    pub right: Side,
    pub kind: Kind,
}

/// An operand's type, and the one it is compared as.
#[derive(Debug)]
pub(super) struct Side {
    from: SqlType,
    to: SqlType,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Bigint,
    Double,
    /// DECIMAL with an exact number.
    Exact,
    /// DECIMAL with DOUBLE, in this order or the other.
    DecimalDouble,
    Boolean,
    String,
    Bytes,
    Time,
    Date,
    Timestamp,
    Nested,
}

impl Pair {
    /// The pair of two types that [`crate::typing::comparable`] allows.
    pub fn new(left: &SqlType, right: &SqlType) -> Self {
        let (left_to, right_to) = common_types(left, right);
        let kind = kind_of(&left_to, &right_to);
        Self {
            left: Side { from: left.clone(), to: left_to },
            right: Side { from: right.clone(), to: right_to },
            kind,
        }
    }
}

/// The types as which two operands are compared.
fn common_types(left: &SqlType, right: &SqlType) -> (SqlType, SqlType) {
    use SqlType::{Bigint, Date, Decimal, Double, Integer, String, Time, Timestamp};
    match (left, right) {
        (Decimal { .. }, _) | (_, Decimal { .. }) => (left.clone(), right.clone()),
        (Double, Integer | Bigint) | (Integer | Bigint, Double) => (Double, Double),
        (Integer, Bigint) | (Bigint, Integer) => (Bigint, Bigint),
        (String, Time | Date | Timestamp) => (right.clone(), right.clone()),
        (Time | Date | Timestamp, String) => (left.clone(), left.clone()),
        (Date, Timestamp) | (Timestamp, Date) => (Timestamp, Timestamp),
        // Collections of other element types or fields meet in what both can become.
        _ => match common_super_type(left, right) {
            Some(common) => (common.clone(), common),
            None => (left.clone(), right.clone()),
        },
    }
}

fn kind_of(left: &SqlType, right: &SqlType) -> Kind {
    match (left, right) {
        (SqlType::Decimal { .. }, SqlType::Double) | (SqlType::Double, SqlType::Decimal { .. }) => {
            Kind::DecimalDouble
        }
        (SqlType::Decimal { .. }, _) | (_, SqlType::Decimal { .. }) => Kind::Exact,
        (SqlType::Integer, _) => Kind::Integer,
        (SqlType::Bigint, _) => Kind::Bigint,
        (SqlType::Double, _) => Kind::Double,
        (SqlType::Boolean, _) => Kind::Boolean,
        (SqlType::String, _) => Kind::String,
        (SqlType::Bytes, _) => Kind::Bytes,
        (SqlType::Time, _) => Kind::Time,
        (SqlType::Date, _) => Kind::Date,
        (SqlType::Timestamp, _) => Kind::Timestamp,
        (SqlType::Array(_) | SqlType::Map(..) | SqlType::Struct(_), _) => Kind::Nested,
    }
}

impl Side {
    /// Whether texts are parsed.
    pub fn parses(&self) -> bool {
        self.from == SqlType::String && self.to != SqlType::String
    }

    /// The operand as the type it is compared as; a row that can't be converted fails.
    pub fn convert(&self, outcome: Outcome, rows: usize, failures: &mut Failures) -> Outcome {
        if self.from == self.to {
            return outcome;
        }
        convert(outcome, &self.from, &self.to, rows, failures)
    }
}
