//! ARRAY_JOIN, ARRAY_LENGTH, ARRAY_MAX, ARRAY_MIN, ARRAY_SORT and GENERATE_SERIES.

use std::cmp::Ordering;

use arrow_array::{Array, ArrayRef};
use types::text::double_text;
use types::{Value, columns};

use super::collections::{Collection, Picks};
use super::compare::compare;
use super::rows::{Cell, collect, map1, map2, map3};
use super::utf16::as_int;
use crate::{Call, Registry, Scalar};

const CATEGORY: &str = "ARRAY";
/// A longer series fails, lest one row takes all memory.
const SERIES_LENGTH_MAX: u64 = 1 << 24;

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions =
        [array_join(), array_length(), array_max(), array_min(), array_sort(), generate_series()];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn array_join() -> Scalar {
    Scalar::new(
        "ARRAY_JOIN",
        CATEGORY,
        "The elements as one text, between them a delimiter, by default a comma.",
    )
    .overload("(ARRAY<T>) -> STRING", |call| map1(call, |array: Value| joined(&array, ",")))
    .overload("(ARRAY<T>, STRING) -> STRING", |call| {
        map2(call, |array: Value, delimiter: Option<&str>| joined(&array, delimiter.unwrap_or("")))
    })
}

fn array_length() -> Scalar {
    Scalar::new("ARRAY_LENGTH", CATEGORY, "The number of elements.").overload(
        "(ARRAY<T>) -> INT",
        |call| {
            let arrays = Collection::of(call.column(0));
            collect(call, |row| arrays.entries(row).map(|entries| as_int(entries.len())))
        },
    )
}

fn array_max() -> Scalar {
    Scalar::new("ARRAY_MAX", CATEGORY, "The greatest element; NULLs are ignored.")
        .overload("(ARRAY<T>) -> T", |call| extreme(call, Ordering::Greater))
}

fn array_min() -> Scalar {
    Scalar::new("ARRAY_MIN", CATEGORY, "The least element; NULLs are ignored.")
        .overload("(ARRAY<T>) -> T", |call| extreme(call, Ordering::Less))
}

