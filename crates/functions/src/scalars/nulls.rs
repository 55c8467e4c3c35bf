//! COALESCE, IFNULL, NULLIF and AS_VALUE, for values of any type.

use arrow_array::{Array, ArrayRef, BooleanArray};
use arrow_select::interleave::interleave;
use arrow_select::nullif::nullif;

use super::compare::identities;
use crate::{Call, Registry, Scalar};

const CATEGORY: &str = "CONDITIONAL";

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [coalesce(), ifnull(), null_if(), as_value()];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn coalesce() -> Scalar {
    Scalar::new("COALESCE", CATEGORY, "The first argument that is not NULL.")
        .overload("(T, T...) -> T", first_present)
}

fn ifnull() -> Scalar {
    Scalar::new("IFNULL", CATEGORY, "The first argument, or the second where the first is NULL.")
        .overload("(T, T) -> T", first_present)
}

fn null_if() -> Scalar {
    Scalar::new("NULLIF", CATEGORY, "The first argument, or NULL where it equals the second.")
        .overload("(T, T) -> T", |call| {
            let (left, right) = (identities(call.column(0)), identities(call.column(1)));
            let equal: BooleanArray =
                left.iter().zip(&right).map(|(left, right)| Some(left == right)).collect();
            nullif(call.column(0), &equal).expect("the mask has one entry per row")
        })
}

fn as_value() -> Scalar {
    Scalar::new("AS_VALUE", "OTHER", "A copy of a key column, to be stored in the value.")
        .overload("(T) -> T", |call| call.column(0).clone())
}

fn first_present(call: &mut Call<'_>) -> ArrayRef {
    let columns: Vec<&dyn Array> =
        (0..call.arguments.len()).map(|index| call.column(index).as_ref()).collect();
    let first = |row| columns.iter().position(|column| column.is_valid(row)).unwrap_or(0);
    let picks: Vec<(usize, usize)> = (0..call.rows).map(|row| (first(row), row)).collect();
    interleave(&columns, &picks).expect("the columns have one type")
}

#[cfg(test)]
mod tests {
    use crate::scalars::testing::{evaluate, int, null, text};
    use types::{SqlType, Value};

    #[test]
    fn nulls_give_way() {
        let none = || null(SqlType::Integer);
        assert_eq!(evaluate("COALESCE", &[none(), int(2), int(3)]), Value::Integer(2));
        assert_eq!(evaluate("COALESCE", &[none()]), Value::Null);
        assert_eq!(evaluate("IFNULL", &[none(), int(7)]), Value::Integer(7));
        assert_eq!(evaluate("AS_VALUE", &[text("k")]), Value::string("k"));
    }

    #[test]
    fn equal_values_become_null() {
        assert_eq!(evaluate("NULLIF", &[text("a"), text("a")]), Value::Null);
        assert_eq!(evaluate("NULLIF", &[text("a"), null(SqlType::String)]), Value::string("a"));
    }
}
