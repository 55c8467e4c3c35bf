//! Keeps a table's rows in a store and hands them on with their old values. Used for plan nodes of
//! that name and by sources that read tables.

use state::WindowKey;

use super::{Operator, one};
use crate::chunk::{Chunk, Old};
use crate::coalesce;
use crate::context::Context;
use crate::stores::{FoundRows, TableCodec};
use crate::{Result, Windows};

/// Remembers a table.
pub(crate) struct MaterializeOp {
    /// Index of the store.
    pub store: usize,
    /// How rows lie in it.
    pub codec: TableCodec,
}

impl Operator for MaterializeOp {
    fn process(
        &mut self,
        _input: usize,
        chunk: Chunk,
        context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>> {
        Ok(one(self.remember(chunk, context)?))
    }
}

impl MaterializeOp {
    /// Stores the rows one after the other and fills in what each replaced; with coalescing, a key's
    /// rows leave as one.
    pub fn remember(&self, chunk: Chunk, context: &mut Context<'_>) -> Result<Chunk> {
        let keys = self.codec.key.encode(&chunk.key)?;
        let values = self.codec.encode_values(&chunk.value)?;
        let store = context.stores.rows(self.store)?;
        let mut found = FoundRows::default();
        let mut stored = Vec::new();
        for row in 0..chunk.rows() {
            let (key, window) = (keys.row(row), window_key(chunk.windows.as_ref(), row));
            found.push(store.get_row(key, window)?);
            if chunk.has_value(row) {
                let timestamp_ms = chunk.timestamps.value(row);
                TableCodec::write_row(timestamp_ms, values.row(row), &mut stored);
                store.put_row(key, window, &stored)?;
            } else if found.is_found(row) {
                store.delete_row(key, window);
            }
        }
        let present = (0..found.len()).map(|row| found.is_found(row)).collect();
        let old = Old { value: found.columns(&self.codec)?, present };
        let chunk = Chunk { old: Some(old), ..chunk };
        if !context.options.is_coalescing {
            return Ok(chunk);
        }
        let windows = chunk.windows.clone();
        coalesce::merge_rows(chunk, |row| (keys.row(row), window_key(windows.as_ref(), row)))
    }

    /// Stores rows without telling what they replace, during recovery from the table's own topic.
    pub fn restore(&self, chunk: &Chunk, context: &mut Context<'_>) -> Result<()> {
        let keys = self.codec.key.encode(&chunk.key)?;
        let values = self.codec.encode_values(&chunk.value)?;
        let store = context.stores.rows(self.store)?;
        let mut stored = Vec::new();
        for row in 0..chunk.rows() {
            let (key, window) = (keys.row(row), window_key(chunk.windows.as_ref(), row));
            if chunk.has_value(row) {
                let timestamp_ms = chunk.timestamps.value(row);
                TableCodec::write_row(timestamp_ms, values.row(row), &mut stored);
                store.put_row(key, window, &stored)?;
            } else {
                store.delete_row(key, window);
            }
        }
        // What is restored is no new change.
        store.bytes().drain_changes(|_, _| {});
        Ok(())
    }
}

/// The window of a row; the one without bounds for tables that are not windowed.
fn window_key(windows: Option<&Windows>, row: usize) -> WindowKey {
    match windows {
        Some(windows) => WindowKey { end: windows.end.value(row), start: windows.start.value(row) },
        None => WindowKey { end: 0, start: 0 },
    }
}
