//! TRANSFORM, FILTER and REDUCE. The entries of all rows go through the lambda together, as columns.
//!
//! A row whose lambda fails for any of its entries fails as a whole.

use std::collections::{BTreeMap, HashSet};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, UInt32Array};
use arrow_select::interleave::interleave;
use types::SqlType;

use super::collections::{Collection, Flat, Picks, taken};
use super::compare::identities;
use crate::{Argument, Call, Failures, Lambda, Registry, Scalar};

const CATEGORY: &str = "LAMBDA";

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [transform(), filter(), reduce()];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn transform() -> Scalar {
    Scalar::new(
        "TRANSFORM",
        CATEGORY,
        "A collection with every element, or every key and value, replaced.",
    )
    .overload("(ARRAY<T>, (T) => R) -> ARRAY<R>", transform_array)
    .overload("(MAP<K, V>, (K, V) => R, (K, V) => T) -> MAP<R, T>", transform_map)
}

fn filter() -> Scalar {
    Scalar::new("FILTER", CATEGORY, "The entries of a collection for which a condition is true.")
        .overload("(ARRAY<T>, (T) => BOOLEAN) -> ARRAY<T>", filter_collection)
        .overload("(MAP<K, V>, (K, V) => BOOLEAN) -> MAP<K, V>", filter_collection)
}

fn reduce() -> Scalar {
    Scalar::new(
        "REDUCE",
        CATEGORY,
        "A state, from a first one, after every entry of a collection in turn.",
    )
    .overload("(ARRAY<T>, S, (S, T) => S) -> S", reduce_collection)
    .overload("(MAP<K, V>, S, (S, K, V) => S) -> S", reduce_collection)
}

fn transform_array(call: &mut Call<'_>) -> ArrayRef {
    let arrays = Collection::of(call.column(0));
    let flat = arrays.flatten();
    let mut failed = Failed::default();
    let elements = failed.call(lambda(call, 1), &flat);
    let failed = failed.report(call);
    arrays.with_entries(call.returns, vec![elements], &failed)
}

fn transform_map(call: &mut Call<'_>) -> ArrayRef {
    let maps = Collection::of(call.column(0));
    let flat = maps.flatten();
    let mut failed = Failed::default();
    let keys = failed.call(lambda(call, 1), &flat);
    let values = failed.call(lambda(call, 2), &flat);
    failed.refuse_nulls("key", &keys, &flat);
    failed.refuse_nulls("value", &values, &flat);
    failed.refuse_duplicates(&keys, &flat);
    let failed = failed.report(call);
    if !failed.contains(&true) {
        return maps.with_entries(call.returns, vec![keys, values], &failed);
    }
    // Failed rows may have NULL keys, which a map can't hold even where it is NULL itself.
    pick_entries(call, &maps, &[keys, values], &failed, |_| true)
}

fn filter_collection(call: &mut Call<'_>) -> ArrayRef {
    let collections = Collection::of(call.column(0));
    let flat = collections.flatten();
    let mut failed = Failed::default();
    let kept = failed.call(lambda(call, 1), &flat);
    let kept = kept.as_boolean();
    let is_kept = |entry: usize| kept.is_valid(entry) && kept.value(entry);
    if let (SqlType::Map(..), [_, values]) = (call.returns, flat.parts.as_slice()) {
        let surviving = |entry: usize| is_kept(entry) && values.is_null(entry);
        failed.refuse("a NULL value passed the filter", &flat, surviving);
    }
    let failed = failed.report(call);
    pick_entries(call, &collections, &flat.parts, &failed, is_kept)
}

