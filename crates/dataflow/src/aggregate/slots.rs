//! Groups in memory: from key and window start to a slot number, found without any allocation. When they
//! take too much, the oldest leave ([`Slots::oldest`], [`Slots::remove`]) and their numbers are used again.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

use crate::Result;
use crate::chunk::row_number;
use crate::row_codec::RowCodec;
use arrow_array::ArrayRef;

/// What a group costs besides its key and states.
const SLOT_BYTES: usize = size_of::<Group>() + 3 * size_of::<u32>();

/// Groups by key bytes and window start.
#[derive(Debug, Default)]
pub(super) struct Slots {
    table: HashTable<u32>,
    hasher: FixedState,
    /// Key bytes of all groups, one after the other.
    keys: Vec<u8>,
    groups: Vec<Group>,
    /// Slots without a group.
    free: Vec<u32>,
    /// Slots to be logged with the next commit.
    changed: Vec<u32>,
    /// Slots that differ from the store.
    unstored: Vec<u32>,
    /// About how many bytes the states of all slots take: their lengths when they were last saved.
    states_bytes: usize,
}

/// What is known of a slot's group besides its states.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group {
    /// Window start; 0 without windows.
    pub start: i64,
    /// Greatest timestamp of its records.
    pub timestamp_ms: i64,
    /// Whether any record was added yet.
    pub exists: bool,
    /// Where its key begins in the keys.
    key_start: usize,
    /// Length of its key.
    key_bytes: u32,
    /// Length of its states when they were last saved.
    saved_bytes: u32,
    /// Whether it is among those to be logged.
    is_changed: bool,
    /// Whether it is among those that differ from the store.
    is_unstored: bool,
    /// Whether it changed in this batch and waits to be emitted.
    pub is_touched: bool,
    /// Whether the slot is free.
    is_free: bool,
}

impl Slots {
    /// The slot of a group, and whether it was made now.
    pub fn find_or_insert(&mut self, key: &[u8], start: i64) -> (usize, bool) {
        let Self { table, hasher, keys, groups, free, .. } = self;
        let hash = hash(hasher, key, start);
        let is_same = |slot: &u32| {
            let group = &groups[*slot as usize];
            group.start == start && group.key(keys) == key
        };
        if let Some(slot) = table.find(hash, is_same) {
            return (*slot as usize, false);
        }
        let group = Group::new(start, keys.len(), key);
        keys.extend_from_slice(key);
        let number = match free.pop() {
            Some(number) => {
                groups[number as usize] = group;
                number
            }
            None => {
                groups.push(group);
                row_number(groups.len() - 1)
            }
        };
        table.insert_unique(hash, number, |slot| {
            let group = &groups[*slot as usize];
            self::hash(hasher, group.key(keys), group.start)
        });
        (number as usize, true)
    }

    /// Number of slots, free ones included.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// The group in `slot`.
    pub fn group(&mut self, slot: usize) -> &mut Group {
        &mut self.groups[slot]
    }

    /// The key of `slot`.
    pub fn key(&self, slot: usize) -> &[u8] {
        self.groups[slot].key(&self.keys)
    }

    /// The key columns of `slots`.
    pub fn key_columns(&self, slots: &[u32], codec: &RowCodec) -> Result<Vec<ArrayRef>> {
        codec.decode(slots.iter().map(|slot| self.key(*slot as usize)))
    }

    /// Notes that `slot` must be logged and stored.
    pub fn mark_changed(&mut self, slot: usize) {
        let group = &mut self.groups[slot];
        let number = row_number(slot);
        if !group.is_changed {
            group.is_changed = true;
            self.changed.push(number);
        }
        if !group.is_unstored {
            group.is_unstored = true;
            self.unstored.push(number);
        }
    }

    /// Takes the slots to be logged.
    pub fn take_changed(&mut self) -> Vec<u32> {
        let changed = std::mem::take(&mut self.changed);
        for slot in &changed {
            self.groups[*slot as usize].is_changed = false;
        }
        changed
    }

    /// Takes the slots to be stored.
    pub fn take_unstored(&mut self) -> Vec<u32> {
        let unstored = std::mem::take(&mut self.unstored);
        for slot in &unstored {
            self.groups[*slot as usize].is_unstored = false;
        }
        unstored
    }

    /// The groups to be removed so that about `bytes_max` remain: those of the earliest windows, of
    /// these the ones whose last record is oldest.
    pub fn oldest(&self, bytes_max: usize) -> Vec<u32> {
        let mut oldest: Vec<u32> = (0..row_number(self.len()))
            .filter(|slot| !self.groups[*slot as usize].is_free)
            .collect();
        oldest.sort_unstable_by_key(|slot| {
            let group = &self.groups[*slot as usize];
            (group.start, group.timestamp_ms)
        });
        let mut held = self.held_bytes();
        let count = oldest.iter().take_while(|slot| {
            let is_over = held > bytes_max;
            held -= self.groups[**slot as usize].held_bytes();
            is_over
        });
        let count = count.count();
        oldest.truncate(count);
        oldest
    }

