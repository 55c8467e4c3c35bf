//! Rows of the outer sides of a stream-stream join with GRACE that have found no partner yet. They
//! leave null-padded when their window has closed (spec section 5.2).
//!
//! The store holds them by key, time and side (end = timestamp, start = 0 for the right, 1 for the
//! left); a value is a list of rows, each with its length in 4 bytes, big endian, before it.

use std::ops::ControlFlow;

use state::{WindowKey, WindowedStore};

use super::Side;
use crate::Result;

/// A row that has found no partner.
pub(super) struct UnmatchedRow {
    /// Its key.
    pub key: Vec<u8>,
    /// Its side.
    pub side: Side,
    /// Its timestamp.
    pub timestamp_ms: i64,
    /// Its value.
    pub row: Vec<u8>,
}

fn window(side: Side, timestamp_ms: i64) -> WindowKey {
    let start = match side {
        Side::Right => 0,
        Side::Left => 1,
    };
    WindowKey { end: timestamp_ms, start }
}

/// Adds a row.
pub(super) fn add(
    store: &mut WindowedStore,
    side: Side,
    key: &[u8],
    timestamp_ms: i64,
    row: &[u8],
) -> Result<()> {
    let at = window(side, timestamp_ms);
    let mut rows = store.get(key, at)?.map(<[u8]>::to_vec).unwrap_or_default();
    let length = u32::try_from(row.len()).expect("a row is shorter than 4 GiB");
    rows.extend_from_slice(&length.to_be_bytes());
    rows.extend_from_slice(row);
    Ok(store.put(key, at, &rows)?)
}

/// Removes the rows of a key, side and time: they have found a partner.
pub(super) fn remove(
    store: &mut WindowedStore,
    side: Side,
    key: &[u8],
    timestamp_ms: i64,
) -> Result<()> {
    let at = window(side, timestamp_ms);
    if store.get(key, at)?.is_some() {
        store.delete(key, at);
    }
    Ok(())
}

/// The time of the earliest row; `i64::MAX` when there is none.
pub(super) fn earliest(store: &WindowedStore) -> Result<i64> {
    let mut earliest = i64::MAX;
    store.scan_time(i64::MIN, i64::MAX, |at, _| {
        earliest = at.end;
        ControlFlow::Break(())
    })?;
    Ok(earliest)
}

/// Takes the rows up to `to` whose window `is_closed`, ascending by time, right before left, key; also
/// gives the earliest time of those that stay, `i64::MAX` when none does.
pub(super) fn take_closed(
    store: &mut WindowedStore,
    to: i64,
    is_closed: impl Fn(Side, i64) -> bool,
) -> Result<(Vec<UnmatchedRow>, i64)> {
    let mut closed = Vec::new();
    let mut earliest_left = i64::MAX;
    store.scan_time(i64::MIN, i64::MAX, |at, key| {
        let side = if at.start == 0 { Side::Right } else { Side::Left };
        if is_closed(side, at.end) {
            closed.push((key.to_vec(), side, at));
        } else {
            earliest_left = earliest_left.min(at.end);
        }
        if at.end > to { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    let mut rows = Vec::new();
    for (key, side, at) in closed {
        let list = store.get(&key, at)?.map(<[u8]>::to_vec).unwrap_or_default();
        let mut rest = list.as_slice();
        while let Some((row, left)) = split_first(rest) {
            let (key, row) = (key.clone(), row.to_vec());
            rows.push(UnmatchedRow { key, side, timestamp_ms: at.end, row });
            rest = left;
        }
        store.delete(&key, at);
    }
    Ok((rows, earliest_left))
}

fn split_first(list: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = list.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}
