//! Entries by key and time: windows, sessions, and the buffers of stream-stream joins.
//!
//! An entry's key is the row key, the window's end and its start, each as 8 bytes big endian with the
//! sign bit flipped, so that byte order is time order. Join buffers put the record's time for `end`
//! and a sequence number for `start`. Derived entries `end, start, key` give the order by time, for
//! closing and expiring windows; they follow from the data and are rebuilt in recovery.

use std::borrow::Cow;
use std::ops::ControlFlow;

use crate::backend::Visit;
use crate::{Result, Store};

/// A window or session of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowKey {
    /// End; for join buffers the record's time.
    pub end: i64,
    /// Start; for join buffers the sequence number.
    pub start: i64,
}

/// Length of the time part of a key.
const TIME_BYTES: usize = 16;
/// First byte of entries about the store as a whole, below all of arrow-row's keys of rows.
const NOTE: &[u8] = b"\x00note";
/// First byte of the data keys of rows.
const ROW: u8 = 1;

/// A store of entries by key and time.
#[derive(Debug)]
pub struct WindowedStore {
    store: Store,
}

impl WindowedStore {
    /// A windowed view of `store`, which must hold nothing else.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// The store below, for commits and checkpoints.
    pub fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// The value of `key` in `window`.
    pub fn get(&mut self, key: &[u8], window: WindowKey) -> Result<Option<&[u8]>> {
        self.store.get(&data_key(key, window))
    }

    /// As [`Self::get`] for an owner who keeps the value: see [`Store::read`].
    pub fn read(&mut self, key: &[u8], window: WindowKey) -> Result<Option<Cow<'_, [u8]>>> {
        self.store.read(&data_key(key, window))
    }

    /// Sets the value of `key` in `window`.
    pub fn put(&mut self, key: &[u8], window: WindowKey, value: &[u8]) -> Result<()> {
        let data_key = data_key(key, window);
        if self.store.get(&data_key)?.is_none() {
            self.store.put_derived(&time_key(key, window));
        }
        self.store.put(&data_key, value);
        Ok(())
    }

    /// Sets the value of `key` in `window` without noting a change: its owner has logged it already
    /// under [`Self::changelog_key`].
    pub fn put_logged(&mut self, key: &[u8], window: WindowKey, value: &[u8]) {
        self.store.put_derived(&time_key(key, window));
        self.store.restore(&data_key(key, window), Some(value));
    }

    /// Writes the key of an entry as it stands in the changelog to `out`.
    pub fn changelog_key(key: &[u8], window: WindowKey, out: &mut Vec<u8>) {
        out.clear();
        out.push(ROW);
        out.extend_from_slice(key);
        out.extend_from_slice(&ordered(window.end));
        out.extend_from_slice(&ordered(window.start));
    }

    /// Removes `key` in `window`.
    pub fn delete(&mut self, key: &[u8], window: WindowKey) {
        self.store.delete(&data_key(key, window));
        self.store.delete_derived(&time_key(key, window));
    }

    /// Visits the windows of `key` with `from <= end <= to`, ascending by end, then start.
    pub fn scan_key(
        &self,
        key: &[u8],
        from: i64,
        to: i64,
        mut visit: impl FnMut(WindowKey, &[u8]) -> ControlFlow<()>,
    ) -> Result<()> {
        let low = data_key(key, WindowKey { end: from, start: i64::MIN });
        let mut high = data_key(key, WindowKey { end: to, start: i64::MAX });
        high.push(0);
        self.store.scan(&low, &high, &mut |found, value| {
            if found.len() == low.len() {
                visit(parse_time(&found[found.len() - TIME_BYTES..]), value)
            } else {
                ControlFlow::Continue(())
            }
        })
    }

    /// Visits all windows with `from <= end <= to`, ascending by end, start, key.
    pub fn scan_time(
        &self,
        from: i64,
        to: i64,
        mut visit: impl FnMut(WindowKey, &[u8]) -> ControlFlow<()>,
    ) -> Result<()> {
        let low = ordered(from).to_vec();
        let high = match to.checked_add(1) {
            Some(after) => ordered(after).to_vec(),
            None => Vec::new(),
        };
        self.store.scan_derived(&low, &high, &mut |found, _| {
            visit(parse_time(&found[..TIME_BYTES]), &found[TIME_BYTES..])
        })
    }

    /// Visits every entry as key, window, value, ascending by key, end, start.
    pub fn scan_all(
        &self,
        mut visit: impl FnMut(&[u8], WindowKey, &[u8]) -> ControlFlow<()>,
    ) -> Result<()> {
        let each: Visit<'_> = &mut |found, value| {
            let (key, time) = found.split_at(found.len() - TIME_BYTES);
            visit(&key[1..], parse_time(time), value)
        };
        self.store.scan(&[ROW], &[ROW + 1], each)
    }

    /// A number kept with the store (stream time and the like); it travels in the changelog.
    pub fn note(&mut self, name: &str) -> Result<Option<i64>> {
        let value = self.store.get(&note_key(name))?;
        Ok(value.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes))
    }

    /// Sets a number kept with the store.
    pub fn set_note(&mut self, name: &str, value: i64) {
        self.store.put(&note_key(name), &value.to_be_bytes());
    }

    /// Applies an entry of the changelog, and what is derived from it.
    pub fn restore(&mut self, key: &[u8], value: Option<&[u8]>) {
        self.store.restore(key, value);
        if key.first() != Some(&ROW) || key.len() < TIME_BYTES + 1 {
            return;
        }
        let (row_key, time) = key.split_at(key.len() - TIME_BYTES);
        let derived = [time, &row_key[1..]].concat();
        match value {
            Some(_) => self.store.put_derived(&derived),
            None => self.store.delete_derived(&derived),
        }
    }
}

fn note_key(name: &str) -> Vec<u8> {
    [NOTE, name.as_bytes()].concat()
}

fn data_key(key: &[u8], window: WindowKey) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(key.len() + TIME_BYTES + 2);
    WindowedStore::changelog_key(key, window, &mut bytes);
    bytes
}

fn time_key(key: &[u8], window: WindowKey) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(key.len() + TIME_BYTES);
    bytes.extend_from_slice(&ordered(window.end));
    bytes.extend_from_slice(&ordered(window.start));
    bytes.extend_from_slice(key);
    bytes
}

/// Eight bytes whose order is the number's order.
fn ordered(number: i64) -> [u8; 8] {
    (number ^ i64::MIN).to_be_bytes()
}

fn parse_time(bytes: &[u8]) -> WindowKey {
    let number = |at: usize| {
        let bytes = bytes[at..at + 8].try_into().expect("eight bytes");
        i64::from_be_bytes(bytes) ^ i64::MIN
    };
    WindowKey { end: number(0), start: number(8) }
}

#[cfg(test)]
mod tests;