    /// Takes those of `slots` that are to be stored out of them.
    pub fn take_unstored_of(&mut self, slots: &[u32]) -> Vec<u32> {
        let mut unstored = slots.to_vec();
        unstored.retain(|slot| std::mem::take(&mut self.groups[*slot as usize].is_unstored));
        let groups = &self.groups;
        self.unstored.retain(|slot| groups[*slot as usize].is_unstored);
        unstored
    }

    /// Forgets the groups in `slots`, which must have been logged and stored.
    pub fn remove(&mut self, slots: &[u32]) {
        for slot in slots {
            let group = &mut self.groups[*slot as usize];
            group.is_free = true;
            self.states_bytes -= group.saved_bytes as usize;
        }
        self.free.extend_from_slice(slots);
        let groups = &mut self.groups;
        self.table.retain(|slot| !groups[*slot as usize].is_free);
        let mut keys = Vec::with_capacity(self.keys.len());
        for group in groups.iter_mut().filter(|group| !group.is_free) {
            let start = keys.len();
            keys.extend_from_slice(group.key(&self.keys));
            group.key_start = start;
        }
        self.keys = keys;
    }

    /// Notes how long the saved states of `slot` are.
    pub fn note_saved(&mut self, slot: usize, bytes: usize) {
        let group = &mut self.groups[slot];
        let saved_bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.states_bytes += saved_bytes as usize;
        self.states_bytes -= group.saved_bytes as usize;
        group.saved_bytes = saved_bytes;
    }

    /// About how much memory the groups and their states take.
    pub fn held_bytes(&self) -> usize {
        self.keys.len() + self.table.len() * SLOT_BYTES + self.states_bytes
    }
}

impl Group {
    fn new(start: i64, key_start: usize, key: &[u8]) -> Self {
        Self {
            start,
            timestamp_ms: i64::MIN,
            exists: false,
            key_start,
            key_bytes: u32::try_from(key.len()).expect("a key is shorter than 4 GiB"),
            saved_bytes: 0,
            is_changed: false,
            is_unstored: false,
            is_touched: false,
            is_free: false,
        }
    }

    fn key<'a>(&self, keys: &'a [u8]) -> &'a [u8] {
        &keys[self.key_start..self.key_start + self.key_bytes as usize]
    }

    fn held_bytes(&self) -> usize {
        self.key_bytes as usize + SLOT_BYTES + self.saved_bytes as usize
    }
}

fn hash(hasher: &FixedState, key: &[u8], start: i64) -> u64 {
    hasher.hash_one((key, start))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Groups `(key, start, timestamp)`, each logged and to be stored.
    fn filled(groups: &[(&[u8], i64, i64)]) -> Slots {
        let mut slots = Slots::default();
        for (key, start, timestamp_ms) in groups {
            let (slot, _) = slots.find_or_insert(key, *start);
            slots.group(slot).timestamp_ms = *timestamp_ms;
            slots.note_saved(slot, 16);
            slots.mark_changed(slot);
        }
        slots.take_changed();
        slots
    }

    #[test]
    fn earliest_windows_leave_first_then_what_is_untouched_longest() {
        let mut slots = filled(&[(b"aa", 10, 1), (b"b", 0, 9), (b"cc", 10, 5), (b"d", 0, 3)]);
        assert_eq!(slots.oldest(0), [3, 1, 0, 2]);
        assert_eq!(slots.oldest(usize::MAX), [0u32; 0]);
        let one_less = slots.held_bytes() - 1;
        assert_eq!(slots.oldest(one_less), [3]);
        assert_eq!(slots.take_unstored_of(&[3, 1]), [3, 1]);
        slots.remove(&[3, 1]);
        assert_eq!(slots.take_unstored(), [0, 2]);
    }

    #[test]
    fn numbers_are_used_again_and_the_others_stay() {
        let mut slots = filled(&[(b"aa", 10, 1), (b"b", 0, 9), (b"cc", 10, 5)]);
        let held = slots.held_bytes();
        slots.remove(&[1]);
        assert!(slots.held_bytes() < held);
        assert_eq!(slots.find_or_insert(b"cc", 10), (2, false));
        assert_eq!(slots.find_or_insert(b"long key", 0), (1, true));
        assert_eq!(slots.find_or_insert(b"aa", 10), (0, false));
        assert_eq!(slots.find_or_insert(b"b", 0), (3, true));
        assert_eq!(
            (slots.key(0), slots.key(1), slots.key(2)),
            (&b"aa"[..], &b"long key"[..], &b"cc"[..])
        );
    }
}
