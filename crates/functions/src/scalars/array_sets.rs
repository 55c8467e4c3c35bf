//! Arrays as lists and sets: ARRAY_CONCAT, ARRAY_CONTAINS, ARRAY_DISTINCT, ARRAY_EXCEPT, ARRAY_INTERSECT,
//! ARRAY_REMOVE, ARRAY_UNION and SLICE. Only positions are moved about; the elements may be of any type.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::BooleanBuilder;
use arrow_array::{Array, ArrayRef};

use super::collections::{Collection, Picks};
use super::compare::identities;
use super::rows::Cell;
use crate::{Call, Registry, Scalar};

const CATEGORY: &str = "ARRAY";

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [
        array_concat(),
        array_contains(),
        array_distinct(),
        array_except(),
        array_intersect(),
        array_remove(),
        array_union(),
        slice(),
    ];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn array_concat() -> Scalar {
    Scalar::new("ARRAY_CONCAT", CATEGORY, "Both arrays one behind the other; NULL counts as empty.")
        .overload("(ARRAY<T>, ARRAY<T>) -> ARRAY<T>", |call| {
            pick_from_two(call, |left, right| match (left, right) {
                (None, None) => None,
                (left, right) => Some(both(left.unwrap_or(0..0), right.unwrap_or(0..0)).collect()),
            })
        })
}

fn array_contains() -> Scalar {
    Scalar::new("ARRAY_CONTAINS", CATEGORY, "Whether an array has an element, which may be NULL.")
        .overload("(ARRAY<T>, T) -> BOOLEAN", |call| {
            let arrays = Collection::of(call.column(0));
            let (elements, wanted) = (identities(&arrays.parts[0]), identities(call.column(1)));
            let mut found = BooleanBuilder::with_capacity(call.rows);
            for (row, wanted) in wanted.iter().enumerate() {
                let mut entries = arrays.entries(row).unwrap_or(0..0);
                found.append_value(entries.any(|entry| elements[entry] == *wanted));
            }
            Arc::new(found.finish())
        })
}

fn array_distinct() -> Scalar {
    Scalar::new(
        "ARRAY_DISTINCT",
        CATEGORY,
        "The different elements, in the order of their first occurrence.",
    )
    .overload("(ARRAY<T>) -> ARRAY<T>", |call| {
        let arrays = Collection::of(call.column(0));
        let ids = identities(&arrays.parts[0]);
        let mut picks = Picks::default();
        for row in 0..call.rows {
            match arrays.entries(row) {
                Some(entries) => picks.push(distinct(entries.map(|entry| (0, entry)), &[&ids])),
                None => picks.push_null(),
            }
        }
        picks.finish(call.returns, &[vec![&arrays.parts[0]]])
    })
}

fn array_except() -> Scalar {
    Scalar::new(
        "ARRAY_EXCEPT",
        CATEGORY,
        "The different elements of the first array that the second lacks.",
    )
    .overload("(ARRAY<T>, ARRAY<T>) -> ARRAY<T>", |call| {
        pick_sets(call, |left, right, ids| {
            let excluded: HashSet<&[u8]> = right.map(|entry| ids[1][entry].as_slice()).collect();
            let kept = left.filter(|entry| !excluded.contains(ids[0][*entry].as_slice()));
            distinct(kept.map(|entry| (0, entry)), ids)
        })
    })
}

fn array_intersect() -> Scalar {
    Scalar::new("ARRAY_INTERSECT", CATEGORY, "The different elements that both arrays have.")
        .overload("(ARRAY<T>, ARRAY<T>) -> ARRAY<T>", |call| {
            pick_sets(call, |left, right, ids| {
                let wanted: HashSet<&[u8]> = right.map(|entry| ids[1][entry].as_slice()).collect();
                let kept = left.filter(|entry| wanted.contains(ids[0][*entry].as_slice()));
                distinct(kept.map(|entry| (0, entry)), ids)
            })
        })
}

