//! The target assignment: which assignor makes it, and from what.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::assignors::Subscriber;
use super::{Assignor, Group, Partitions};

impl Group {
    /// Makes the target for the group as it is now.
    pub(super) fn retarget(&mut self) {
        let nothing = Partitions::default();
        let subscribers: Vec<Subscriber<'_>> = self
            .members
            .values()
            .map(|member| Subscriber {
                id: &member.id,
                instance_id: member.instance_id.as_deref(),
                topics: member
                    .subscription()
                    .filter_map(|name| self.subscribed.as_ref()?.get(name))
                    .map(|topic| topic.id)
                    .collect(),
                has: self.target.get(&member.id).unwrap_or(&nothing),
            })
            .collect();
        let topics: BTreeMap<u128, i32> = self
            .subscribed
            .iter()
            .flat_map(BTreeMap::values)
            .map(|topic| (topic.id, topic.partitions))
            .collect();
        let assigned = self.assignor().assign(&subscribers, &topics);
        let ids = self.members.keys().cloned();
        self.target = ids.zip(assigned).collect();
        self.target_epoch = self.epoch;
        self.is_changed = true;
    }

    /// The assignor that most members would like; the default when nobody cares.
    pub(crate) fn assignor(&self) -> Assignor {
        let votes = |wanted: Assignor| {
            self.members.values().filter(|member| member.assignor == Some(wanted)).count()
        };
        match votes(Assignor::Range).cmp(&votes(Assignor::Uniform)) {
            Ordering::Greater => Assignor::Range,
            Ordering::Less => Assignor::Uniform,
            Ordering::Equal => self.limits.assignor,
        }
    }
}
