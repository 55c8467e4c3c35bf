//! A consumer group as the log keeps it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Assignor, ClassicMember, Group, Limits, Member, MemberState, Partitions, Pattern};
use crate::groups::Now;

/// What a restart must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) epoch: i32,
    pub(crate) target_epoch: i32,
    pub(crate) members: BTreeMap<Arc<str>, MemberSnapshot>,
}

/// What a restart must know of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MemberSnapshot {
    pub(crate) instance_id: Option<Arc<str>>,
    pub(crate) rack_id: Option<Arc<str>>,
    pub(crate) client_id: Arc<str>,
    pub(crate) client_host: Arc<str>,
    pub(crate) topics: Vec<Arc<str>>,
    pub(crate) pattern: Option<Arc<str>>,
    pub(crate) rebalance_timeout: Duration,
    pub(crate) assignor: Option<Arc<str>>,
    pub(crate) epoch: i32,
    pub(crate) previous_epoch: i32,
    pub(crate) state: MemberState,
    pub(crate) assigned: Partitions,
    pub(crate) revoking: Partitions,
    pub(crate) target: Partitions,
    pub(crate) classic: Option<ClassicMember>,
}

impl Group {
    /// The group as it is to be kept.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let keep = |member: &Member| MemberSnapshot {
            instance_id: member.instance_id.clone(),
            rack_id: member.rack_id.clone(),
            client_id: Arc::clone(&member.client_id),
            client_host: Arc::clone(&member.client_host),
            topics: member.topics.iter().cloned().collect(),
            pattern: member.pattern.as_ref().map(|pattern| Arc::clone(pattern.text())),
            rebalance_timeout: member.rebalance_timeout,
            assignor: member.assignor.map(|assignor| assignor.name().into()),
            epoch: member.epoch,
            previous_epoch: member.previous_epoch,
            state: member.state,
            assigned: member.assigned.clone(),
            revoking: member.revoking.clone(),
            target: self.target.get(&member.id).cloned().unwrap_or_default(),
            classic: member.classic.clone(),
        };
        let members = self.members.iter().map(|(id, member)| (Arc::clone(id), keep(member)));
        Snapshot { epoch: self.epoch, target_epoch: self.target_epoch, members: members.collect() }
    }

    /// The group as it was kept; its members' sessions begin anew. Topics are looked at again when
    /// the first of them sends a heartbeat.
    pub(crate) fn restore(kept: Snapshot, limits: Limits, now: Now) -> Self {
        let mut group = Self::new(limits);
        group.epoch = kept.epoch;
        group.target_epoch = kept.target_epoch;
        for (id, member) in kept.members {
            let instance_id =
                member.instance_id.clone().map(|instance| (instance, Arc::clone(&id)));
            group.statics.extend(instance_id);
            group.target.insert(Arc::clone(&id), member.target.clone());
            let member = restore_member(Arc::clone(&id), member, limits, now);
            group.members.insert(id, member);
        }
        group
    }
}

fn restore_member(id: Arc<str>, kept: MemberSnapshot, limits: Limits, now: Now) -> Member {
    let is_revoking = kept.state == MemberState::Unrevoked;
    let mut member = Member {
        instance_id: kept.instance_id,
        rack_id: kept.rack_id,
        client_id: kept.client_id,
        client_host: kept.client_host,
        rebalance_timeout: kept.rebalance_timeout,
        topics: kept.topics.into_iter().collect(),
        // What was taken once is taken again.
        pattern: kept.pattern.and_then(|text| Pattern::parse(&text).ok()),
        assignor: kept.assignor.and_then(|name| Assignor::named(&name)),
        epoch: kept.epoch,
        previous_epoch: kept.previous_epoch,
        state: kept.state,
        assigned: kept.assigned,
        revoking: kept.revoking,
        classic: kept.classic,
        act_by: is_revoking.then(|| now.at + kept.rebalance_timeout),
        ..Member::new(id, now.at)
    };
    member.touch(now.at, limits.session_timeout);
    member
}
