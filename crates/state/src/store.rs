//! The write-back cache over a part of the backend: point reads and writes, ordered scans, changes
//! since the last commit, checkpoints. Used by tasks of `dataflow`, one owner each.
//!
//! In the backend an entry's key is the store's prefix, a tag byte, and the key: tag 0 the checkpoint
//! (no key; layout in [`crate::checkpoint`]), tag 1 data, tag 2 derived data that no changelog carries
//! because it follows from tag 1. Data entries bear no mark of their own: the checkpoint names the format
//! of all of them, and the backend sums its blocks.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use crate::backend::{Backend, Visit, Write, prefix_end};
use crate::checkpoint::Checkpoint;
use crate::{CacheBudget, Result, RowFormat, StoreId};

const TAG_CHECKPOINT: u8 = 0;
const TAG_DATA: u8 = 1;
const TAG_DERIVED: u8 = 2;
/// What an entry costs beyond its bytes: map node, pointers, flags.
const ENTRY_OVERHEAD_BYTES: usize = 96;

/// State of one task, as bytes.
pub struct Store {
    id: StoreId,
    format: RowFormat,
    prefix: Vec<u8>,
    backend: Arc<dyn Backend>,
    /// Keys with their tag in front.
    cache: BTreeMap<Arc<[u8]>, Entry>,
    cache_bytes: usize,
    cache_bytes_max: usize,
    dirty_bytes: usize,
    /// Keys (with tag) changed since the last commit, each once.
    changed: Vec<Arc<[u8]>>,
    /// Keys with their tag are put together here, so that finding an entry allocates nothing.
    scratch: Vec<u8>,
    budget: Option<Arc<CacheBudget>>,
    /// What the budget was told last.
    reported_bytes: usize,
}

#[derive(Debug)]
struct Entry {
    /// `None`: the key is known to be absent.
    value: Option<Box<[u8]>>,
    /// Differs from the backend.
    is_dirty: bool,
    /// Is in `changed`.
    is_changed: bool,
}

impl Entry {
    fn bytes(&self, key: &[u8]) -> usize {
        key.len() + self.value.as_ref().map_or(0, |value| value.len()) + ENTRY_OVERHEAD_BYTES
    }

