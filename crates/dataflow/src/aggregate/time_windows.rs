//! Aggregation in tumbling and hopping windows (spec sections 4.2 to 4.4).

use arrow_array::UInt32Array;
use std::ops::ControlFlow;

use plan::logical::{Emit, Window, WindowShape};
use state::{WindowKey, WindowedStore};

use super::calls::Calls;
use super::emission::{Emission, Emitted, Shape};
use super::slots::{Group, Slots};
use crate::Result;
use crate::chunk::{Chunk, row_number, take_columns};
use crate::context::Context;
use crate::operator::{LogChange, Operator};
use crate::row_codec::RowCodec;
use crate::stores::Stores;

/// The default grace is what is missing to a day.
const DEFAULT_GRACE_FROM_MS: i64 = 24 * 60 * 60 * 1000;
/// Expired groups removed per batch at most, so that a jump in time does not stall the task.
const EXPIRED_MAX: usize = 10_000;
/// Name of the note that keeps stream time over restarts.
const STREAM_TIME: &str = "stream time";
/// Name of the note that keeps the greatest window start.
const START_MAX: &str = "greatest start";
/// Name of the note that keeps up to where windows were emitted.
const EMITTED: &str = "emitted";

/// Windows and their life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeWindows {
    /// Length.
    pub size_ms: i64,
    /// Distance between starts.
    pub advance_ms: i64,
    /// How long after its end a window takes records.
    pub grace_ms: i64,
    /// How long a window is kept.
    pub retention_ms: i64,
}

impl TimeWindows {
    /// The windows of a plan; `None` for sessions.
    pub fn from_plan(window: &Window, emit: Emit) -> Option<Self> {
        let (size_ms, advance_ms) = match window.kind {
            WindowShape::Tumbling { size_ms } => (size_ms, size_ms),
            WindowShape::Hopping { size_ms, advance_ms } => (size_ms, advance_ms),
            WindowShape::Session { .. } => return None,
        };
        let grace_ms = window.grace_ms.unwrap_or_else(|| default_grace_ms(size_ms, emit));
        let retention_ms = window.retention_ms.unwrap_or_else(|| size_ms.saturating_add(grace_ms));
        Some(Self { size_ms, advance_ms: advance_ms.max(1), grace_ms, retention_ms })
    }

    /// Start of the first window that holds `timestamp_ms`.
    fn first_start(&self, timestamp_ms: i64) -> i64 {
        let earliest = (timestamp_ms - self.size_ms + self.advance_ms).max(0);
        earliest / self.advance_ms * self.advance_ms
    }

    /// Whether some window ends after `from` and not after `to`.
    fn any_end_within(&self, from: i64, to: i64) -> bool {
        let last = |end: i64| (end - self.size_ms).div_euclid(self.advance_ms);
        last(to) > last(from)
    }
}

/// The grace of windows of `size_ms` (sessions: the gap) when none was written.
pub(super) fn default_grace_ms(size_ms: i64, emit: Emit) -> i64 {
    match emit {
        Emit::Changes => (DEFAULT_GRACE_FROM_MS - size_ms).max(0),
        Emit::Final => 0,
    }
}

/// State of EMIT FINAL.
#[derive(Debug, Default)]
pub(crate) struct Finals {
    /// Windows ending up to here were emitted.
    pub emitted: Option<i64>,
    /// Wall-clock time before which nothing is checked.
    pub next_check_ms: i64,
}

impl Finals {
    /// Whether windows up to `closing` are to be looked for now. Follows Kafka Streams: a check is due
    /// at most once per interval of wall-clock time, whether or not time has moved on.
    pub fn is_due(&mut self, closing: i64, context: &Context<'_>) -> bool {
        let now_ms = context.now_ms();
        if now_ms < self.next_check_ms {
            return false;
        }
        self.next_check_ms = now_ms.saturating_add(context.options.emit_final_interval_ms);
        self.emitted.is_none_or(|emitted| emitted < closing)
    }
}

