//! Stream-table join: each stream row looks up the table's row of its key as it is now. The table's
//! own changes lead to nothing; its store is kept by the node before.

use arrow_array::UInt32Array;

use crate::Result;
use crate::chunk::{Chunk, kept_rows, row_number, take_columns};
use crate::context::Context;
use crate::operator::Operator;
use crate::stores::{FoundRows, TableCodec};

/// Looks up a table.
pub(crate) struct StreamTableJoinOp {
    /// LEFT instead of INNER.
    pub is_left: bool,
    /// Index of the table's store.
    pub store: usize,
    /// How the table's rows lie in it.
    pub codec: TableCodec,
}

impl Operator for StreamTableJoinOp {
    fn process(
        &mut self,
        input: usize,
        chunk: Chunk,
        context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>> {
        if input != 0 {
            return Ok(Vec::new());
        }
        let keys = self.codec.key.encode(&chunk.key)?;
        let store = context.stores.table(self.store)?;
        let mut found = FoundRows::default();
        for row in 0..chunk.rows() {
            let is_lookup = chunk.has_value(row) && chunk.has_whole_key(row);
            found.push(if is_lookup { store.get(keys.row(row))? } else { None });
        }
        let partners = (0..chunk.rows())
            .map(|row| found.is_found(row).then(|| row_number(row)))
            .collect::<UInt32Array>();
        let mut value = chunk.key.clone();
        value.extend_from_slice(&chunk.value);
        value.extend(take_columns(&chunk.key, &partners)?);
        value.extend(found.columns(&self.codec)?);
        let kept = kept_rows(chunk.rows(), |row| {
            chunk.has_value(row) && (self.is_left || found.is_found(row))
        });
        let joined = Chunk { value, present: None, ..chunk };
        if kept.is_empty() {
            return Ok(Vec::new());
        }
        Ok(vec![if kept.len() == joined.rows() { joined } else { joined.take(&kept)? }])
    }
}
