//! Foreign-key join of two tables: a left row is joined with the right row whose primary key its
//! expression names (spec section 5.3). The nodes before keep both tables' stores; this operator keeps
//! the index from foreign keys to left primary keys. It runs in one task over all partitions.

use std::ops::ControlFlow;

use arrow_array::Array;

use super::joined::{JoinedRows, Pair};
use super::{Side, Sides};
use crate::Result;
use crate::chunk::Chunk;
use crate::context::Context;
use crate::expressions::Expressions;
use crate::operator::Operator;
use crate::row_codec::EncodedRows;
use crate::stores::{split_stored, timestamp_of};

/// Joins a table with another on a foreign key.
pub(crate) struct ForeignKeyJoinOp {
    /// LEFT instead of INNER.
    pub is_left: bool,
    /// The foreign key over the left.
    pub foreign_key: Expressions,
    /// Stores of left, right and the index.
    pub stores: [usize; 3],
    /// Codecs.
    pub sides: Sides,
}

/// A left row of one moment.
#[derive(Clone, Copy)]
struct LeftRow<'a> {
    row: &'a [u8],
    /// `None` when it is NULL or failed.
    foreign: Option<&'a [u8]>,
}

/// A stored right row with its timestamp.
type Partner = Option<(Vec<u8>, i64)>;

impl Operator for ForeignKeyJoinOp {
    fn process(
        &mut self,
        input: usize,
        chunk: Chunk,
        context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>> {
        let joined = match Side::of_input(input) {
            Side::Left => self.join_left(&chunk, context)?,
            Side::Right => self.join_right(&chunk, context)?,
        };
        if joined.len() == 0 {
            return Ok(Vec::new());
        }
        let partition = context.partition;
        Ok(vec![joined.into_chunk(&chunk, &self.sides.left.key, &self.sides, true, partition)?])
    }
}

impl ForeignKeyJoinOp {
    fn join_left(&self, chunk: &Chunk, context: &mut Context<'_>) -> Result<JoinedRows> {
        let left = &self.sides.left;
        let keys = left.key.encode(&chunk.key)?;
        let new_rows = left.value.encode(&chunk.value)?;
        let new_foreign = self.foreign_key.evaluate(chunk, |row| chunk.has_value(row), context);
        let new_bytes = self.sides.right.key.encode(&new_foreign)?;
        let old = match (&chunk.old, chunk.old_input()) {
            (Some(old), Some(input)) => {
                let foreign = self.foreign_key.evaluate(&input, |_| false, context);
                let bytes = self.sides.right.key.encode(&foreign)?;
                Some((left.value.encode(&old.value)?, foreign, bytes))
            }
            _ => None,
        };
        let mut joined = JoinedRows::default();
        for row in (0..chunk.rows()).filter(|row| chunk.has_whole_key(*row)) {
            joined.set_origin(row);
            let new = chunk.has_value(row).then(|| LeftRow {
                row: new_rows.row(row),
                foreign: foreign_bytes(&new_foreign[0], &new_bytes, row),
            });
            let old = old.as_ref().filter(|_| chunk.has_old(row));
            let old = old.map(|(rows, foreign, bytes)| LeftRow {
                row: rows.row(row),
                foreign: foreign_bytes(&foreign[0], bytes, row),
            });
            let time = chunk.timestamps.value(row);
            self.change_left(keys.row(row), new, old, time, &mut joined, context)?;
        }
        Ok(joined)
    }