/// Aggregates by key and window.
pub(crate) struct TimeWindowAggregateOp {
    store: usize,
    key: RowCodec,
    calls: Calls,
    needs_old: bool,
    windows: TimeWindows,
    finals: Option<Finals>,
    slots: Slots,
    touched: Vec<(u32, Option<u32>)>,
    clock: Option<StreamClock>,
    /// Groups of windows that start before this were removed.
    expired_before: Option<i64>,
    /// All groups of windows that start here or later are in memory, so the store need not be asked.
    in_memory_from: i64,
    stored: Vec<u8>,
    log_key: Vec<u8>,
}

/// Event time as this operator has seen it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct StreamClock {
    /// Greatest timestamp.
    time: i64,
    /// Greatest start of a stored window.
    start_max: i64,
}

impl TimeWindowAggregateOp {
    /// An aggregation whose groups lie in the windowed store `store`.
    pub fn new(
        store: usize,
        key: RowCodec,
        calls: Calls,
        needs_old: bool,
        windows: TimeWindows,
        emit: Emit,
    ) -> Self {
        Self {
            store,
            key,
            calls,
            needs_old,
            windows,
            finals: (emit == Emit::Final).then(Finals::default),
            slots: Slots::default(),
            touched: Vec::new(),
            clock: None,
            expired_before: None,
            in_memory_from: i64::MAX,
            stored: Vec::new(),
            log_key: Vec::new(),
        }
    }

    fn clock(&mut self, context: &mut Context<'_>) -> Result<StreamClock> {
        if let Some(clock) = self.clock {
            return Ok(clock);
        }
        let store = context.stores.windowed(self.store)?;
        let clock = StreamClock {
            time: store.note(STREAM_TIME)?.unwrap_or(i64::MIN),
            start_max: store.note(START_MAX)?.unwrap_or(i64::MIN),
        };
        if let Some(finals) = &mut self.finals {
            finals.emitted = store.note(EMITTED)?;
        }
        self.in_memory_from = clock.start_max.saturating_add(1);
        Ok(*self.clock.insert(clock))
    }

    /// Adds `row` to each of its windows that is open.
    fn add(
        &mut self,
        row: usize,
        key: &[u8],
        chunk: &Chunk,
        emission: &mut Emission,
        context: &mut Context<'_>,
    ) -> Result<()> {
        let timestamp_ms = chunk.timestamps.value(row);
        let mut clock = self.clock(context)?;
        clock.time = clock.time.max(timestamp_ms);
        let closing = clock.time.saturating_sub(self.windows.grace_ms);
        let mut start = self.windows.first_start(timestamp_ms);
        let mut is_late = false;
        while start <= timestamp_ms {
            if start + self.windows.size_ms > closing {
                self.update(row, key, start, chunk, emission, context)?;
                clock.start_max = clock.start_max.max(start);
            } else {
                is_late = true;
            }
            start += self.windows.advance_ms;
        }
        if is_late {
            context.reporter.late();
        }
        self.clock = Some(clock);
        Ok(())
    }

    fn update(
        &mut self,
        row: usize,
        key: &[u8],
        start: i64,
        chunk: &Chunk,
        emission: &mut Emission,
        context: &mut Context<'_>,
    ) -> Result<()> {
        let slot = self.slot(key, start, context)?;
        let Group { exists, is_touched, .. } = *self.slots.group(slot);
        let is_final = self.finals.is_some();
        let is_coalescing = context.options.is_coalescing;
        let wants_old = self.needs_old && exists && !is_final && !(is_coalescing && is_touched);
        let old = wants_old.then(|| self.calls.push(slot));
        self.calls.add(slot, row)?;
        let group = self.slots.group(slot);
        group.exists = true;
        group.timestamp_ms = group.timestamp_ms.max(chunk.timestamps.value(row));
        let timestamp_ms = group.timestamp_ms;
        self.slots.mark_changed(slot);
        if is_final {
            return Ok(());
        }
        if !is_coalescing {
            let new = Some(self.calls.push(slot));
            let window = (start, start + self.windows.size_ms);
            emission.push(Emitted { key: row_number(row), window, timestamp_ms, new, old });
        } else if !is_touched {
            self.slots.group(slot).is_touched = true;
            self.touched.push((row_number(slot), old));
        }
        Ok(())
    }

