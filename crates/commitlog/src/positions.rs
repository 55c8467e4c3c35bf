//! Positions of groups, as both logs keep them in memory: the committed ones, and those that wait for
//! a transaction to be decided.

use std::collections::BTreeMap;
use std::sync::Arc;

use types::{Offset, TopicPartition};

use crate::CommittedOffset;

/// A change of a group's position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) group: Arc<str>,
    pub(crate) partition: TopicPartition,
    /// `None` forgets the position.
    pub(crate) to: Option<CommittedOffset>,
    /// Offset of its record in the partition of positions, which tells which of two moves is newer.
    pub(crate) written_at: i64,
}

/// Positions that move when a transaction commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    /// The partition of positions that holds the transaction.
    pub(crate) partition: i32,
    pub(crate) producer_id: i64,
    pub(crate) moves: Vec<Move>,
}

#[derive(Clone, Debug)]
struct Stored {
    committed: CommittedOffset,
    written_at: i64,
}

/// The latest position of every group in every partition.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    groups: BTreeMap<Arc<str>, BTreeMap<TopicPartition, Stored>>,
    /// By partition of positions and producer.
    pending: BTreeMap<(i32, i64), Vec<Move>>,
}

impl Positions {
    /// Makes `change`, unless a newer one of the same position was made before.
    pub(crate) fn apply(&mut self, change: Move) {
        let Move { group, partition, to, written_at } = change;
        let Some(committed) = to else { return self.remove(&group, &partition) };
        let positions = self.groups.entry(group).or_default();
        if positions.get(&partition).is_none_or(|stored| stored.written_at <= written_at) {
            positions.insert(partition, Stored { committed, written_at });
        }
    }

    /// Keeps `moves` until the transaction of `producer_id` in `partition` of positions is decided.
    pub(crate) fn suspend(&mut self, partition: i32, producer_id: i64, moves: Vec<Move>) {
        self.pending.entry((partition, producer_id)).or_default().extend(moves);
    }

    /// The transaction of `producer_id` in `partition` of positions has ended.
    pub(crate) fn decide(&mut self, partition: i32, producer_id: i64, is_committed: bool) {
        let moves = self.pending.remove(&(partition, producer_id)).unwrap_or_default();
        if is_committed {
            moves.into_iter().for_each(|change| self.apply(change));
        }
    }

    fn remove(&mut self, group: &str, at: &TopicPartition) {
        if let Some(positions) = self.groups.get_mut(group) {
            positions.remove(at);
            if positions.is_empty() {
                self.groups.remove(group);
            }
        }
    }

    /// Forgets all positions in `topic`.
    pub(crate) fn remove_topic(&mut self, topic: &str) {
        self.groups.retain(|_, positions| {
            positions.retain(|at, _| *at.topic != *topic);
            !positions.is_empty()
        });
        self.pending.retain(|_, moves| {
            moves.retain(|change| *change.partition.topic != *topic);
            !moves.is_empty()
        });
    }

    /// The position of `group` in `at`.
    pub(crate) fn position(&self, group: &str, at: &TopicPartition) -> Option<Offset> {
        Some(self.groups.get(group)?.get(at)?.committed.offset)
    }

    /// All positions of `group`, by partition.
    pub(crate) fn of_group(&self, group: &str) -> Vec<(TopicPartition, CommittedOffset)> {
        let positions = self.groups.get(group).into_iter().flatten();
        positions.map(|(at, stored)| (at.clone(), stored.committed.clone())).collect()
    }

    /// Groups and partitions of all positions in `topic`.
    pub(crate) fn in_topic(&self, topic: &str) -> Vec<(Arc<str>, TopicPartition)> {
        let mut found = Vec::new();
        for (group, positions) in &self.groups {
            let in_topic = positions.keys().filter(|at| *at.topic == *topic);
            found.extend(in_topic.map(|at| (group.clone(), at.clone())));
        }
        found
    }

    /// Partitions whose positions open transactions of `group` will move.
    pub(crate) fn pending_of(&self, group: &str) -> Vec<TopicPartition> {
        let moves = self.pending.values().flatten().filter(|change| *change.group == *group);
        let mut partitions: Vec<TopicPartition> =
            moves.map(|change| change.partition.clone()).collect();
        partitions.sort_unstable();
        partitions.dedup();
        partitions
    }

    /// Every group that has positions.
    pub(crate) fn groups(&self) -> Vec<String> {
        self.groups.keys().map(|group| group.to_string()).collect()
    }

    /// Every position, for saving.
    pub(crate) fn all(&self) -> Vec<Move> {
        let mut all = Vec::new();
        for (group, positions) in &self.groups {
            all.extend(positions.iter().map(|(at, stored)| Move {
                group: group.clone(),
                partition: at.clone(),
                to: Some(stored.committed.clone()),
                written_at: stored.written_at,
            }));
        }
        all
    }

    /// Everything that waits for a transaction, for saving.
    pub(crate) fn all_pending(&self) -> Vec<Pending> {
        let pending = self.pending.iter();
        pending
            .map(|((partition, producer_id), moves)| Pending {
                partition: *partition,
                producer_id: *producer_id,
                moves: moves.clone(),
            })
            .collect()
    }
}
