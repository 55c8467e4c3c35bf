//! Aggregation in session windows (spec sections 4.2 to 4.4). Sessions of a key within the gap of a
//! record are merged with it; each session that is absorbed leaves as a tombstone.

use arrow_array::UInt32Array;
use std::ops::ControlFlow;

use plan::logical::{Emit, Window, WindowShape};
use state::WindowKey;

use super::calls::Calls;
use super::emission::{Emission, Emitted, Shape};
use super::time_windows::{Finals, default_grace_ms};
use crate::Result;
use crate::chunk::{Chunk, row_number, take_columns};
use crate::coalesce::{self, Span};
use crate::context::Context;
use crate::operator::Operator;
use crate::row_codec::RowCodec;

/// Slot of the session that grows.
const MERGED: usize = 0;
/// Slot of a session that is merged into it.
const FOUND: usize = 1;
/// Name of the note that keeps stream time over restarts.
const STREAM_TIME: &str = "stream time";
/// Name of the note that keeps up to where sessions were emitted.
const EMITTED: &str = "emitted";

/// Aggregates by key and session.
pub(crate) struct SessionAggregateOp {
    store: usize,
    key: RowCodec,
    calls: Calls,
    needs_old: bool,
    gap_ms: i64,
    grace_ms: i64,
    retention_ms: i64,
    finals: Option<Finals>,
    stream_time: Option<i64>,
    /// For each row that is emitted, whether its session was there before.
    existed: Vec<bool>,
}

/// A stored session.
struct Found {
    window: WindowKey,
    stored: Vec<u8>,
}

impl SessionAggregateOp {
    /// An aggregation whose groups lie in the windowed store `store`; `None` when `window` is no
    /// session.
    pub fn try_new(
        store: usize,
        key: RowCodec,
        mut calls: Calls,
        needs_old: bool,
        window: &Window,
        emit: Emit,
    ) -> Option<Self> {
        let WindowShape::Session { gap_ms } = window.kind else { return None };
        let grace_ms = window.grace_ms.unwrap_or_else(|| default_grace_ms(gap_ms, emit));
        let retention_ms = window.retention_ms.unwrap_or_else(|| gap_ms.saturating_add(grace_ms));
        calls.resize(FOUND + 1);
        Some(Self {
            store,
            key,
            calls,
            needs_old,
            gap_ms,
            grace_ms,
            retention_ms,
            finals: (emit == Emit::Final).then(Finals::default),
            stream_time: None,
            existed: Vec::new(),
        })
    }

    fn stream_time(&mut self, context: &mut Context<'_>) -> Result<i64> {
        if let Some(time) = self.stream_time {
            return Ok(time);
        }
        let store = context.stores.windowed(self.store)?;
        let time = store.note(STREAM_TIME)?.unwrap_or(i64::MIN);
        if let Some(finals) = &mut self.finals {
            finals.emitted = store.note(EMITTED)?;
        }
        Ok(*self.stream_time.insert(time))
    }

    /// Sessions that end before this are closed.
    fn closing(&self, stream_time: i64) -> i64 {
        stream_time.saturating_sub(self.grace_ms).saturating_sub(self.gap_ms)
    }