    /// Sets the value, in place when it is as long as the one before: counters mostly are.
    fn set_value(&mut self, value: Option<&[u8]>) {
        match (&mut self.value, value) {
            (Some(old), Some(new)) if old.len() == new.len() => old.copy_from_slice(new),
            (old, new) => *old = new.map(Box::from),
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Store {
    /// The store `id` over `backend`, whose keys and values its owner lays out by `format`, with a
    /// cache of about `cache_bytes_max`.
    pub fn new(
        id: StoreId,
        format: RowFormat,
        backend: Arc<dyn Backend>,
        cache_bytes_max: usize,
    ) -> Self {
        Self {
            prefix: id.prefix(),
            id,
            format,
            backend,
            cache: BTreeMap::new(),
            cache_bytes: 0,
            cache_bytes_max,
            dirty_bytes: 0,
            changed: Vec::new(),
            scratch: Vec::new(),
            budget: None,
            reported_bytes: 0,
        }
    }

    /// The same store, whose cache shares `budget` with others.
    pub fn with_budget(mut self, budget: Arc<CacheBudget>) -> Self {
        budget.join();
        self.budget = Some(budget);
        self
    }

    /// Which store this is.
    pub fn id(&self) -> &StoreId {
        &self.id
    }

    /// The value of `key`.
    pub fn get(&mut self, key: &[u8]) -> Result<Option<&[u8]>> {
        tag_into(&mut self.scratch, TAG_DATA, key);
        if !self.cache.contains_key(self.scratch.as_slice()) {
            let value = self.backend.get(&self.backend_key(&self.scratch))?;
            let entry = Entry {
                value: value.map(Vec::into_boxed_slice),
                is_dirty: false,
                is_changed: false,
            };
            self.cache_bytes += entry.bytes(&self.scratch);
            self.cache.insert(Arc::from(self.scratch.as_slice()), entry);
        }
        Ok(self.cache.get(self.scratch.as_slice()).and_then(|entry| entry.value.as_deref()))
    }

    /// The value of `key`, for an owner who keeps it: what only the backend has does not enter the cache.
    pub fn read(&mut self, key: &[u8]) -> Result<Option<Cow<'_, [u8]>>> {
        tag_into(&mut self.scratch, TAG_DATA, key);
        if let Some(entry) = self.cache.get(self.scratch.as_slice()) {
            return Ok(entry.value.as_deref().map(Cow::Borrowed));
        }
        Ok(self.backend.get(&self.backend_key(&self.scratch))?.map(Cow::Owned))
    }

    /// Whether there are no data entries.
    pub fn is_empty(&self) -> Result<bool> {
        let mut is_empty = true;
        self.scan(&[], &[], &mut |_, _| {
            is_empty = false;
            ControlFlow::Break(())
        })?;
        Ok(is_empty)
    }

    /// Sets `key` to `value`.
    pub fn put(&mut self, key: &[u8], value: &[u8]) {
        self.set(TAG_DATA, key, Some(value), true);
    }

    /// Removes `key`.
    pub fn delete(&mut self, key: &[u8]) {
        self.set(TAG_DATA, key, None, true);
    }

    /// Sets a derived entry, which no changelog carries.
    pub(crate) fn put_derived(&mut self, key: &[u8]) {
        self.set(TAG_DERIVED, key, Some(&[]), false);
    }

    /// Removes a derived entry.
    pub(crate) fn delete_derived(&mut self, key: &[u8]) {
        self.set(TAG_DERIVED, key, None, false);
    }

    /// Visits data entries with `from <= key < to` (an empty `to` is no bound), ascending.
    pub fn scan(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<()> {
        self.scan_tagged(TAG_DATA, from, to, visit)
    }

    /// Visits data entries whose key starts with `prefix`, ascending.
    pub fn scan_prefix(&self, prefix: &[u8], visit: Visit<'_>) -> Result<()> {
        self.scan_tagged(TAG_DATA, prefix, &prefix_end(prefix), visit)
    }

    /// Visits derived entries with `from <= key < to` (an empty `to` is no bound), ascending.
    pub(crate) fn scan_derived(&self, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<()> {
        self.scan_tagged(TAG_DERIVED, from, to, visit)
    }

    /// Applies an entry of the changelog during recovery: it is dirty, but no new change.
    pub fn restore(&mut self, key: &[u8], value: Option<&[u8]>) {
        self.set(TAG_DATA, key, value, false);
    }

    /// Whether anything changed since the last commit.
    pub fn has_changes(&self) -> bool {
        !self.changed.is_empty()
    }

    /// Hands each key changed since the last call to `visit`, with its present value, in the order of
    /// the first change; for the changelog part of a commit.
    pub fn drain_changes(&mut self, mut visit: impl FnMut(&[u8], Option<&[u8]>)) {
        for key in std::mem::take(&mut self.changed) {
            let entry = self.cache.get_mut(&key).expect("changed entries stay in the cache");
            entry.is_changed = false;
            visit(&key[1..], entry.value.as_deref());
        }
    }

    /// Whether so much is dirty that the owner should checkpoint.
    pub fn wants_checkpoint(&self) -> bool {
        self.dirty_bytes > self.cache_limit() / 2
    }

    /// Writes all dirty entries and `positions` (of the changelog's partitions) to the backend
    /// atomically, then drops clean entries until the cache is within its limit. Call it between
    /// commits, when everything up to `positions` in the changelog is durable.
    pub fn checkpoint(&mut self, positions: &[i64]) -> Result<()> {
        let mut writes = vec![Write {
            key: self.backend_key(&[TAG_CHECKPOINT]),
            value: Some(Checkpoint { format: self.format, positions: positions.to_vec() }.encode()),
        }];
        for (key, entry) in &self.cache {
            if entry.is_dirty {
                let value = entry.value.as_deref().map(<[u8]>::to_vec);
                writes.push(Write { key: self.backend_key(key), value });
            }
        }
        self.backend.apply(writes)?;
        for entry in self.cache.values_mut() {
            entry.is_dirty = false;
        }
        self.dirty_bytes = 0;
        self.trim();
        Ok(())
    }

    /// The changelog positions of the last checkpoint; `None` when there was none. Fails with
    /// [`Error::Corrupt`](crate::Error::Corrupt) when it is damaged, and with
    /// [`Error::Unknown`](crate::Error::Unknown) when another release wrote it.
    pub fn positions(&self) -> Result<Option<Vec<i64>>> {
        let Some(found) = self.backend.get(&self.backend_key(&[TAG_CHECKPOINT]))? else {
            return Ok(None);
        };
        let checkpoint = Checkpoint::decode(&found, &self.id)?;
        self.format.check(checkpoint.format, &self.id)?;
        Ok(Some(checkpoint.positions))
    }

    /// Forgets everything, in memory and in the backend.
    pub fn wipe(&mut self) -> Result<()> {
        self.cache.clear();
        self.changed.clear();
        self.cache_bytes = 0;
        self.dirty_bytes = 0;
        self.backend.delete_prefix(&self.prefix)
    }

    /// About how much memory the cache takes.
    pub fn cache_bytes(&self) -> usize {
        self.cache_bytes
    }

    fn set(&mut self, tag: u8, key: &[u8], value: Option<&[u8]>, is_change: bool) {
        tag_into(&mut self.scratch, tag, key);
        if let Some(entry) = self.cache.get_mut(self.scratch.as_slice()) {
            let before = entry.bytes(&self.scratch);
            entry.set_value(value);
            let after = entry.bytes(&self.scratch);
            self.cache_bytes = self.cache_bytes + after - before;
            self.dirty_bytes += after;
            if entry.is_dirty {
                self.dirty_bytes -= before;
            }
            entry.is_dirty = true;
            if is_change && !entry.is_changed {
                entry.is_changed = true;
                self.changed.push(Arc::from(self.scratch.as_slice()));
            }
            return;
        }
        let key: Arc<[u8]> = Arc::from(self.scratch.as_slice());
        let entry = Entry { value: value.map(Box::from), is_dirty: true, is_changed: is_change };
        self.cache_bytes += entry.bytes(&key);
        self.dirty_bytes += entry.bytes(&key);
        if is_change {
            self.changed.push(Arc::clone(&key));
        }
        self.cache.insert(key, entry);
    }

    /// Merges the cache over the backend; the cache wins.
    fn scan_tagged(&self, tag: u8, from: &[u8], to: &[u8], visit: Visit<'_>) -> Result<()> {
        let from = tagged(tag, from);
        let to = if to.is_empty() { vec![tag + 1] } else { tagged(tag, to) };
        if from >= to {
            return Ok(());
        }
        let bounds = (Bound::Included(from.as_slice()), Bound::Excluded(to.as_slice()));
        let mut cached = self.cache.range::<[u8], _>(bounds).peekable();
        let mut flow = ControlFlow::Continue(());
        let skip = self.prefix.len();
        self.backend.scan(
            &self.backend_key(&from),
            &self.backend_key(&to),
            &mut |key, value| {
                let key = &key[skip..];
                while let Some((before, entry)) = cached.next_if(|(other, _)| ***other < *key) {
                    flow = visit_entry(before, entry, visit);
                    if flow.is_break() {
                        return flow;
                    }
                }
                flow = match cached.next_if(|(other, _)| ***other == *key) {
                    Some((same, entry)) => visit_entry(same, entry, visit),
                    None => visit(&key[1..], value),
                };
                flow
            },
        )?;
        while flow.is_continue() {
            let Some((key, entry)) = cached.next() else { break };
            flow = visit_entry(key, entry, visit);
        }
        Ok(())
    }

    /// Drops clean entries, from an end of the key space, until the cache is at three quarters.
    fn evict(&mut self) {
        let limit = self.cache_limit();
        if self.cache_bytes <= limit {
            return;
        }
        let target = limit / 4 * 3;
        let bytes = &mut self.cache_bytes;
        self.cache.retain(|key, entry| {
            if *bytes <= target || entry.is_dirty || entry.is_changed {
                return true;
            }
            *bytes -= entry.bytes(key);
            false
        });
    }

    /// Drops clean entries when the cache is over its limit, and tells the budget; to be called between
    /// batches.
    pub fn trim(&mut self) {
        self.evict();
        self.report();
    }

    fn report(&mut self) {
        if let Some(budget) = &self.budget {
            budget.report(self.reported_bytes, self.cache_bytes);
            self.reported_bytes = self.cache_bytes;
        }
    }

    /// Its own limit; its share of the budget while that is exceeded.
    fn cache_limit(&self) -> usize {
        match &self.budget {
            Some(budget) if budget.is_exceeded() => self.cache_bytes_max.min(budget.share()),
            _ => self.cache_bytes_max,
        }
    }

    fn backend_key(&self, key: &[u8]) -> Vec<u8> {
        [self.prefix.as_slice(), key].concat()
    }
}

fn visit_entry(key: &[u8], entry: &Entry, visit: Visit<'_>) -> ControlFlow<()> {
    match &entry.value {
        Some(value) => visit(&key[1..], value),
        None => ControlFlow::Continue(()),
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(budget) = &self.budget {
            budget.leave(self.reported_bytes);
        }
    }
}

fn tagged(tag: u8, key: &[u8]) -> Vec<u8> {
    let mut tagged = Vec::with_capacity(key.len() + 1);
    tag_into(&mut tagged, tag, key);
    tagged
}

fn tag_into(out: &mut Vec<u8>, tag: u8, key: &[u8]) {
    out.clear();
    out.push(tag);
    out.extend_from_slice(key);
}

#[cfg(test)]
mod tests;
