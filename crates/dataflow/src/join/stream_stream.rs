//! Stream-stream join within a span of time (spec section 5.2). Each side's rows are kept in a buffer
//! by key and time; a row is joined with all rows of the other side's buffer that lie in its span.

use std::ops::ControlFlow;

use formats::windowed::{self, WindowBounds};
use plan::logical::{JoinKind, Within};
use state::{WindowKey, WindowedStore};
use types::WindowKind;

use super::joined::{JoinedRows, Pair};
use super::unmatched;
use super::{Side, Sides};
use crate::chunk::Chunk;
use crate::context::Context;
use crate::operator::Operator;
use crate::{Error, Result};

/// Grace of joins without GRACE PERIOD.
const DEFAULT_GRACE_MS: i64 = 24 * 60 * 60 * 1000;
/// Rows removed from a buffer per batch at most, so that a jump in time does not stall the task.
const EXPIRED_MAX: usize = 10_000;
/// Note: greatest timestamp of a buffer.
const TIME: &str = "time";
/// Note: number of the next row of a buffer.
const SEQUENCE: &str = "sequence";

/// Joins two streams.
pub(crate) struct StreamStreamJoinOp {
    kind: JoinKind,
    within: Within,
    grace_ms: i64,
    buffers: [usize; 2],
    /// Where outer rows wait for their window to close; `None`: they leave at once.
    unmatched: Option<usize>,
    sides: Sides,
    window: Option<WindowKind>,
    clock: Option<Clock>,
    /// Wall-clock time before which unmatched rows are not looked for.
    next_check_ms: i64,
    /// No unmatched row is earlier.
    earliest_unmatched: i64,
}

/// Time and numbering of both buffers.
#[derive(Clone, Copy, Debug)]
struct Clock {
    times: [i64; 2],
    sequences: [i64; 2],
}

impl Clock {
    fn stream_time(&self) -> i64 {
        self.times[0].max(self.times[1])
    }
}

/// A row on its way through the join.
#[derive(Clone, Copy)]
struct Arriving<'a> {
    side: Side,
    key: &'a [u8],
    row: &'a [u8],
    timestamp_ms: i64,
    window: Option<WindowKind>,
}

impl Arriving<'_> {
    fn pair<'b>(&'b self, partner: Option<&'b [u8]>) -> Pair<'b> {
        let key = inner_key(self.key, self.window);
        let this = Some((key, self.row));
        let partner = partner.map(|row| (key, row));
        match self.side {
            Side::Left => Pair { left: this, right: partner },
            Side::Right => Pair { left: partner, right: this },
        }
    }
}

impl StreamStreamJoinOp {
    /// A join with buffers `stores`, whose rows have keys with `window`. Fails when there are too few.
    pub fn try_new(
        kind: JoinKind,
        within: Within,
        stores: &[usize],
        sides: Sides,
        window: Option<WindowKind>,
    ) -> Result<Self> {
        let [left, right, rest @ ..] = stores else {
            return Err(Error::Plan("a stream-stream join needs two buffers".to_owned()));
        };
        let waits = kind != JoinKind::Inner && within.grace_ms.is_some();
        let unmatched = waits.then(|| rest.first().copied()).flatten();
        if waits && unmatched.is_none() {
            return Err(Error::Plan("an outer join with GRACE needs a third buffer".to_owned()));
        }
        Ok(Self {
            kind,
            within,
            grace_ms: within.grace_ms.unwrap_or(DEFAULT_GRACE_MS),
            buffers: [*left, *right],
            unmatched,
            sides,
            window,
            clock: None,
            next_check_ms: i64::MIN,
            earliest_unmatched: i64::MAX,
        })
    }

    /// How far before and after a row of `side` its partners lie.
    fn span(&self, side: Side) -> (i64, i64) {
        match side {
            Side::Left => (self.within.before_ms, self.within.after_ms),
            Side::Right => (self.within.after_ms, self.within.before_ms),
        }
    }

    fn retention_ms(&self) -> i64 {
        let span = self.within.before_ms.saturating_add(self.within.after_ms);
        span.saturating_add(self.grace_ms)
    }

