//! CAST between everything in spec section 2.4, over whole columns.
//!
//! A row that can't be cast becomes NULL and is noted. NULL stays NULL. Pairs of types outside of
//! [`crate::typing::castable`] never get here.

mod collections;
mod numbers;
mod parse;
mod print;
mod temporal;

use arrow_array::ArrayRef;
use functions::Failures;
use types::SqlType;

/// `array`, which holds `from`, as `to`.
pub(super) fn cast(
    array: &ArrayRef,
    from: &SqlType,
    to: &SqlType,
    failures: &mut Failures,
) -> ArrayRef {
    use SqlType::{Array, Date, Map, String, Struct, Time, Timestamp};
    match (from, to) {
        (from, to) if from == to => array.clone(),
        (from, to) if from.is_numeric() && to.is_numeric() => {
            numbers::cast(array, from, to, failures)
        }
        (String, to) => parse::parse(array, to, failures),
        (from, String) => print::print(array, from),
        (Timestamp, Date) => temporal::date_of(array),
        (Timestamp, Time) => temporal::time_of(array),
        (Date, Timestamp) => temporal::midnight_of(array),
        (Array(from), Array(to)) => collections::list(array, from, to, failures),
        (Map(from_key, from), Map(to_key, to)) => {
            collections::map(array, (from_key, from), (to_key, to), failures)
        }
        (Struct(from), Struct(to)) => collections::structure(array, from, to, failures),
        (from, to) => unreachable!("CAST of {from} to {to} is refused by the planner"),
    }
}
