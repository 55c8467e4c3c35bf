//! ARRAY and MAP columns for the functions that look into them: where the entries of each row are, and
//! building new columns by picking entries.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray, MapArray, StructArray, UInt32Array};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::DataType;
use arrow_select::interleave::interleave;
use arrow_select::take::take;
use std::ops::Range;
use std::sync::Arc;
use types::{SqlType, columns};

/// An ARRAY or MAP column.
pub struct Collection {
    /// One array per part of an entry: the elements, or the keys and the values.
    pub parts: Vec<ArrayRef>,
    offsets: OffsetBuffer<i32>,
    nulls: Option<NullBuffer>,
}

impl Collection {
    /// Looks into an ARRAY or MAP column.
    ///
    /// # Panics
    /// If it is neither, which resolution excludes.
    pub fn of(column: &ArrayRef) -> Self {
        let (parts, offsets) = match column.data_type() {
            DataType::List(_) => {
                let list = column.as_list::<i32>();
                (vec![list.values().clone()], list.offsets().clone())
            }
            DataType::Map(..) => {
                let map = column.as_map();
                (vec![map.keys().clone(), map.values().clone()], map.offsets().clone())
            }
            other => unreachable!("resolution lets no {other} through"),
        };
        Self { parts, offsets, nulls: column.nulls().cloned() }
    }

    /// The entries of `row`, as positions in the parts; `None` if it is NULL.
    pub fn entries(&self, row: usize) -> Option<Range<usize>> {
        let is_null = self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
        let position =
            |row: usize| usize::try_from(self.offsets[row]).expect("offsets grow from 0");
        (!is_null).then(|| position(row)..position(row + 1))
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Every entry of every row that is not NULL, one behind the other.
    pub fn flatten(&self) -> Flat {
        let (mut rows, mut positions) = (Vec::new(), Vec::new());
        for row in 0..self.rows() {
            let entries = self.entries(row).unwrap_or(0..0);
            rows.extend(std::iter::repeat_n(row as u32, entries.len()));
            positions.extend(entries.map(|entry| entry as u32));
        }
        let positions = UInt32Array::from(positions);
        let parts = self.parts.iter().map(|part| taken(part, &positions)).collect();
        Flat { parts, rows }
    }

    /// A column of type `returns` with the same rows, made of other entries: one array per part, in
    /// the order and number of [`Self::flatten`], with `failed` rows NULL.
    pub fn with_entries(
        &self,
        returns: &SqlType,
        parts: Vec<ArrayRef>,
        failed: &[bool],
    ) -> ArrayRef {
        let lengths =
            (0..self.rows()).map(|row| self.entries(row).map_or(0, |entries| entries.len()));
        let offsets = OffsetBuffer::from_lengths(lengths);
        let valid = (0..self.rows()).map(|row| self.entries(row).is_some() && !failed[row]);
        collection(returns, offsets, parts, valid.collect())
    }
}

/// The entries of all rows of a collection.
pub struct Flat {
    /// One array per part of an entry.
    pub parts: Vec<ArrayRef>,
    /// The row of each entry.
    pub rows: Vec<u32>,
}

/// A collection column in the making: each row is NULL or a list of entries picked from sources.
#[derive(Default)]
pub struct Picks {
    picks: Vec<(usize, usize)>,
    lengths: Vec<usize>,
    valid: Vec<bool>,
}

impl Picks {
    /// Appends a row of entries, each a source and a position in it.
    pub fn push(&mut self, entries: impl IntoIterator<Item = (usize, usize)>) {
        let before = self.picks.len();
        self.picks.extend(entries);
        self.lengths.push(self.picks.len() - before);
        self.valid.push(true);
    }

    /// Appends NULL.
    pub fn push_null(&mut self) {
        self.lengths.push(0);
        self.valid.push(false);
    }

    /// The column of type `returns`. `sources` has one list of arrays per part of an entry.
    pub fn finish(self, returns: &SqlType, sources: &[Vec<&dyn Array>]) -> ArrayRef {
        let part = |arrays: &Vec<&dyn Array>| {
            interleave(arrays, &self.picks).expect("the sources have one type")
        };
        let parts = sources.iter().map(part).collect();
        collection(
            returns,
            OffsetBuffer::from_lengths(self.lengths.iter().copied()),
            parts,
            self.valid.into(),
        )
    }
}

fn collection(
    returns: &SqlType,
    offsets: OffsetBuffer<i32>,
    parts: Vec<ArrayRef>,
    valid: NullBuffer,
) -> ArrayRef {
    match returns {
        SqlType::Array(element) => {
            let [elements] = <[ArrayRef; 1]>::try_from(parts).expect("an ARRAY has one part");
            Arc::new(ListArray::new(columns::list_item(element), offsets, elements, Some(valid)))
        }
        SqlType::Map(key, value) => {
            let field = columns::map_entries(key, value);
            let DataType::Struct(fields) = field.data_type() else {
                unreachable!("the entries of a map are structs")
            };
            let entries = StructArray::new(fields.clone(), parts, None);
            Arc::new(MapArray::new(field, offsets, entries, Some(valid), false))
        }
        other => unreachable!("{other} is no collection"),
    }
}

/// The elements of `array` at `positions`.
pub fn taken(array: &ArrayRef, positions: &UInt32Array) -> ArrayRef {
    take(array, positions, None).expect("the positions are in bounds")
}
