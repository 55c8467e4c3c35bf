//! Sets of partitions, by topic id.

use std::collections::{BTreeMap, BTreeSet};

/// Partitions of topics; no topic is there without a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Partitions(BTreeMap<u128, BTreeSet<i32>>);

impl Partitions {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }

    pub(crate) fn contains(&self, topic: u128, partition: i32) -> bool {
        self.0.get(&topic).is_some_and(|partitions| partitions.contains(&partition))
    }

    pub(crate) fn insert(&mut self, topic: u128, partition: i32) {
        self.0.entry(topic).or_default().insert(partition);
    }

    /// One by one, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u128, i32)> + '_ {
        self.0.iter().flat_map(|(topic, partitions)| {
            partitions.iter().map(move |partition| (*topic, *partition))
        })
    }

    /// By topic.
    pub(crate) fn by_topic(&self) -> impl ExactSizeIterator<Item = (u128, &BTreeSet<i32>)> {
        self.0.iter().map(|(topic, partitions)| (*topic, partitions))
    }

    /// Those that `keep` wants.
    pub(super) fn filtered(&self, keep: impl Fn(u128, i32) -> bool) -> Self {
        self.iter().filter(|(topic, partition)| keep(*topic, *partition)).collect()
    }

    /// Those that are in `other` too.
    pub(super) fn common(&self, other: &Self) -> Self {
        self.filtered(|topic, partition| other.contains(topic, partition))
    }

    /// Those that are not in `other`.
    pub(crate) fn without(&self, other: &Self) -> Self {
        self.filtered(|topic, partition| !other.contains(topic, partition))
    }

    /// Whether some are in `other` too.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.iter().any(|(topic, partition)| other.contains(topic, partition))
    }

    /// Whether all are in `other` too.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        self.iter().all(|(topic, partition)| other.contains(topic, partition))
    }
}

impl Extend<(u128, i32)> for Partitions {
    fn extend<I: IntoIterator<Item = (u128, i32)>>(&mut self, partitions: I) {
        for (topic, partition) in partitions {
            self.insert(topic, partition);
        }
    }
}

impl FromIterator<(u128, i32)> for Partitions {
    fn from_iter<I: IntoIterator<Item = (u128, i32)>>(partitions: I) -> Self {
        let mut set = Self::default();
        set.extend(partitions);
        set
    }
}