fn array_union() -> Scalar {
    Scalar::new("ARRAY_UNION", CATEGORY, "The different elements that any of both arrays has.")
        .overload("(ARRAY<T>, ARRAY<T>) -> ARRAY<T>", |call| {
            pick_sets(call, |left, right, ids| distinct(both(left, right), ids))
        })
}

fn array_remove() -> Scalar {
    Scalar::new(
        "ARRAY_REMOVE",
        CATEGORY,
        "The array without the elements that equal a value, which may be NULL.",
    )
    .overload("(ARRAY<T>, T) -> ARRAY<T>", |call| {
        let arrays = Collection::of(call.column(0));
        let (elements, unwanted) = (identities(&arrays.parts[0]), identities(call.column(1)));
        let mut picks = Picks::default();
        for (row, unwanted) in unwanted.iter().enumerate() {
            match arrays.entries(row) {
                Some(mut entries) => {
                    let kept = entries.by_ref().filter(|entry| elements[*entry] != *unwanted);
                    picks.push(kept.map(|entry| (0, entry)));
                }
                None => picks.push_null(),
            }
        }
        picks.finish(call.returns, &[vec![&arrays.parts[0]]])
    })
}

fn slice() -> Scalar {
    Scalar::new(
        "SLICE",
        CATEGORY,
        "The elements from one position to another, from 1, both included; NULL is open.",
    )
    .overload("(ARRAY<T>, INT, INT) -> ARRAY<T>", |call| {
        let arrays = Collection::of(call.column(0));
        let (from, to) = (call.column(1).clone(), call.column(2).clone());
        let (from, to) = (<i32 as Cell<'_>>::column(&from), <i32 as Cell<'_>>::column(&to));
        let mut picks = Picks::default();
        for row in 0..call.rows {
            let bounds = (i32::read(&from, row), i32::read(&to, row));
            match arrays.entries(row).and_then(|entries| part(entries, bounds)) {
                Some(part) => picks.push(part.map(|entry| (0, entry))),
                None => picks.push_null(),
            }
        }
        picks.finish(call.returns, &[vec![&arrays.parts[0]]])
    })
}

/// Entries with the source that they are picked from.
type Picked = Vec<(usize, usize)>;

fn both(left: Range<usize>, right: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
    left.map(|entry| (0, entry)).chain(right.map(|entry| (1, entry)))
}

fn distinct(entries: impl Iterator<Item = (usize, usize)>, ids: &[&Vec<Vec<u8>>]) -> Picked {
    let mut seen: HashSet<&[u8]> = HashSet::new();
    let mut is_new =
        |(source, entry): &(usize, usize)| seen.insert(ids[*source][*entry].as_slice());
    entries.filter(|entry| is_new(entry)).collect()
}

/// Picks entries of two arrays row by row.
fn pick_from_two(
    call: &mut Call<'_>,
    mut choose: impl FnMut(Option<Range<usize>>, Option<Range<usize>>) -> Option<Picked>,
) -> ArrayRef {
    let (left, right) = (Collection::of(call.column(0)), Collection::of(call.column(1)));
    let mut picks = Picks::default();
    for row in 0..call.rows {
        match choose(left.entries(row), right.entries(row)) {
            Some(picked) => picks.push(picked),
            None => picks.push_null(),
        }
    }
    let sources: Vec<&dyn Array> = vec![&left.parts[0], &right.parts[0]];
    picks.finish(call.returns, &[sources])
}

/// As [`pick_from_two`], with the identities of all elements; NULL if any array is.
fn pick_sets(
    call: &mut Call<'_>,
    choose: impl Fn(Range<usize>, Range<usize>, &[&Vec<Vec<u8>>]) -> Picked,
) -> ArrayRef {
    let ids = [0, 1].map(|index| identities(&Collection::of(call.column(index)).parts[0]));
    let ids = [&ids[0], &ids[1]];
    pick_from_two(call, |left, right| Some(choose(left?, right?, &ids)))
}

