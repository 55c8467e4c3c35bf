//! Row events: the rows that a statement inserted, updated or deleted.
//!
//! Layout: table number (6), flags (2), in version 2 the length of extra data with itself (2) and
//! the extra data, number of columns (packed), bits of the columns present (twice for updates),
//! then row images until the end. An image: null bits of the columns present, then their values.

use std::borrow::Cow;

use super::column;
use super::compressed::unpack;
use super::reader::Reader;
use super::table_map::TableMap;
use crate::error::{Error, Result};
use crate::mysql::cell::Cell;

/// What happened to rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// They are new.
    Insert,
    /// They changed.
    Update,
    /// They are gone.
    Delete,
}

/// One row's change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change<'a> {
    /// The row before; none for inserts.
    pub before: Option<Vec<Cell<'a>>>,
    /// The row after; none for deletes.
    pub after: Option<Vec<Cell<'a>>>,
}

/// A row event whose rows are still to be decoded.
#[derive(Debug)]
pub struct RowsEvent<'a> {
    /// Number of the table.
    pub table_id: u64,
    change: ChangeKind,
    present: [&'a [u8]; 2],
    columns: usize,
    rows: Cow<'a, [u8]>,
}

impl<'a> RowsEvent<'a> {
    /// Reads the event's header; unpacks its rows when `is_compressed`.
    pub fn parse(
        data: &'a [u8],
        change: ChangeKind,
        has_extra: bool,
        is_compressed: bool,
    ) -> Result<Self> {
        let mut reader = Reader(data);
        let table_id = reader.little(6)?;
        reader.take(2)?;
        if has_extra {
            let length = reader.little(2)? as usize;
            reader.take(length.saturating_sub(2))?;
        }
        let columns = reader.packed()? as usize;
        let first = reader.take(columns.div_ceil(8))?;
        let second = match change {
            ChangeKind::Update => reader.take(columns.div_ceil(8))?,
            _ => first,
        };
        let rows = match is_compressed {
            true => Cow::Owned(unpack(reader.0)?),
            false => Cow::Borrowed(reader.0),
        };
        Ok(Self { table_id, change, present: [first, second], columns, rows })
    }

    /// Calls `each` for every changed row, in order; `unsigned` tells which columns are.
    ///
    /// # Errors
    /// When the bytes don't fit `map`, or with the first error of `each`.
    pub fn for_each(
        &self,
        map: &TableMap,
        unsigned: &[bool],
        mut each: impl FnMut(Change<'_>) -> Result<()>,
    ) -> Result<()> {
        if map.types.len() != self.columns {
            return Err(Error::Malformed(format!(
                "rows of {} columns for a table of {}",
                self.columns,
                map.types.len()
            )));
        }
        let mut reader = Reader(&self.rows);
        while !reader.is_empty() {
            let first = self.image(0, &mut reader, map, unsigned)?;
            each(match self.change {
                ChangeKind::Insert => Change { before: None, after: Some(first) },
                ChangeKind::Delete => Change { before: Some(first), after: None },
                ChangeKind::Update => {
                    let after = self.image(1, &mut reader, map, unsigned)?;
                    Change { before: Some(first), after: Some(after) }
                }
            })?;
        }
        Ok(())
    }

    fn image<'r>(
        &self,
        which: usize,
        reader: &mut Reader<'r>,
        map: &TableMap,
        unsigned: &[bool],
    ) -> Result<Vec<Cell<'r>>> {
        let present = self.present[which];
        let count = (0..self.columns).filter(|column| bit(present, *column)).count();
        let nulls = reader.take(count.div_ceil(8))?;
        let mut cells = Vec::with_capacity(self.columns);
        let mut at = 0;
        for (index, (code, metadata)) in map.types.iter().enumerate() {
            if !bit(present, index) {
                cells.push(Cell::Null);
                continue;
            }
            let is_unsigned = unsigned.get(index).copied().unwrap_or(false);
            cells.push(match bit(nulls, at) {
                true => Cell::Null,
                false => column::decode(*code, *metadata, is_unsigned, reader)?,
            });
            at += 1;
        }
        Ok(cells)
    }
}

fn bit(bits: &[u8], index: usize) -> bool {
    bits.get(index / 8).is_some_and(|byte| byte & (1 << (index % 8)) != 0)
}