    fn clock(&mut self, context: &mut Context<'_>) -> Result<Clock> {
        if let Some(clock) = self.clock {
            return Ok(clock);
        }
        let mut clock = Clock { times: [i64::MIN; 2], sequences: [0; 2] };
        for side in 0..2 {
            let store = context.stores.windowed(self.buffers[side])?;
            clock.times[side] = store.note(TIME)?.unwrap_or(i64::MIN);
            clock.sequences[side] = store.note(SEQUENCE)?.unwrap_or(0);
        }
        if let Some(unmatched) = self.unmatched {
            self.earliest_unmatched = unmatched::earliest(context.stores.windowed(unmatched)?)?;
        }
        Ok(*self.clock.insert(clock))
    }

    fn arrive(
        &mut self,
        arriving: Arriving<'_>,
        joined: &mut JoinedRows,
        context: &mut Context<'_>,
    ) -> Result<()> {
        let Arriving { side, key, row, timestamp_ms, .. } = arriving;
        let mut clock = self.clock(context)?;
        let this = side.index();
        clock.times[this] = clock.times[this].max(timestamp_ms);
        let at = WindowKey { end: timestamp_ms, start: clock.sequences[this] };
        clock.sequences[this] += 1;
        self.clock = Some(clock);
        context.stores.windowed(self.buffers[this])?.put(key, at, row)?;
        if timestamp_ms == clock.stream_time() {
            self.emit_closed(clock.stream_time(), joined, context)?;
        }
        let (before, after) = self.span(side);
        let partners = self.partners(&arriving, before, after, context)?;
        for (time, partner) in &partners {
            if let Some(unmatched) = self.unmatched {
                let store = context.stores.windowed(unmatched)?;
                unmatched::remove(store, side.other(), key, *time)?;
            }
            push(joined, &arriving, Some(partner), timestamp_ms.max(*time));
        }
        if partners.is_empty() && side.is_kept_by(self.kind) {
            self.keep_unmatched(&arriving, after, clock.stream_time(), joined, context)?;
        }
        Ok(())
    }

    /// Rows of the other side within the span, ascending by time. What the other buffer has outlived
    /// is no longer there.
    fn partners(
        &self,
        arriving: &Arriving<'_>,
        before: i64,
        after: i64,
        context: &mut Context<'_>,
    ) -> Result<Vec<(i64, Vec<u8>)>> {
        let other = arriving.side.other().index();
        let time = self.clock.map_or(i64::MIN, |clock| clock.times[other]);
        let oldest = time.saturating_sub(self.retention_ms()).saturating_add(1);
        let from = arriving.timestamp_ms.saturating_sub(before).max(0).max(oldest);
        let to = arriving.timestamp_ms.saturating_add(after).max(0);
        let mut partners = Vec::new();
        let store = context.stores.windowed(self.buffers[other])?;
        store.scan_key(arriving.key, from, to, |at, row| {
            partners.push((at.end, row.to_vec()));
            ControlFlow::Continue(())
        })?;
        Ok(partners)
    }

    /// An outer row without partner leaves at once, unless one may still come. Grace does not count here,
    /// as in Kafka Streams: a row whose span is over on arrival leaves null-padded even while a partner
    /// may still come within grace.
    fn keep_unmatched(
        &mut self,
        arriving: &Arriving<'_>,
        after: i64,
        stream_time: i64,
        joined: &mut JoinedRows,
        context: &mut Context<'_>,
    ) -> Result<()> {
        let Arriving { side, key, row, timestamp_ms, .. } = *arriving;
        let last_partner = timestamp_ms.saturating_add(after).max(0);
        match self.unmatched {
            Some(unmatched) if last_partner >= stream_time => {
                self.earliest_unmatched = self.earliest_unmatched.min(timestamp_ms);
                let store = context.stores.windowed(unmatched)?;
                unmatched::add(store, side, key, timestamp_ms, row)
            }
            _ => {
                push(joined, arriving, None, timestamp_ms);
                Ok(())
            }
        }
    }