/// The entries that 1-based inclusive bounds mean; `None` if they are out of bounds.
fn part(entries: Range<usize>, (from, to): (Option<i32>, Option<i32>)) -> Option<Range<usize>> {
    let start = from.map_or(Some(0), |from| usize::try_from(from.checked_sub(1)?).ok())?;
    let end = to.map_or(Some(entries.len()), |to| usize::try_from(to).ok())?;
    (start <= end && end <= entries.len()).then(|| entries.start + start..entries.start + end)
}

#[cfg(test)]
mod tests {
    use crate::scalars::testing::{Typed, array, evaluate, int, null};
    use types::{SqlType, Value};

    fn ints(values: &[Option<i32>]) -> Typed {
        let values: Vec<Value> =
            values.iter().map(|value| value.map_or(Value::Null, Value::Integer)).collect();
        array(SqlType::Integer, &values)
    }

    fn none() -> Typed {
        null(SqlType::array(SqlType::Integer))
    }

    #[test]
    fn arrays_are_sets() {
        let left = || ints(&[Some(0), None, Some(0), Some(1), None, Some(-1)]);
        let right = || ints(&[Some(1), Some(-2), Some(0)]);
        for (name, expected) in [
            ("ARRAY_EXCEPT", ints(&[None, Some(-1)])),
            ("ARRAY_INTERSECT", ints(&[Some(0), Some(1)])),
            ("ARRAY_UNION", ints(&[Some(0), None, Some(1), Some(-1), Some(-2)])),
        ] {
            assert_eq!(evaluate(name, &[left(), right()]), expected.1, "{name}");
            assert_eq!(evaluate(name, &[left(), none()]), Value::Null, "{name}");
        }
        let distinct = ints(&[Some(0), None, Some(1), Some(-1)]);
        assert_eq!(evaluate("ARRAY_DISTINCT", &[left()]), distinct.1);
    }

    #[test]
    fn elements_may_be_structured() {
        let map = |key: &str| Value::Map(vec![(Value::string(key), Value::Integer(1))]);
        let ty = SqlType::map(SqlType::String, SqlType::Integer);
        let maps = array(ty, &[map("a"), Value::Null, map("b"), map("a")]);
        let distinct = Value::Array(vec![map("a"), Value::Null, map("b")]);
        assert_eq!(evaluate("ARRAY_DISTINCT", &[maps]), distinct);
    }

    #[test]
    fn null_is_found_and_removed() {
        let values = || ints(&[Some(1), None]);
        let absent = || null(SqlType::Integer);
        assert_eq!(evaluate("ARRAY_CONTAINS", &[values(), absent()]), Value::Boolean(true));
        assert_eq!(evaluate("ARRAY_CONTAINS", &[none(), int(1)]), Value::Boolean(false));
        assert_eq!(evaluate("ARRAY_REMOVE", &[values(), absent()]), ints(&[Some(1)]).1);
        assert_eq!(evaluate("ARRAY_REMOVE", &[none(), int(1)]), Value::Null);
    }

    #[test]
    fn one_side_of_a_concatenation_may_be_null() {
        let one = || ints(&[Some(1)]);
        assert_eq!(evaluate("ARRAY_CONCAT", &[one(), one()]), ints(&[Some(1), Some(1)]).1);
        assert_eq!(evaluate("ARRAY_CONCAT", &[none(), one()]), one().1);
        assert_eq!(evaluate("ARRAY_CONCAT", &[none(), none()]), Value::Null);
    }

    #[test]
    fn slices_stay_within_the_array() {
        let abcd = || ints(&[Some(1), Some(2), Some(3), Some(4)]);
        let open = || null(SqlType::Integer);
        for (from, to, expected) in [
            (int(2), int(3), ints(&[Some(2), Some(3)])),
            (open(), int(1), ints(&[Some(1)])),
            (int(4), open(), ints(&[Some(4)])),
            (int(0), int(3), none()),
            (int(2), int(5), none()),
        ] {
            assert_eq!(evaluate("SLICE", &[abcd(), from, to]), expected.1);
        }
    }
}