    fn slot(&mut self, key: &[u8], start: i64, context: &mut Context<'_>) -> Result<usize> {
        let (slot, is_new) = self.slots.find_or_insert(key, start);
        if is_new {
            self.calls.resize(self.slots.len());
            self.calls.clear(slot);
            if start >= self.in_memory_from {
                return Ok(slot);
            }
            let window = self.window_key(start);
            if let Some(stored) = context.stores.windowed(self.store)?.read(key, window)? {
                let timestamp_ms = self.calls.load(slot, &stored)?;
                let group = self.slots.group(slot);
                (group.timestamp_ms, group.exists) = (timestamp_ms, true);
            }
        }
        Ok(slot)
    }

    /// Writes groups, which are logged already, to the store.
    fn store_slots(&mut self, slots: &[u32], stores: &mut Stores) -> Result<()> {
        let store = stores.windowed(self.store)?;
        for slot in slots {
            let slot = *slot as usize;
            let group = *self.slots.group(slot);
            self.calls.save(group.timestamp_ms, slot, &mut self.stored);
            store.put_logged(self.slots.key(slot), self.window_key(group.start), &self.stored);
        }
        Ok(())
    }

    fn window_key(&self, start: i64) -> WindowKey {
        WindowKey { end: start + self.windows.size_ms, start }
    }

    fn emit_touched(&mut self, context: &Context<'_>) -> Result<Vec<Chunk>> {
        let mut emission = Emission::default();
        for (key, old) in std::mem::take(&mut self.touched) {
            let slot = key as usize;
            let new = Some(self.calls.push(slot));
            let group = self.slots.group(slot);
            group.is_touched = false;
            let window = (group.start, group.start + self.windows.size_ms);
            let timestamp_ms = group.timestamp_ms;
            emission.push(Emitted { key, window, timestamp_ms, new, old });
        }
        if emission.len() == 0 {
            return Ok(Vec::new());
        }
        let key = self.slots.key_columns(&emission.keys, &self.key)?;
        let shape = self.shape(context);
        Ok(vec![emission.into_chunk(key, &mut self.calls, shape)?])
    }

    /// EMIT FINAL: the rows of the windows that time has closed, if it is due.
    fn emit_closed(&mut self, context: &mut Context<'_>) -> Result<Option<Chunk>> {
        let clock = self.clock(context)?;
        let closing = clock.time.saturating_sub(self.windows.grace_ms);
        let Some(finals) = &mut self.finals else { return Ok(None) };
        if !finals.is_due(closing, context) {
            return Ok(None);
        }
        let from = finals.emitted.replace(closing);
        if from.is_some_and(|from| !self.windows.any_end_within(from, closing)) {
            return Ok(None);
        }
        self.spill(context.stores)?;
        // What lies further back than this is no longer served by the store (spec section 4.4).
        let start_min = clock.start_max.saturating_sub(self.windows.retention_ms);
        let mut closed: Vec<(WindowKey, Vec<u8>)> = Vec::new();
        let store = context.stores.windowed(self.store)?;
        store.scan_time(from.map_or(0, |from| from + 1), closing, |window, key| {
            if window.start >= start_min {
                closed.push((window, key.to_vec()));
            }
            ControlFlow::Continue(())
        })?;
        self.emit_groups(&closed, context)
    }