    /// Null-padded rows of the windows that have closed, if it is due.
    fn emit_closed(
        &mut self,
        stream_time: i64,
        joined: &mut JoinedRows,
        context: &mut Context<'_>,
    ) -> Result<()> {
        let Some(unmatched) = self.unmatched else { return Ok(()) };
        let shortest = self.within.before_ms.min(self.within.after_ms);
        let horizon = stream_time.saturating_sub(shortest).saturating_sub(self.grace_ms);
        let now_ms = context.now_ms();
        if self.earliest_unmatched >= horizon || now_ms < self.next_check_ms {
            return Ok(());
        }
        self.next_check_ms = now_ms.saturating_add(context.options.outer_join_interval_ms);
        let (left_after, right_after) = (self.span(Side::Left).1, self.span(Side::Right).1);
        let is_closed = |side: Side, time: i64| {
            let after = if side == Side::Left { left_after } else { right_after };
            time.saturating_add(after).saturating_add(self.grace_ms) < stream_time
        };
        let store = context.stores.windowed(unmatched)?;
        let (rows, earliest) = unmatched::take_closed(store, horizon, is_closed)?;
        self.earliest_unmatched = earliest;
        for row in rows {
            let arriving = Arriving {
                side: row.side,
                key: &row.key,
                row: &row.row,
                timestamp_ms: row.timestamp_ms,
                window: self.window,
            };
            push(joined, &arriving, None, row.timestamp_ms);
        }
        Ok(())
    }

    fn expire(&self, store: &mut WindowedStore, time: i64) -> Result<()> {
        let to = time.saturating_sub(self.retention_ms());
        let mut expired: Vec<(WindowKey, Vec<u8>)> = Vec::new();
        store.scan_time(i64::MIN, to, |at, key| {
            expired.push((at, key.to_vec()));
            match expired.len() < EXPIRED_MAX {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        })?;
        for (at, key) in expired {
            store.delete(&key, at);
        }
        Ok(())
    }
}

impl Operator for StreamStreamJoinOp {
    fn process(
        &mut self,
        input: usize,
        chunk: Chunk,
        context: &mut Context<'_>,
    ) -> Result<Vec<Chunk>> {
        let side = Side::of_input(input);
        let keys = self.sides.codec(side).key.encode(&chunk.key)?;
        let rows = self.sides.codec(side).value.encode(&chunk.value)?;
        let mut joined = JoinedRows::default();
        let mut key = Vec::new();
        for row in (0..chunk.rows()).filter(|row| chunk.has_value(*row)) {
            joined.set_origin(row);
            whole_key(keys.row(row), self.window, &chunk, row, &mut key);
            let timestamp_ms = chunk.timestamps.value(row);
            let window = self.window;
            let arriving = Arriving { side, key: &key, row: rows.row(row), timestamp_ms, window };
            if chunk.has_whole_key(row) {
                self.arrive(arriving, &mut joined, context)?;
            } else if side.is_kept_by(self.kind) {
                // A row without key has no partner (KIP-962).
                push(&mut joined, &arriving, None, timestamp_ms);
            }
        }
        if joined.len() == 0 {
            return Ok(Vec::new());
        }
        let key = &self.sides.codec(side).key;
        Ok(vec![joined.into_chunk(&chunk, key, &self.sides, false, context.partition)?])
    }

    fn end_batch(&mut self, context: &mut Context<'_>) -> Result<Vec<Chunk>> {
        let Some(clock) = self.clock else { return Ok(Vec::new()) };
        for side in 0..2 {
            let store = context.stores.windowed(self.buffers[side])?;
            if store.note(SEQUENCE)?.unwrap_or(0) == clock.sequences[side] {
                continue;
            }
            store.set_note(SEQUENCE, clock.sequences[side]);
            if store.note(TIME)? != Some(clock.times[side]) {
                store.set_note(TIME, clock.times[side]);
            }
            self.expire(store, clock.times[side])?;
        }
        Ok(Vec::new())
    }
}

fn push(joined: &mut JoinedRows, arriving: &Arriving<'_>, partner: Option<&[u8]>, time: i64) {
    let key = inner_key(arriving.key, arriving.window);
    joined.push(key, arriving.pair(partner), Pair::NONE, time);
    let split = arriving.window.and_then(|kind| windowed::split(kind, arriving.key));
    if let Some((_, bounds)) = split {
        joined.set_window((bounds.start_ms, bounds.end_ms));
    }
}

/// The key of buffers: the row's key, followed by its window as windowed topics have it. Time windows
/// meet by their start, so that their sizes may differ.
fn whole_key(key: &[u8], window: Option<WindowKind>, chunk: &Chunk, row: usize, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(key);
    if let (Some(kind), Some(windows)) = (window, &chunk.windows) {
        let (start_ms, end_ms) = (windows.start.value(row), windows.end.value(row));
        windowed::append(kind, WindowBounds { start_ms, end_ms }, out);
    }
}

fn inner_key(key: &[u8], window: Option<WindowKind>) -> &[u8] {
    window.and_then(|kind| windowed::split(kind, key)).map_or(key, |(inner, _)| inner)
}
