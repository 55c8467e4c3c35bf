//! Members of the classic protocol in a group of the consumer protocol: JoinGroup, SyncGroup, Heartbeat
//! and LeaveGroup, answered at once, by the same epochs and assignments as everybody's.
//!
//! A member's epoch is its generation. When the group goes on to another epoch, or what the member waits
//! for is free, its heartbeat says that a rebalance is in progress. It joins, and tells what it works on:
//! by the eager protocol nothing, by the cooperative one all it has. That makes its next step as a
//! heartbeat of the consumer protocol would. With the sync it gets what it may work on now; nobody leads.

mod join;
mod session;
mod sync;

use std::collections::BTreeSet;

use kafka_protocol::ResponseError;

use super::{Group, Member, Partitions, Topics};
use crate::groups::classic::Identity;
use crate::groups::embedded::Named;

impl Group {
    /// The member that a request by the classic protocol comes from.
    fn classic_member(&mut self, who: Identity<'_>) -> Result<&mut Member, ResponseError> {
        let known = self.check_identity(who.member_id, who.instance_id);
        known.map_err(|refusal| refusal.error)?;
        let member = self.members.get_mut(who.member_id).filter(|known| known.classic.is_some());
        member.ok_or(ResponseError::UnknownMemberId)
    }

    /// Whether all members speak the classic protocol, and are where the last target wants them, so
    /// that the group may go on as a classic one in that generation.
    pub(crate) fn is_left_to_classic_members(&self) -> bool {
        let is_ready =
            |member: &Member| member.classic.is_some() && member.epoch == self.target_epoch;
        !self.members.is_empty() && self.members.values().all(is_ready)
    }
}

impl Partitions {
    /// These, of topics that still exist, by name.
    pub(crate) fn named(&self, topics: &dyn Topics) -> Named {
        let topic =
            |(id, numbers): (u128, &BTreeSet<i32>)| Some((topics.name(id)?, numbers.clone()));
        self.by_topic().filter_map(topic).collect()
    }

    /// Those of `named` whose topics exist, by id.
    pub(crate) fn of_named(named: &Named, topics: &dyn Topics) -> Self {
        let mut partitions = Self::default();
        for (name, numbers) in named {
            let Some(topic) = topics.find(name) else { continue };
            partitions.extend(numbers.iter().map(|number| (topic.id, *number)));
        }
        partitions
    }
}