    fn add(
        &mut self,
        row: usize,
        key: &[u8],
        chunk: &Chunk,
        emission: &mut Emission,
        context: &mut Context<'_>,
    ) -> Result<()> {
        let timestamp_ms = chunk.timestamps.value(row);
        let time_before = self.stream_time(context)?;
        let stream_time = time_before.max(timestamp_ms);
        self.stream_time = Some(stream_time);
        // Sessions whose retention is over are gone, even while they still lie in the store.
        let oldest_end = time_before.saturating_sub(self.retention_ms).saturating_add(1);
        let found = self.within_gap(key, timestamp_ms, oldest_end, context)?;
        let mut merged = WindowKey { end: timestamp_ms, start: timestamp_ms };
        for session in &found {
            merged.start = merged.start.min(session.window.start);
            merged.end = merged.end.max(session.window.end);
        }
        if merged.end < self.closing(stream_time) {
            context.reporter.late();
            return Ok(());
        }
        // A session of one moment only takes more records; nothing is absorbed.
        let is_grown = merged.start != merged.end;
        let replaced = self.absorb(row, key, &found, is_grown, emission, context)?;
        self.calls.add(MERGED, row)?;
        let mut stored = Vec::new();
        self.calls.save(merged.end, MERGED, &mut stored);
        context.stores.windowed(self.store)?.put(key, merged, &stored)?;
        if self.finals.is_none() {
            self.existed.push(!is_grown && !found.is_empty());
            emission.push(Emitted {
                key: row_number(row),
                window: (merged.start, merged.end),
                timestamp_ms: merged.end,
                new: Some(self.calls.push(MERGED)),
                old: replaced,
            });
        }
        Ok(())
    }

