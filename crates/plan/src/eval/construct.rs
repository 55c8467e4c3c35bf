//! Making collections: `ARRAY[...]`, `MAP(k := v, ...)`, `STRUCT(f := e, ...)`. An element that fails
//! is NULL; the collection stands.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, MapArray, StructArray, new_empty_array};
use arrow_buffer::OffsetBuffer;
use arrow_schema::DataType;
use arrow_select::interleave::interleave;
use functions::Failures;
use types::SqlType;
use types::columns::{arrow_type, list_item, map_entries, struct_fields, value_at};

use super::compare::deep_equal;
use super::node::{Context, Node};
use super::outcome::{Column, Outcome, Rows};

/// Evaluates `ARRAY[...]`.
pub(super) fn array(
    items: &[Node],
    element: &SqlType,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    let columns = evaluate_all(items, context, failures);
    let rows = context.rows();
    let places: Vec<(usize, usize)> =
        (0..rows).flat_map(|row| places_of_row(&columns, row)).collect();
    let values = gather(&columns, &places, element);
    let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(items.len(), rows));
    Outcome::of(Arc::new(ListArray::new(list_item(element), offsets, values, None)))
}

fn evaluate_all(nodes: &[Node], context: &Context<'_>, failures: &mut Failures) -> Vec<Column> {
    nodes.iter().map(|node| node.evaluate_contained(context, failures)).collect()
}

/// The entries of one row, one per column, as `(column, entry)`.
fn places_of_row(columns: &[Column], row: usize) -> impl Iterator<Item = (usize, usize)> {
    columns.iter().enumerate().map(move |(number, column)| (number, column.index(row)))
}

/// The entries at `places`, in order.
fn gather(columns: &[Column], places: &[(usize, usize)], ty: &SqlType) -> ArrayRef {
    if columns.is_empty() {
        return new_empty_array(&arrow_type(ty));
    }
    let arrays: Vec<&dyn Array> = columns.iter().map(|column| column.array().as_ref()).collect();
    interleave(&arrays, places).expect("all elements of a collection have one type")
}

/// Evaluates `MAP(...)`. Of equal keys the first gives the place and the last the value, as in Java's
/// LinkedHashMap. A NULL key is the text `null` in maps of STRING; elsewhere it fails the map.
pub(super) fn map(
    entries: &[(Node, Node)],
    key: &SqlType,
    value: &SqlType,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    let rows = context.rows();
    let mut keys = Vec::with_capacity(entries.len());
    let mut values = Vec::with_capacity(entries.len());
    for (key_node, value_node) in entries {
        keys.push(without_null_text(key_node.evaluate_contained(context, failures)));
        values.push(value_node.evaluate_contained(context, failures));
    }
    let mut places = EntryPlaces::default();
    let mut failed = vec![false; rows];
    for (row, failed) in failed.iter_mut().enumerate() {
        if keys.iter().any(|key| key.array().is_null(key.index(row))) {
            failures.push(row, "a key of MAP is NULL");
            *failed = true;
            places.lengths.push(0);
        } else {
            places.add_row(&keys, &values, row);
        }
    }
    let columns = vec![gather(&keys, &places.keys, key), gather(&values, &places.values, value)];
    let field = map_entries(key, value);
    let DataType::Struct(fields) = field.data_type() else { unreachable!("entries are a struct") };
    let entries = StructArray::new(fields.clone(), columns, None);
    let offsets = OffsetBuffer::from_lengths(places.lengths);
    let map = Arc::new(MapArray::new(field, offsets, entries, None, false));
    let failed = Rows::from(failed);
    Outcome::with_failed(map, failed.has_true().then_some(failed))
}

/// Puts the text `null` for NULL strings.
fn without_null_text(column: Column) -> Column {
    let array = column.array();
    let Some(texts) = array.as_string_opt::<i32>().filter(|texts| texts.null_count() > 0) else {
        return column;
    };
    let mut builder = StringBuilder::with_capacity(texts.len(), texts.values().len());
    texts.iter().for_each(|text| builder.append_value(text.unwrap_or("null")));
    let filled: ArrayRef = Arc::new(builder.finish());
    if column.is_constant() { Column::Constant(filled) } else { Column::Rows(filled) }
}

/// Where the entries of all maps come from, as `(column, entry)`.
#[derive(Default)]
struct EntryPlaces {
    keys: Vec<(usize, usize)>,
    values: Vec<(usize, usize)>,
    lengths: Vec<usize>,
}

impl EntryPlaces {
    fn add_row(&mut self, keys: &[Column], values: &[Column], row: usize) {
        let start = self.keys.len();
        for (number, (key, value)) in keys.iter().zip(values).enumerate() {
            let value_place = (number, value.index(row));
            let same = self.keys[start..].iter().position(|(other, entry)| {
                equal_entries((key.array(), key.index(row)), (keys[*other].array(), *entry))
            });
            match same {
                Some(known) => self.values[start + known] = value_place,
                None => {
                    self.keys.push((number, key.index(row)));
                    self.values.push(value_place);
                }
            }
        }
        self.lengths.push(self.keys.len() - start);
    }
}

fn equal_entries(left: (&ArrayRef, usize), right: (&ArrayRef, usize)) -> bool {
    match (left.0.as_string_opt::<i32>(), right.0.as_string_opt::<i32>()) {
        (Some(l), Some(r)) => l.value(left.1) == r.value(right.1),
        _ => deep_equal(&value_at(left.0, left.1), &value_at(right.0, right.1)),
    }
}

/// Evaluates `STRUCT(...)`; `ty` is the STRUCT's type.
pub(super) fn structure(
    members: &[Node],
    ty: &SqlType,
    context: &Context<'_>,
    failures: &mut Failures,
) -> Outcome {
    let rows = context.rows();
    let SqlType::Struct(fields) = ty else { unreachable!("STRUCT() makes a STRUCT, not {ty}") };
    if fields.is_empty() {
        return Outcome::of(Arc::new(StructArray::new_empty_fields(rows, None)));
    }
    let columns = evaluate_all(members, context, failures);
    let columns = columns.into_iter().map(|column| column.into_rows(rows)).collect();
    Outcome::of(Arc::new(StructArray::new(struct_fields(fields), columns, None)))
}
