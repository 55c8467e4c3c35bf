//! One incremental fetch session (KIP-227): the partitions a client wants, remembered so that its
//! requests need only say what changes, and what it was last told of each, so that answers need only
//! hold what is new.

use std::collections::{BTreeMap, HashMap};

use super::reading::Seen;
use super::target::{PartitionKey, Wanted};

/// A session. Its partitions are read in order, and one that had records goes behind all others, so
/// that none starves behind busy ones.
#[derive(Debug, Default)]
pub(super) struct Session {
    order: BTreeMap<u64, Cached>,
    places: HashMap<PartitionKey, u64>,
    next_place: u64,
}

#[derive(Debug)]
struct Cached {
    key: PartitionKey,
    wanted: Wanted,
    /// `None`: the client must be told in any case.
    told: Option<Told>,
}

/// What a client knows of a partition, besides its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    high_watermark: i64,
    stable: i64,
    start: i64,
}

impl Session {
    /// Number of partitions.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Adds a partition, or changes what is wanted of it.
    pub(super) fn set(&mut self, key: PartitionKey, wanted: Wanted) {
        match self.places.get(&key).and_then(|place| self.order.get_mut(place)) {
            Some(cached) => cached.wanted = wanted,
            None => self.append(Cached { key, wanted, told: None }),
        }
    }

    /// Removes a partition.
    pub(super) fn forget(&mut self, key: &PartitionKey) {
        if let Some(place) = self.places.remove(key) {
            self.order.remove(&place);
        }
    }

    /// What to read, in order.
    pub(super) fn wanted(&self) -> Vec<(PartitionKey, Wanted)> {
        self.order.values().map(|cached| (cached.key.clone(), cached.wanted)).collect()
    }

    /// Whether `seen` of `key` holds anything the client does not know; it does afterwards.
    pub(super) fn tell(&mut self, key: &PartitionKey, seen: &Seen) -> bool {
        // The client may have forgotten the partition by a later request meanwhile.
        let Some(place) = self.places.get(key).copied() else { return false };
        let Some(cached) = self.order.get_mut(&place) else { return false };
        let now = seen.offsets.map(|offsets| Told {
            high_watermark: offsets.durable_end.0,
            stable: offsets.stable.0,
            start: offsets.start.0,
        });
        // An error leaves nothing told, so that its end is news as well.
        let is_news = now.is_none() || cached.told != now || !seen.batches.is_empty();
        cached.told = now;
        if !seen.batches.is_empty()
            && let Some(cached) = self.order.remove(&place)
        {
            self.append(cached);
        }
        is_news
    }

    fn append(&mut self, cached: Cached) {
        self.places.insert(cached.key.clone(), self.next_place);
        self.order.insert(self.next_place, cached);
        self.next_place += 1;
    }
}
