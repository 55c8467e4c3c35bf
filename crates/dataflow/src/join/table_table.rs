//! Table-table join on the primary key: each change of a side is joined anew with the other side's
//! present row (spec section 5.3). The nodes before keep both tables' stores.

use plan::logical::JoinKind;

use super::joined::{JoinedRows, Pair, SideRow};
use super::{Side, Sides};
use crate::Result;
use crate::chunk::Chunk;
use crate::context::Context;
use crate::operator::Operator;
use crate::stores::{split_stored, timestamp_of};

/// Joins two tables.
pub(crate) struct TableTableJoinOp {
    /// INNER, LEFT, RIGHT or FULL.
    pub kind: JoinKind,
    /// Stores of left and right.
    pub stores: [usize; 2],
    /// Codecs.
    pub sides: Sides,
}

impl Operator for TableTableJoinOp {
    fn process(
        &mut self,
        input: usize,
        chunk: Chunk,
        context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>> {
        let side = Side::of_input(input);
        let codec = self.sides.codec(side);
        let keys = codec.key.encode(&chunk.key)?;
        let new_rows = codec.value.encode(&chunk.value)?;
        let old_rows = match &chunk.old {
            Some(old) => Some(codec.value.encode(&old.value)?),
            None => None,
        };
        let store = context.stores.table(self.stores[side.other().index()])?;
        let mut joined = JoinedRows::default();
        for row in (0..chunk.rows()).filter(|row| chunk.has_whole_key(*row)) {
            joined.set_origin(row);
            let key = keys.row(row);
            let stored = store.get(key)?;
            let partner = stored.map(|stored| (key, split_stored(stored)));
            let new = chunk.has_value(row).then(|| (key, new_rows.row(row)));
            let old = old_rows.as_ref().filter(|_| chunk.has_old(row));
            let old = old.map(|rows| (key, rows.row(row)));
            let (new, old) = (self.pair(side, new, partner), self.pair(side, old, partner));
            if new.left.is_none()
                && new.right.is_none()
                && old.left.is_none()
                && old.right.is_none()
            {
                continue;
            }
            let time = chunk.timestamps.value(row);
            let timestamp_ms = stored.map_or(time, |stored| time.max(timestamp_of(stored)));
            joined.push(key, new, old, timestamp_ms);
        }
        if joined.len() == 0 {
            return Ok(Vec::new());
        }
        let partition = context.partition;
        Ok(vec![joined.into_chunk(&chunk, &codec.key, &self.sides, true, partition)?])
    }
}

impl TableTableJoinOp {
    /// The joined row of both sides, or nothing when the kind of join has none for them.
    fn pair<'a>(&self, side: Side, this: SideRow<'a>, partner: SideRow<'a>) -> Pair<'a> {
        let pair = match side {
            Side::Left => Pair { left: this, right: partner },
            Side::Right => Pair { left: partner, right: this },
        };
        let exists = match (pair.left.is_some(), pair.right.is_some()) {
            (true, true) => true,
            (true, false) => Side::Left.is_kept_by(self.kind),
            (false, true) => Side::Right.is_kept_by(self.kind),
            (false, false) => false,
        };
        if exists { pair } else { Pair::NONE }
    }
}
