//! Joined rows, gathered as bytes and turned into columns once per chunk.

use arrow_array::ArrayRef;

use super::Sides;
use crate::Result;
use crate::Windows;
use crate::chunk::{Chunk, Old, row_number};
use crate::row_codec::RowCodec;
use crate::stores::FoundRows;

/// One side of a row: its key and its value, encoded; `None` when the side is missing.
pub(super) type SideRow<'a> = Option<(&'a [u8], &'a [u8])>;

/// A row of one moment: both sides, or nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair<'a> {
    pub left: SideRow<'a>,
    pub right: SideRow<'a>,
}

impl Pair<'_> {
    /// No row.
    pub const NONE: Self = Self { left: None, right: None };

    fn is_there(&self) -> bool {
        self.left.is_some() || self.right.is_some()
    }
}

/// Rows that leave a join.
#[derive(Debug, Default)]
pub(super) struct JoinedRows {
    keys: FoundRows,
    new: Columns,
    old: Columns,
    timestamps: Vec<i64>,
    windows: Vec<(i64, i64)>,
    /// For each row, the row of the input that led to it.
    origins: Vec<u32>,
    origin: u32,
}

#[derive(Debug, Default)]
struct Columns {
    present: Vec<bool>,
    left_key: FoundRows,
    left: FoundRows,
    right_key: FoundRows,
    right: FoundRows,
}

impl Columns {
    fn push(&mut self, pair: Pair<'_>) {
        self.present.push(pair.is_there());
        self.left_key.push_row(pair.left.map(|side| side.0));
        self.left.push_row(pair.left.map(|side| side.1));
        self.right_key.push_row(pair.right.map(|side| side.0));
        self.right.push_row(pair.right.map(|side| side.1));
    }

    fn decode(&self, sides: &Sides) -> Result<Vec<ArrayRef>> {
        let mut columns = self.left_key.decode(&sides.left.key)?;
        columns.extend(self.left.decode(&sides.left.value)?);
        columns.extend(self.right_key.decode(&sides.right.key)?);
        columns.extend(self.right.decode(&sides.right.value)?);
        Ok(columns)
    }
}

impl JoinedRows {
    /// Adds a row: its key, what it is now, what it was; a row that is not there now is a tombstone.
    pub fn push(&mut self, key: &[u8], new: Pair<'_>, old: Pair<'_>, timestamp_ms: i64) {
        self.keys.push_row(Some(key));
        self.new.push(new);
        self.old.push(old);
        self.timestamps.push(timestamp_ms);
        self.origins.push(self.origin);
    }

    /// Tells which row of the input leads to what is pushed from now on.
    pub fn set_origin(&mut self, row: usize) {
        self.origin = row_number(row);
    }

    /// Sets the window of the row added last.
    pub fn set_window(&mut self, window: (i64, i64)) {
        self.windows.push(window);
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.timestamps.len()
    }

    /// The rows as a chunk, which `input` led to; `key` decodes their keys.
    pub fn into_chunk(
        self,
        input: &Chunk,
        key: &RowCodec,
        sides: &Sides,
        has_old: bool,
        partition: i32,
    ) -> Result<Chunk> {
        let is_whole = self.new.present.iter().all(|present| *present);
        let old = match has_old {
            true => Some(Old {
                value: self.old.decode(sides)?,
                present: self.old.present.clone().into(),
            }),
            false => None,
        };
        let windows = (!self.windows.is_empty()).then(|| Windows {
            start: self.windows.iter().map(|window| window.0).collect::<Vec<i64>>().into(),
            end: self.windows.iter().map(|window| window.1).collect::<Vec<i64>>().into(),
        });
        Ok(Chunk {
            key: self.keys.decode(key)?,
            key_present: None,
            value: self.new.decode(sides)?,
            present: (!is_whole).then(|| self.new.present.into()),
            old,
            timestamps: self.timestamps.into(),
            windows,
            partition,
            offsets: None,
            headers: input.take_headers(&self.origins.into())?,
        })
    }
}
