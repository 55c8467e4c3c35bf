//! Groups in memory: from key and window start to a slot number, found without any allocation.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

use crate::Result;
use crate::row_codec::RowCodec;
use arrow_array::ArrayRef;

/// Groups by key bytes and window start.
#[derive(Debug, Default)]
pub(super) struct Slots {
    table: HashTable<u32>,
    hasher: FixedState,
    /// Key bytes of all slots, one after the other.
    keys: Vec<u8>,
    ends: Vec<usize>,
    groups: Vec<Group>,
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
    /// Length of its states when they were last saved.
    saved_bytes: u32,
    /// Whether it is among those to be logged.
    is_changed: bool,
    /// Whether it is among those that differ from the store.
    is_unstored: bool,
    /// Whether it changed in this batch and waits to be emitted.
    pub is_touched: bool,
}

impl Slots {
    /// The slot of a group, and whether it was made now.
    pub fn find_or_insert(&mut self, key: &[u8], start: i64) -> (usize, bool) {
        let Self { table, hasher, keys, ends, groups, .. } = self;
        let hash = hash(hasher, key, start);
        let is_same = |slot: &u32| {
            let slot = *slot as usize;
            groups[slot].start == start && key_bytes(keys, ends, slot) == key
        };
        if let Some(slot) = table.find(hash, is_same) {
            return (*slot as usize, false);
        }
        let slot = groups.len();
        let number = u32::try_from(slot).expect("slots are bounded");
        keys.extend_from_slice(key);
        ends.push(keys.len());
        groups.push(Group {
            start,
            timestamp_ms: i64::MIN,
            exists: false,
            saved_bytes: 0,
            is_changed: false,
            is_unstored: false,
            is_touched: false,
        });
        table.insert_unique(hash, number, |slot| {
            let slot = *slot as usize;
            self::hash(hasher, key_bytes(keys, ends, slot), groups[slot].start)
        });
        (slot, true)
    }

    /// Number of slots.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// The group in `slot`.
    pub fn group(&mut self, slot: usize) -> &mut Group {
        &mut self.groups[slot]
    }

    /// The key of `slot`.
    pub fn key(&self, slot: usize) -> &[u8] {
        key_bytes(&self.keys, &self.ends, slot)
    }

    /// The key columns of `slots`.
    pub fn key_columns(&self, slots: &[u32], codec: &RowCodec) -> Result<Vec<ArrayRef>> {
        codec.decode(slots.iter().map(|slot| self.key(*slot as usize)))
    }

    /// Notes that `slot` must be logged and stored.
    pub fn mark_changed(&mut self, slot: usize) {
        let group = &mut self.groups[slot];
        let number = u32::try_from(slot).expect("slots are bounded");
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

    /// Forgets all groups, which must have been logged and stored.
    pub fn clear(&mut self) {
        self.table.clear();
        self.keys.clear();
        self.ends.clear();
        self.groups.clear();
        self.changed.clear();
        self.unstored.clear();
        self.states_bytes = 0;
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
        let slot = size_of::<Group>() + size_of::<usize>() + 3 * size_of::<u32>();
        self.keys.len() + self.groups.len() * slot + self.states_bytes
    }
}

fn key_bytes<'a>(keys: &'a [u8], ends: &[usize], slot: usize) -> &'a [u8] {
    let start = if slot == 0 { 0 } else { ends[slot - 1] };
    &keys[start..ends[slot]]
}

fn hash(hasher: &FixedState, key: &[u8], start: i64) -> u64 {
    hasher.hash_one((key, start))
}