    fn within_gap(
        &self,
        key: &[u8],
        timestamp_ms: i64,
        oldest_end: i64,
        context: &mut Context<'_>,
    ) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        let earliest_end = timestamp_ms.saturating_sub(self.gap_ms).max(oldest_end);
        let latest_start = timestamp_ms.saturating_add(self.gap_ms);
        let store = context.stores.windowed(self.store)?;
        store.scan_key(key, earliest_end, i64::MAX, |window, stored| {
            if window.start <= latest_start {
                found.push(Found { window, stored: stored.to_vec() });
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// Merges the found sessions into slot [`MERGED`]. When the session grows they leave the store and
    /// their rows become tombstones; else there is one with the same bounds, whose pending result is
    /// given back.
    fn absorb(
        &mut self,
        row: usize,
        key: &[u8],
        found: &[Found],
        is_grown: bool,
        emission: &mut Emission,
        context: &mut Context<'_>,
    ) -> Result<Option<u32>> {
        self.calls.clear(MERGED);
        let mut replaced = None;
        for session in found {
            self.calls.clear(FOUND);
            self.calls.load(FOUND, &session.stored)?;
            self.calls.merge(MERGED, FOUND)?;
            let wants_old = self.needs_old && self.finals.is_none();
            let old = wants_old.then(|| self.calls.push(FOUND));
            if !is_grown {
                replaced = old;
                continue;
            }
            context.stores.windowed(self.store)?.delete(key, session.window);
            if self.finals.is_none() {
                self.existed.push(true);
                emission.push(Emitted {
                    key: row_number(row),
                    window: (session.window.start, session.window.end),
                    timestamp_ms: session.window.end,
                    new: None,
                    old,
                });
            }
        }
        Ok(replaced)
    }

    /// EMIT FINAL: the rows of the sessions that time has closed, if it is due.
    fn emit_closed(&mut self, context: &mut Context<'_>) -> Result<Option<Chunk>> {
        let stream_time = self.stream_time(context)?;
        let closing = self.closing(stream_time);
        let Some(finals) = &mut self.finals else { return Ok(None) };
        if !finals.is_due(closing, context) {
            return Ok(None);
        }
        let from = finals.emitted.replace(closing).unwrap_or(i64::MIN);
        let mut closed: Vec<(i64, Vec<u8>, WindowKey)> = Vec::new();
        let store = context.stores.windowed(self.store)?;
        store.scan_time(from, closing.saturating_sub(1), |window, key| {
            closed.push((window.start, key.to_vec(), window));
            ControlFlow::Continue(())
        })?;
        closed.sort();
        let mut emission = Emission::default();
        for (number, (_, key, window)) in closed.iter().enumerate() {
            let Some(stored) = store.get(key, *window)? else { continue };
            self.calls.clear(FOUND);
            let timestamp_ms = self.calls.load(FOUND, stored)?;
            emission.push(Emitted {
                key: row_number(number),
                window: (window.start, window.end),
                timestamp_ms,
                new: Some(self.calls.push(FOUND)),
                old: None,
            });
        }
        if emission.len() == 0 {
            return Ok(None);
        }
        let keys = emission.keys.iter().map(|number| closed[*number as usize].1.as_slice());
        let key = self.key.decode(keys)?;
        let shape = self.shape(context);
        Ok(Some(emission.into_chunk(key, &mut self.calls, shape)?))
    }

    fn shape(&self, context: &Context<'_>) -> Shape {
        Shape { has_old: self.needs_old, is_windowed: true, partition: context.partition }
    }

    fn store_notes(&mut self, context: &mut Context<'_>) -> Result<()> {
        let Some(time) = self.stream_time.filter(|time| *time != i64::MIN) else { return Ok(()) };
        let store = context.stores.windowed(self.store)?;
        if store.note(STREAM_TIME)? != Some(time) {
            store.set_note(STREAM_TIME, time);
        }
        if let Some(emitted) = self.finals.as_ref().and_then(|finals| finals.emitted)
            && store.note(EMITTED)? != Some(emitted)
        {
            store.set_note(EMITTED, emitted);
        }
        Ok(())
    }

    /// Removes sessions whose retention is over.
    fn expire(&mut self, context: &mut Context<'_>) -> Result<()> {
        let Some(time) = self.stream_time else { return Ok(()) };
        let mut end_max = time.saturating_sub(self.retention_ms);
        if let Some(finals) = &self.finals {
            // What is not emitted yet stays.
            end_max = end_max.min(finals.emitted.unwrap_or(i64::MIN).saturating_sub(1));
        }
        let mut expired: Vec<(WindowKey, Vec<u8>)> = Vec::new();
        let store = context.stores.windowed(self.store)?;
        store.scan_time(i64::MIN, end_max, |window, key| {
            expired.push((window, key.to_vec()));
            ControlFlow::Continue(())
        })?;
        for (window, key) in expired {
            store.delete(&key, window);
        }
        Ok(())
    }
}

impl Operator for SessionAggregateOp {
    fn process(
        &mut self,
        _input: usize,
        chunk: Chunk,
        context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>> {
        self.calls.bind(&chunk, context)?;
        let keys = self.key.encode(&chunk.key)?;
        let mut emission = Emission::default();
        let mut closed = Vec::new();
        for row in 0..chunk.rows() {
            if !chunk.has_value(row) || !chunk.has_whole_key(row) {
                continue;
            }
            self.add(row, keys.row(row), &chunk, &mut emission, context)?;
            if self.finals.is_some() {
                closed.extend(self.emit_closed(context)?);
            }
        }
        if emission.len() == 0 {
            return Ok(closed);
        }
        let existed = std::mem::take(&mut self.existed);
        if context.options.is_coalescing {
            emission = coalesced(&emission, &existed, |row| keys.row(row));
        }
        let rows = UInt32Array::from(emission.keys.clone());
        let key = take_columns(&chunk.key, &rows)?;
        let shape = self.shape(context);
        let emitted = emission.into_chunk(key, &mut self.calls, shape)?;
        Ok(vec![Chunk { headers: chunk.take_headers(&rows)?, ..emitted }])
    }

    fn end_batch(&mut self, context: &mut Context<'_>) -> Result<Vec<Chunk>> {
        self.store_notes(context)?;
        self.expire(context)?;
        Ok(Vec::new())
    }
}

/// Merges the rows of each session. One that came and went within the batch leaves nothing.
fn coalesced<'a>(
    emission: &Emission,
    existed: &[bool],
    key: impl Fn(usize) -> &'a [u8],
) -> Emission {
    let session = |at: usize| {
        let (start, end) = emission.windows[at];
        (key(emission.keys[at] as usize), WindowKey { end, start })
    };
    let mut merged = Emission::default();
    for Span { first, last } in coalesce::spans(emission.len(), session) {
        if emission.new[last].is_some() || existed[first] {
            merged.push(Emitted {
                key: emission.keys[last],
                window: emission.windows[last],
                timestamp_ms: emission.timestamps[last],
                new: emission.new[last],
                old: emission.old[first],
            });
        }
    }
    merged
}