fn array_sort() -> Scalar {
    Scalar::new(
        "ARRAY_SORT",
        CATEGORY,
        "The elements in ascending or descending (DESC) order, NULLs last.",
    )
    .overload("(ARRAY<T>) -> ARRAY<T>", |call| sorted(call, |_| Some(Direction::Ascending)))
    .overload("(ARRAY<T>, STRING) -> ARRAY<T>", |call| {
        let directions = call.column(1).clone();
        let directions = <&str as Cell<'_>>::column(&directions);
        sorted(call, |row| Direction::named(<&str as Cell<'_>>::read(&directions, row)?))
    })
}

fn generate_series() -> Scalar {
    Scalar::new(
        "GENERATE_SERIES",
        CATEGORY,
        "The numbers from the first to the second, perhaps in steps.",
    )
    .overload("(INT, INT) -> ARRAY<INT>", |call| {
        map2(call, |from: i32, to: i32| ints(series(from.into(), to.into(), None)))
    })
    .overload("(INT, INT, INT) -> ARRAY<INT>", |call| {
        map3(call, |from: i32, to: i32, step: i32| ints(series(from.into(), to.into(), Some(step))))
    })
    .overload("(BIGINT, BIGINT) -> ARRAY<BIGINT>", |call| {
        map2(call, |from: i64, to: i64| series(from, to, None))
    })
    .overload("(BIGINT, BIGINT, INT) -> ARRAY<BIGINT>", |call| {
        map3(call, |from: i64, to: i64, step: i32| series(from, to, Some(step)))
    })
}

fn joined(array: &Value, delimiter: &str) -> Result<String, String> {
    let Value::Array(elements) = array else { unreachable!("resolution lets only arrays through") };
    let texts: Vec<String> = elements.iter().map(element_text).collect::<Result<_, _>>()?;
    Ok(texts.join(delimiter))
}

fn element_text(element: &Value) -> Result<String, String> {
    match element {
        Value::Null => Ok("null".to_owned()),
        Value::Boolean(value) => Ok(value.to_string()),
        Value::Integer(value) => Ok(value.to_string()),
        Value::Bigint(value) => Ok(value.to_string()),
        Value::Double(value) => Ok(double_text(*value)),
        Value::Decimal(value) => Ok(value.to_string()),
        Value::String(value) => Ok(value.clone()),
        _ => Err("only arrays of BOOLEAN, numbers and STRING can be joined".to_owned()),
    }
}

/// The element of each row that compares as `wanted` with all others.
fn extreme(call: &mut Call<'_>, wanted: Ordering) -> ArrayRef {
    let arrays = Collection::of(call.column(0));
    collect(call, |row| {
        let elements = arrays.entries(row)?.map(|entry| columns::value_at(&arrays.parts[0], entry));
        let better =
            |best: Value, next: Value| if compare(&next, &best) == wanted { next } else { best };
        elements.filter(|element| !element.is_null()).reduce(better)
    })
}

#[derive(Clone, Copy)]
enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    fn named(name: &str) -> Option<Self> {
        match name.to_uppercase().as_str() {
            "ASC" | "ASCENDING" => Some(Self::Ascending),
            "DESC" | "DESCENDING" => Some(Self::Descending),
            _ => None,
        }
    }
}

fn sorted(call: &mut Call<'_>, direction_of: impl Fn(usize) -> Option<Direction>) -> ArrayRef {
    let arrays = Collection::of(call.column(0));
    let elements = &arrays.parts[0];
    let mut picks = Picks::default();
    for row in 0..call.rows {
        let (Some(entries), Some(direction)) = (arrays.entries(row), direction_of(row)) else {
            picks.push_null();
            continue;
        };
        let (nulls, present): (Vec<_>, Vec<_>) =
            entries.partition(|entry| elements.is_null(*entry));
        let mut present: Vec<(Value, usize)> =
            present.into_iter().map(|entry| (columns::value_at(elements, entry), entry)).collect();
        present.sort_by(|(left, _), (right, _)| match direction {
            Direction::Ascending => compare(left, right),
            Direction::Descending => compare(right, left),
        });
        let present = present.into_iter().map(|(_, entry)| entry);
        picks.push(present.chain(nulls).map(|entry| (0, entry)));
    }
    picks.finish(call.returns, &[vec![elements]])
}

/// The numbers from `from` to `to`, both included; without a step it is 1 in the direction of `to`.
fn series(from: i64, to: i64, step: Option<i32>) -> Result<Vec<i64>, String> {
    let distance = i128::from(to) - i128::from(from);
    let step = i128::from(step.unwrap_or(if distance < 0 { -1 } else { 1 }));
    if step == 0 || distance.signum() * step.signum() < 0 {
        return Err(format!("a series from {from} to {to} can't have steps of {step}"));
    }
    let steps = u64::try_from(distance / step).map_err(|_| "the series is too long".to_owned())?;
    if steps >= SERIES_LENGTH_MAX {
        return Err(format!("the series has more than {SERIES_LENGTH_MAX} numbers"));
    }
    // Every number lies between `from` and `to`, so that it fits.
    Ok((0..=i128::from(steps)).map(|n| (i128::from(from) + n * step) as i64).collect())
}

fn ints(series: Result<Vec<i64>, String>) -> Result<Vec<i32>, String> {
    series.map(|numbers| numbers.into_iter().map(|number| number as i32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalars::testing::{Typed, array, evaluate, fails, int, null, text, texts};
    use types::SqlType;

    fn strings() -> Typed {
        let values = ["foo", "fo", "Food", "F", "food"].map(Value::string);
        array(SqlType::String, &[&values[..], &[Value::Null]].concat())
    }

    #[test]
    fn extremes_ignore_null() {
        assert_eq!(evaluate("ARRAY_MAX", &[strings()]), Value::string("food"));
        assert_eq!(evaluate("ARRAY_MIN", &[strings()]), Value::string("F"));
        assert_eq!(evaluate("ARRAY_MAX", &[array(SqlType::Integer, &[])]), Value::Null);
        assert_eq!(evaluate("ARRAY_LENGTH", &[strings()]), Value::Integer(6));
    }

    #[test]
    fn nulls_sort_last() {
        let Value::Array(mut descending) = texts(&["food", "foo", "fo", "Food", "F"]) else {
            unreachable!("texts are an array")
        };
        descending.push(Value::Null);
        assert_eq!(evaluate("ARRAY_SORT", &[strings(), text("desc")]), Value::Array(descending));
        assert_eq!(evaluate("ARRAY_SORT", &[strings(), text("up")]), Value::Null);
        let ints = array(SqlType::Integer, &[Value::Integer(2), Value::Integer(1)]);
        assert_eq!(
            evaluate("ARRAY_SORT", &[ints]),
            Value::Array(vec![Value::Integer(1), Value::Integer(2)])
        );
    }

    #[test]
    fn elements_are_joined() {
        let doubles =
            array(SqlType::Double, &[Value::Double(0.0), Value::Null, Value::Double(-1.5)]);
        assert_eq!(
            evaluate("ARRAY_JOIN", std::slice::from_ref(&doubles)),
            Value::string("0.0,null,-1.5")
        );
        let arguments = [doubles, null(SqlType::String)];
        assert_eq!(evaluate("ARRAY_JOIN", &arguments), Value::string("0.0null-1.5"));
        assert!(fails("ARRAY_JOIN", &[array(SqlType::Date, &[Value::Date(1)])]));
    }

    #[test]
    fn series_include_both_ends() {
        assert_eq!(series(1, 4, None), Ok(vec![1, 2, 3, 4]));
        assert_eq!(series(1, -1, None), Ok(vec![1, 0, -1]));
        assert_eq!(series(0, 5, Some(2)), Ok(vec![0, 2, 4]));
        assert_eq!(series(3, 3, Some(-7)), Ok(vec![3]));
        assert_eq!(series(i64::MAX - 1, i64::MAX, None), Ok(vec![i64::MAX - 1, i64::MAX]));
        assert!(series(0, 5, Some(0)).is_err() && series(0, 5, Some(-1)).is_err());
        assert!(fails("GENERATE_SERIES", &[int(i32::MIN), int(i32::MAX)]));
    }
}
