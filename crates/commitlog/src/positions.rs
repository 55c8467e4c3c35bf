//! Positions of groups, as both logs keep them in memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use types::{Offset, TopicPartition};

use crate::Position;

/// The latest position of every group in every partition.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    groups: BTreeMap<Arc<str>, BTreeMap<TopicPartition, Offset>>,
}

impl Positions {
    /// Moves `position`'s group to its offset.
    pub(crate) fn set(&mut self, position: Position) {
        let group = self.groups.entry(position.group).or_default();
        group.insert(position.partition, position.offset);
    }

    /// Forgets the position of `group` in `at`.
    pub(crate) fn remove(&mut self, group: &str, at: &TopicPartition) {
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
    }

    /// Forgets all positions of `group`.
    pub(crate) fn remove_group(&mut self, group: &str) {
        self.groups.remove(group);
    }

    /// The position of `group` in `at`.
    pub(crate) fn position(&self, group: &str, at: &TopicPartition) -> Option<Offset> {
        self.groups.get(group)?.get(at).copied()
    }

    /// All positions of `group`, by partition.
    pub(crate) fn of_group(&self, group: &str) -> Vec<(TopicPartition, Offset)> {
        let positions = self.groups.get(group).into_iter().flatten();
        positions.map(|(at, offset)| (at.clone(), *offset)).collect()
    }

    /// All positions in `topic`, of every group.
    pub(crate) fn in_topic(&self, topic: &str) -> Vec<Position> {
        let mut found = Vec::new();
        for (group, positions) in &self.groups {
            for (at, offset) in positions.iter().filter(|(at, _)| *at.topic == *topic) {
                found.push(Position::new(group.clone(), at.clone(), *offset));
            }
        }
        found
    }

    /// Every group that has positions.
    pub(crate) fn groups(&self) -> Vec<String> {
        self.groups.keys().map(|group| group.to_string()).collect()
    }
}
