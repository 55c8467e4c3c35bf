//! Reading from collections: `array[i]`, `map[k]`, `struct->f`.

use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, ListArray, MapArray, UInt32Array};
use arrow_schema::DataType;
use functions::Failures;
use types::columns::value_at;

use super::compare::deep_equal;
use super::input::rows_of;
use super::node::{Context, Node};
use super::outcome::{Column, Outcome, after, either, fail_nulls, without};

/// `base[index]`.
#[derive(Debug)]
pub(super) struct Subscript {
    pub base: Node,
    pub index: Node,
    /// Whether the base is a MAP.
    pub is_map: bool,
}

/// Evaluates a subscript: arrays count from 1, negative from the end; what is not there is NULL.
pub(super) fn subscript(
    node: &Subscript,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    let base = node.base.evaluate(context, failures);
    let index = after(base.failed.as_ref(), failures, |f| node.index.evaluate(context, f));
    let failed = either(base.failed, index.failed);
    let rows = context.rows();
    if node.is_map {
        let array = map_values(&base.column, &index.column, rows);
        return Outcome::with_failed(array, failed);
    }
    let present = base.column.validity(rows).map(|validity| validity.into_inner());
    let validity = index.column.validity(rows).map(|validity| match &present {
        // An index of NULL fails only where there is an array.
        Some(present) => (validity.inner() | &!present).into(),
        None => validity,
    });
    let nulls = fail_nulls(validity.as_ref(), failed.as_ref(), "an array index is NULL", failures);
    let failed = either(failed, nulls);
    Outcome::with_failed(list_items(&base.column, &index.column, rows), failed)
}

fn list_items(base: &Column, index: &Column, rows: usize) -> ArrayRef {
    let lists = base.array().as_list::<i32>();
    let places: UInt32Array = (0..rows)
        .map(|row| place_in_list(lists, base.index(row), index_at(index, index.index(row))?))
        .collect();
    rows_of(lists.values(), &places)
}

fn index_at(column: &Column, entry: usize) -> Option<i64> {
    let array = column.array();
    if array.is_null(entry) {
        return None;
    }
    Some(match array.data_type() {
        DataType::Int32 => array.as_primitive::<Int32Type>().value(entry).into(),
        _ => array.as_primitive::<Int64Type>().value(entry),
    })
}

/// Where the item stands among the values of all lists.
fn place_in_list(lists: &ListArray, list: usize, index: i64) -> Option<u32> {
    if lists.is_null(list) {
        return None;
    }
    let (start, end) = (lists.value_offsets()[list], lists.value_offsets()[list + 1]);
    let place = match index {
        1.. => i64::from(start).checked_add(index - 1)?,
        0 => return None,
        _ => i64::from(end).checked_add(index)?,
    };
    let inside = (i64::from(start)..i64::from(end)).contains(&place);
    inside.then(|| u32::try_from(place).expect("offsets are not negative"))
}

fn map_values(base: &Column, key: &Column, rows: usize) -> ArrayRef {
    let maps = base.array().as_map();
    let places: UInt32Array = (0..rows)
        .map(|row| place_in_map(maps, base.index(row), key.array(), key.index(row)))
        .collect();
    rows_of(maps.values(), &places)
}

/// Where the value of a key stands among the values of all maps.
fn place_in_map(maps: &MapArray, map: usize, keys: &ArrayRef, key: usize) -> Option<u32> {
    if maps.is_null(map) || keys.is_null(key) {
        return None;
    }
    let mut entries = maps.value_offsets()[map]..maps.value_offsets()[map + 1];
    let place = match (maps.keys().as_string_opt::<i32>(), keys.as_string_opt::<i32>()) {
        (Some(texts), Some(wanted)) => {
            let wanted = wanted.value(key);
            entries.find(|entry| texts.value(*entry as usize) == wanted)
        }
        _ => {
            let wanted = value_at(keys, key);
            entries.find(|entry| deep_equal(&value_at(maps.keys(), *entry as usize), &wanted))
        }
    };
    place.map(|place| u32::try_from(place).expect("offsets are not negative"))
}

/// Evaluates `base->field`; the field of a NULL struct is NULL.
pub(super) fn field(
    base: &Node,
    index: usize,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    let outcome = base.evaluate(context, failures);
    let structs = outcome.column.array().as_struct();
    let member = structs.column(index);
    let member = match structs.nulls().filter(|nulls| nulls.null_count() > 0) {
        None => member.clone(),
        Some(nulls) => without(member, &!nulls.inner()),
    };
    let column =
        if outcome.column.is_constant() { Column::Constant(member) } else { Column::Rows(member) };
    Outcome { column, failed: outcome.failed }
}