fn reduce_collection(call: &mut Call<'_>) -> ArrayRef {
    let collections = Collection::of(call.column(0));
    let lambda = lambda(call, 2);
    let mut failed = Failed::default();
    // The states made so far, and where the state of each row is among them.
    let mut sources: Vec<ArrayRef> = vec![call.column(1).clone()];
    let mut states: Vec<(usize, usize)> = (0..call.rows).map(|row| (0, row)).collect();
    let initial = call.column(1).clone();
    let entries = |row: usize| collections.entries(row).unwrap_or(0..0);
    let mut rows: Vec<usize> = (0..call.rows).filter(|row| initial.is_valid(*row)).collect();
    for step in 0.. {
        rows.retain(|row| step < entries(*row).len() && !failed.contains(*row));
        if rows.is_empty() {
            break;
        }
        let places: Vec<(usize, usize)> = rows.iter().map(|row| states[*row]).collect();
        let at: UInt32Array = rows.iter().map(|row| (entries(*row).start + step) as u32).collect();
        let mut parts = vec![gathered(&sources, &places)];
        parts.extend(collections.parts.iter().map(|part| taken(part, &at)));
        let flat = Flat { parts, rows: rows.iter().map(|row| *row as u32).collect() };
        sources.push(failed.call(lambda, &flat));
        for (place, row) in rows.iter().enumerate() {
            states[*row] = (sources.len() - 1, place);
        }
    }
    let result = gathered(&sources, &states);
    let failed = failed.report(call);
    let valid: Vec<Option<u32>> =
        (0..call.rows).map(|row| (!failed[row]).then_some(row as u32)).collect();
    taken(&result, &UInt32Array::from(valid))
}

fn gathered(sources: &[ArrayRef], places: &[(usize, usize)]) -> ArrayRef {
    let sources: Vec<&dyn Array> = sources.iter().map(AsRef::as_ref).collect();
    interleave(&sources, places).expect("all states have one type")
}

/// The entries that `is_kept` tells by their position among all entries, row by row.
fn pick_entries(
    call: &Call<'_>,
    collections: &Collection,
    parts: &[ArrayRef],
    failed: &[bool],
    is_kept: impl Fn(usize) -> bool,
) -> ArrayRef {
    let mut picks = Picks::default();
    let mut start = 0;
    for (row, failed) in failed.iter().enumerate() {
        let entries = collections.entries(row);
        let end = start + entries.as_ref().map_or(0, ExactSizeIterator::len);
        if entries.is_none() || *failed {
            picks.push_null();
        } else {
            picks.push((start..end).filter(|entry| is_kept(*entry)).map(|entry| (0, entry)));
        }
        start = end;
    }
    let sources: Vec<Vec<&dyn Array>> = parts.iter().map(|part| vec![part.as_ref()]).collect();
    picks.finish(call.returns, &sources)
}

fn lambda<'a>(call: &Call<'a>, index: usize) -> &'a dyn Lambda {
    match call.arguments[index] {
        Argument::Lambda(lambda) => lambda,
        Argument::Column(_) => unreachable!("argument {index} was resolved as a lambda"),
    }
}

/// Rows for which a lambda failed, with the first reason.
#[derive(Default)]
struct Failed {
    rows: BTreeMap<usize, String>,
}

impl Failed {
    /// Calls a lambda with the entries of all rows.
    fn call(&mut self, lambda: &dyn Lambda, flat: &Flat) -> ArrayRef {
        let mut failures = Failures::default();
        let result = lambda.call(&flat.parts, &flat.rows, &mut failures);
        for (row, message) in failures.rows {
            self.rows.entry(row).or_insert(message);
        }
        result
    }

    fn contains(&self, row: usize) -> bool {
        self.rows.contains_key(&row)
    }

    /// Fails the rows of the entries that are `bad`.
    fn refuse(&mut self, message: &str, flat: &Flat, bad: impl Fn(usize) -> bool) {
        for (entry, row) in flat.rows.iter().enumerate() {
            if bad(entry) {
                self.rows.entry(*row as usize).or_insert_with(|| message.to_owned());
            }
        }
    }

    fn refuse_nulls(&mut self, what: &str, array: &ArrayRef, flat: &Flat) {
        let message = format!("a lambda gave NULL as a {what} of a map");
        self.refuse(&message, flat, |entry| array.is_null(entry));
    }

    fn refuse_duplicates(&mut self, keys: &ArrayRef, flat: &Flat) {
        let mut seen = HashSet::new();
        for (key, row) in identities(keys).into_iter().zip(&flat.rows) {
            if !seen.insert((*row, key)) {
                let message = || "a lambda gave the same key twice".to_owned();
                self.rows.entry(*row as usize).or_insert_with(message);
            }
        }
    }

    /// Notes the failures with the call; which rows they are.
    fn report(self, call: &mut Call<'_>) -> Vec<bool> {
        let mut failed = vec![false; call.rows];
        for (row, message) in self.rows {
            failed[row] = true;
            call.fail(row, message);
        }
        failed
    }
}

#[cfg(test)]
#[path = "lambdas_tests.rs"]
mod tests;