    fn emit_groups(
        &mut self,
        groups: &[(WindowKey, Vec<u8>)],
        context: &mut Context<'_>,
    ) -> Result<Option<Chunk>> {
        let scratch = self.slots.len();
        self.calls.resize(scratch + 1);
        let mut emission = Emission::default();
        for (number, (window, key)) in groups.iter().enumerate() {
            let store = context.stores.windowed(self.store)?;
            let Some(stored) = store.get(key, *window)? else { continue };
            self.calls.clear(scratch);
            let timestamp_ms = self.calls.load(scratch, stored)?;
            let new = Some(self.calls.push(scratch));
            let (key, window) = (row_number(number), (window.start, window.end));
            emission.push(Emitted { key, window, timestamp_ms, new, old: None });
        }
        if emission.len() == 0 {
            return Ok(None);
        }
        let keys = emission.keys.iter().map(|number| groups[*number as usize].1.as_slice());
        let key = self.key.decode(keys)?;
        let shape = self.shape(context);
        Ok(Some(emission.into_chunk(key, &mut self.calls, shape)?))
    }

    fn shape(&self, context: &Context<'_>) -> Shape {
        Shape { has_old: self.needs_old, is_windowed: true, partition: context.partition }
    }

    fn store_clock(&mut self, context: &mut Context<'_>) -> Result<()> {
        let Some(clock) = self.clock else { return Ok(()) };
        let store = context.stores.windowed(self.store)?;
        if store.note(STREAM_TIME)? != Some(clock.time) {
            store.set_note(STREAM_TIME, clock.time);
        }
        if store.note(START_MAX)? != Some(clock.start_max) {
            store.set_note(START_MAX, clock.start_max);
        }
        if let Some(emitted) = self.finals.as_ref().and_then(|finals| finals.emitted)
            && store.note(EMITTED)? != Some(emitted)
        {
            store.set_note(EMITTED, emitted);
        }
        Ok(())
    }

    /// Removes groups whose retention is over.
    fn expire(&mut self, context: &mut Context<'_>) -> Result<()> {
        let Some(clock) = self.clock else { return Ok(()) };
        let start_min = clock.start_max.saturating_sub(self.windows.retention_ms);
        if self.expired_before == Some(start_min) {
            return Ok(());
        }
        let end_max = start_min.saturating_add(self.windows.size_ms).saturating_sub(1);
        let mut expired: Vec<(WindowKey, Vec<u8>)> = Vec::new();
        let store = context.stores.windowed(self.store)?;
        store.scan_time(i64::MIN, end_max, |window, key| {
            expired.push((window, key.to_vec()));
            if expired.len() < EXPIRED_MAX {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        })?;
        if expired.len() < EXPIRED_MAX {
            self.expired_before = Some(start_min);
        }
        for (window, key) in expired {
            store.delete(&key, window);
        }
        Ok(())
    }
}

impl Operator for TimeWindowAggregateOp {
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
        let rows = UInt32Array::from(emission.keys.clone());
        let key = take_columns(&chunk.key, &rows)?;
        let shape = self.shape(context);
        let emitted = emission.into_chunk(key, &mut self.calls, shape)?;
        Ok(vec![Chunk { headers: chunk.take_headers(&rows)?, ..emitted }])
    }

    fn end_batch(&mut self, context: &mut Context<'_>) -> Result<Vec<Chunk>> {
        let chunks = self.emit_touched(context)?;
        self.store_clock(context)?;
        self.expire(context)?;
        Ok(chunks)
    }

    fn log_changes(&mut self, log: LogChange<'_>) {
        for slot in self.slots.take_changed() {
            let slot = slot as usize;
            let group = *self.slots.group(slot);
            self.calls.save(group.timestamp_ms, slot, &mut self.stored);
            self.slots.note_saved(slot, self.stored.len());
            let window = self.window_key(group.start);
            WindowedStore::changelog_key(self.slots.key(slot), window, &mut self.log_key);
            log(self.store, &self.log_key, &self.stored);
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
        let Some(last) = oldest.last() else { return Ok(()) };
        let start_max = self.slots.group(*last as usize).start;
        self.in_memory_from = self.in_memory_from.max(start_max.saturating_add(1));
        let unstored = self.slots.take_unstored_of(&oldest);
        self.store_slots(&unstored, stores)?;
        oldest.iter().for_each(|slot| self.calls.clear(*slot as usize));
        self.slots.remove(&oldest);
        Ok(())
    }
}
