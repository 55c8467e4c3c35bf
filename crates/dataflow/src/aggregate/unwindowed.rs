//! Aggregation without windows, over streams and tables.

use super::calls::Calls;
use super::emission::{Emission, Emitted, Shape};
use super::slots::Slots;
use crate::Result;
use crate::chunk::{Chunk, row_number, take_columns};
use crate::context::Context;
use crate::operator::{LogChange, Operator};
use crate::row_codec::RowCodec;
use crate::stores::Stores;
use arrow_array::UInt32Array;

/// Aggregates by key.
pub(crate) struct AggregateOp {
    store: usize,
    key: RowCodec,
    calls: Calls,
    needs_old: bool,
    slots: Slots,
    /// Coalescing: changed slots of the batch, with the pending number of their replaced results.
    touched: Vec<(u32, Option<u32>)>,
    /// Whether all groups are in memory, so that the store need not be asked; `None` when not known yet.
    is_complete: Option<bool>,
    stored: Vec<u8>,
}

impl AggregateOp {
    /// An aggregation whose groups lie in store `store`.
    pub fn new(store: usize, key: RowCodec, calls: Calls, needs_old: bool) -> Self {
        Self {
            store,
            key,
            calls,
            needs_old,
            slots: Slots::default(),
            touched: Vec::new(),
            is_complete: None,
            stored: Vec::new(),
        }
    }

    /// The slot of a key, read from the store when it is new in memory.
    fn slot(&mut self, key: &[u8], context: &mut Context<'_>) -> Result<usize> {
        let (slot, is_new) = self.slots.find_or_insert(key, 0);
        if is_new {
            self.calls.resize(self.slots.len());
            self.calls.clear(slot);
            let store = context.stores.table(self.store)?;
            let is_complete = match self.is_complete {
                Some(known) => known,
                None => *self.is_complete.insert(store.is_empty()?),
            };
            if !is_complete && let Some(stored) = store.read(key)? {
                let timestamp_ms = self.calls.load(slot, &stored)?;
                let group = self.slots.group(slot);
                (group.timestamp_ms, group.exists) = (timestamp_ms, true);
            }
        }
        Ok(slot)
    }

    fn update(
        &mut self,
        row: usize,
        key: &[u8],
        chunk: &Chunk,
        emission: &mut Emission,
        context: &mut Context<'_>,
    ) -> Result<()> {
        let slot = self.slot(key, context)?;
        let exists = self.slots.group(slot).exists;
        if !exists && !chunk.has_value(row) {
            // What the row replaces was never counted, so there is nothing to undo.
            return Ok(());
        }
        let is_touched = self.slots.group(slot).is_touched;
        let wants_old = self.needs_old && exists && !(context.options.is_coalescing && is_touched);
        let old = wants_old.then(|| self.calls.push(slot));
        if exists && chunk.has_old(row) {
            self.calls.undo(slot, row)?;
        }
        if chunk.has_value(row) {
            self.calls.add(slot, row)?;
        }
        let group = self.slots.group(slot);
        group.exists = true;
        group.timestamp_ms = group.timestamp_ms.max(chunk.timestamps.value(row));
        let timestamp_ms = group.timestamp_ms;
        self.slots.mark_changed(slot);
        if !context.options.is_coalescing {
            let new = Some(self.calls.push(slot));
            let key = row_number(row);
            emission.push(Emitted { key, window: (0, 0), timestamp_ms, new, old });
        } else if !is_touched {
            self.slots.group(slot).is_touched = true;
            self.touched.push((row_number(slot), old));
        }
        Ok(())
    }

    /// Writes groups, which are logged already, to the store.
    fn store_slots(&mut self, slots: &[u32], stores: &mut Stores) -> Result<()> {
        let store = stores.table(self.store)?;
        for slot in slots {
            let slot = *slot as usize;
            self.calls.save(self.slots.group(slot).timestamp_ms, slot, &mut self.stored);
            store.restore(self.slots.key(slot), Some(&self.stored));
        }
        Ok(())
    }

    fn emit_touched(&mut self, context: &Context<'_>) -> Result<Vec<Chunk>> {
        let mut emission = Emission::default();
        for (key, old) in std::mem::take(&mut self.touched) {
            let slot = key as usize;
            let new = Some(self.calls.push(slot));
            let group = self.slots.group(slot);
            group.is_touched = false;
            let timestamp_ms = group.timestamp_ms;
            emission.push(Emitted { key, window: (0, 0), timestamp_ms, new, old });
        }
        if emission.len() == 0 {
            return Ok(Vec::new());
        }
        let key = self.slots.key_columns(&emission.keys, &self.key)?;
        let shape = self.shape(context);
        Ok(vec![emission.into_chunk(key, &mut self.calls, shape)?])
    }

    fn shape(&self, context: &Context<'_>) -> Shape {
        Shape { has_old: self.needs_old, is_windowed: false, partition: context.partition }
    }
}

impl Operator for AggregateOp {
    fn process(
        &mut self,
        _input: usize,
        chunk: Chunk,
        context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>> {
        self.calls.bind(&chunk, context)?;
        let keys = self.key.encode(&chunk.key)?;
        let mut emission = Emission::default();
        for row in 0..chunk.rows() {
            let counts = chunk.has_value(row) || chunk.has_old(row);
            if counts && chunk.has_whole_key(row) {
                self.update(row, keys.row(row), &chunk, &mut emission, context)?;
            }
        }
        if emission.len() == 0 {
            return Ok(Vec::new());
        }
        let rows = UInt32Array::from(emission.keys.clone());
        let key = take_columns(&chunk.key, &rows)?;
        let shape = self.shape(context);
        let emitted = emission.into_chunk(key, &mut self.calls, shape)?;
        Ok(vec![Chunk { headers: chunk.take_headers(&rows)?, ..emitted }])
    }

    fn end_batch(&mut self, context: &mut Context<'_>) -> Result<Vec<Chunk>> {
        self.emit_touched(context)
    }

    fn log_changes(&mut self, log: LogChange<'_>) {
        for slot in self.slots.take_changed() {
            let slot = slot as usize;
            self.calls.save(self.slots.group(slot).timestamp_ms, slot, &mut self.stored);
            self.slots.note_saved(slot, self.stored.len());
            log(self.store, self.slots.key(slot), &self.stored);
        }
    }

    fn spill(&mut self, stores: &mut Stores) -> Result<()> {
        let unstored = self.slots.take_unstored();
        self.store_slots(&unstored, stores)
    }

    fn held_bytes(&self) -> usize {
        self.slots.held_bytes()
    }

    fn release(&mut self, bytes_max: usize, stores: &mut Stores) -> Result<()> {
        let oldest = self.slots.oldest(bytes_max);
        if oldest.is_empty() {
            return Ok(());
        }
        self.is_complete = Some(false);
        let unstored = self.slots.take_unstored_of(&oldest);
        self.store_slots(&unstored, stores)?;
        oldest.iter().for_each(|slot| self.calls.clear(*slot as usize));
        self.slots.remove(&oldest);
        Ok(())
    }
}
