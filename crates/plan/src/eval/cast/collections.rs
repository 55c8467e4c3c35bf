//! Casts of collections, element by element. A failing element becomes NULL, its row is noted.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, MapArray, StructArray, UInt32Array, new_null_array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::DataType;
use functions::Failures;
use types::columns::{arrow_type, list_item, map_entries, struct_fields};
use types::{Field, SqlType};

use super::super::input::rows_of;
use super::super::outcome::{Rows, rows_noted};
use super::cast;

/// Casts the elements of lists.
pub(super) fn list(
    array: &ArrayRef,
    from: &SqlType,
    to: &SqlType,
    failures: &mut Failures,
) -> ArrayRef {
    let lists = array.as_list::<i32>();
    let (offsets, items) = used_range(lists.offsets(), lists.values());
    let mut local = Failures::default();
    let cast_items = cast(&items, from, to, &mut local);
    note_rows(&offsets, local, failures);
    Arc::new(ListArray::new(list_item(to), offsets, cast_items, lists.nulls().cloned()))
}

/// Casts keys and values of maps. A map with a key that can't be cast becomes NULL.
pub(super) fn map(
    array: &ArrayRef,
    from: (&SqlType, &SqlType),
    to: (&SqlType, &SqlType),
    failures: &mut Failures,
) -> ArrayRef {
    let maps = array.as_map();
    let (mut offsets, keys) = used_range(maps.offsets(), maps.keys());
    let (_, values) = used_range(maps.offsets(), maps.values());
    let (mut of_keys, mut of_values) = (Failures::default(), Failures::default());
    let mut keys = cast(&keys, from.0, to.0, &mut of_keys);
    let mut values = cast(&values, from.1, to.1, &mut of_values);
    let mut broken = Failures::default();
    note_rows(&offsets, of_keys, &mut broken);
    note_rows(&offsets, of_values, failures);
    let mut nulls = maps.nulls().cloned();
    if let Some(rows) = rows_noted(&broken, maps.len()) {
        let kept = entries_outside(&offsets, &rows);
        (keys, values) = (rows_of(&keys, &kept), rows_of(&values, &kept));
        offsets = OffsetBuffer::from_lengths(
            offsets
                .lengths()
                .enumerate()
                .map(|(row, length)| if rows.value(row) { 0 } else { length }),
        );
        nulls = NullBuffer::union(nulls.as_ref(), Some(&NullBuffer::new(!&rows)));
    }
    failures.rows.append(&mut broken.rows);
    let field = map_entries(to.0, to.1);
    let DataType::Struct(fields) = field.data_type() else { unreachable!("entries are a struct") };
    let entries = StructArray::new(fields.clone(), vec![keys, values], None);
    Arc::new(MapArray::new(field, offsets, entries, nulls, false))
}

/// The entries of all rows but the given ones.
fn entries_outside(offsets: &OffsetBuffer<i32>, rows: &Rows) -> UInt32Array {
    let kept = offsets.windows(2).enumerate().filter(|(row, _)| !rows.value(*row));
    kept.flat_map(|(_, bounds)| bounds[0]..bounds[1])
        .map(|entry| u32::try_from(entry).expect("offsets are not negative"))
        .collect::<Vec<u32>>()
        .into()
}

/// Casts the fields of structs by name; a field the source lacks is NULL.
pub(super) fn structure(
    array: &ArrayRef,
    from: &[Field],
    to: &[Field],
    failures: &mut Failures,
) -> ArrayRef {
    let structs = array.as_struct();
    let rows = structs.len();
    let column = |field: &Field| {
        let source = from.iter().position(|other| other.name == field.name);
        match source {
            None => new_null_array(&arrow_type(&field.ty), rows),
            Some(index) => cast(structs.column(index), &from[index].ty, &field.ty, failures),
        }
    };
    let columns: Vec<ArrayRef> = to.iter().map(column).collect();
    let nulls = structs.nulls().cloned();
    if columns.is_empty() {
        return Arc::new(StructArray::new_empty_fields(rows, nulls));
    }
    Arc::new(StructArray::new(struct_fields(to), columns, nulls))
}

/// The entries that the rows of a possibly sliced array use, with offsets from zero.
fn used_range(offsets: &OffsetBuffer<i32>, child: &ArrayRef) -> (OffsetBuffer<i32>, ArrayRef) {
    let (first, last) = (offsets[0] as usize, offsets[offsets.len() - 1] as usize);
    if first == 0 && last == child.len() {
        return (offsets.clone(), child.clone());
    }
    (OffsetBuffer::from_lengths(offsets.lengths()), child.slice(first, last - first))
}

/// Notes the rows that own the failed entries.
fn note_rows(offsets: &OffsetBuffer<i32>, entries: Failures, failures: &mut Failures) {
    for (entry, message) in entries.rows {
        let row = offsets.partition_point(|offset| *offset as usize <= entry) - 1;
        failures.push(row, message);
    }
}