    fn change_left(
        &self,
        key: &[u8],
        new: Option<LeftRow<'_>>,
        old: Option<LeftRow<'_>>,
        time: i64,
        joined: &mut JoinedRows,
        context: &mut Context<'_>,
    ) -> Result<()> {
        let foreign = new.and_then(|new| new.foreign);
        let old_foreign = old.and_then(|old| old.foreign);
        if foreign != old_foreign {
            let index = context.stores.index(self.stores[2])?;
            if let Some(old_foreign) = old_foreign {
                index.remove(old_foreign, key);
            }
            if let Some(foreign) = foreign {
                index.insert(foreign, key);
            }
        }
        let partner = self.partner(foreign, context)?;
        let old_partner = self.partner(old_foreign, context)?;
        let new_pair = self.pair(key, new, &partner);
        let old_pair = self.pair(key, old, &old_partner);
        // A row that is no longer joined leaves a tombstone even if it was not joined before: the
        // library underneath does not know that either.
        let is_removal = match (new, old) {
            (None, Some(old)) => self.is_left || old.foreign.is_some(),
            (Some(_), Some(_)) => foreign != old_foreign && old_foreign.is_some(),
            _ => false,
        };
        if new_pair.left.is_some() || is_removal {
            let timestamp_ms = partner.as_ref().map_or(time, |(_, partner)| time.max(*partner));
            joined.push(key, new_pair, old_pair, timestamp_ms);
        }
        Ok(())
    }

    fn partner(&self, foreign: Option<&[u8]>, context: &mut Context<'_>) -> Result<Partner> {
        let Some(foreign) = foreign else { return Ok(None) };
        let stored = context.stores.table(self.stores[1])?.get(foreign)?;
        Ok(stored.map(|stored| (split_stored(stored).to_vec(), timestamp_of(stored))))
    }

    fn pair<'a>(&self, key: &'a [u8], left: Option<LeftRow<'a>>, partner: &'a Partner) -> Pair<'a> {
        let Some(left) = left else { return Pair::NONE };
        let right = match (left.foreign, partner) {
            (Some(foreign), Some((row, _))) => Some((foreign, row.as_slice())),
            _ => None,
        };
        if right.is_none() && !self.is_left {
            return Pair::NONE;
        }
        Pair { left: Some((key, left.row)), right }
    }

    fn join_right(&self, chunk: &Chunk, context: &mut Context<'_>) -> Result<JoinedRows> {
        let right = &self.sides.right;
        let keys = right.key.encode(&chunk.key)?;
        let new_rows = right.value.encode(&chunk.value)?;
        let old_rows = match &chunk.old {
            Some(old) => Some(right.value.encode(&old.value)?),
            None => None,
        };
        let mut joined = JoinedRows::default();
        for row in (0..chunk.rows()).filter(|row| chunk.has_whole_key(*row)) {
            joined.set_origin(row);
            let key = keys.row(row);
            let new = chunk.has_value(row).then(|| (key, new_rows.row(row)));
            let old = old_rows.as_ref().filter(|_| chunk.has_old(row));
            let old = old.map(|rows| (key, rows.row(row)));
            let time = chunk.timestamps.value(row);
            for primary in self.subscribers(key, context)? {
                let store = context.stores.table(self.stores[0])?;
                let Some(stored) = store.get(&primary)? else { continue };
                let left = Some((primary.as_slice(), split_stored(stored)));
                let pair = |right: Option<(_, _)>| match right.is_some() || self.is_left {
                    true => Pair { left, right },
                    false => Pair::NONE,
                };
                joined.push(&primary, pair(new), pair(old), time.max(timestamp_of(stored)));
            }
        }
        Ok(joined)
    }

    /// Primary keys of the left rows that refer to `foreign`, ascending.
    fn subscribers(&self, foreign: &[u8], context: &mut Context<'_>) -> Result<Vec<Vec<u8>>> {
        let mut primaries = Vec::new();
        context.stores.index(self.stores[2])?.primaries(foreign, |primary| {
            primaries.push(primary.to_vec());
            ControlFlow::Continue(())
        })?;
        Ok(primaries)
    }
}

fn foreign_bytes<'a>(column: &dyn Array, bytes: &'a EncodedRows, row: usize) -> Option<&'a [u8]> {
    column.is_valid(row).then(|| bytes.row(row))
}
