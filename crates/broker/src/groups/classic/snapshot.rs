//! A classic group as the log keeps it: its last generation.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::{Group, Limits, Member, Protocol, State};
use crate::groups::Now;

/// What a restart must know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) protocol_type: Arc<str>,
    pub(crate) generation: i32,
    pub(crate) protocol: Option<Arc<str>>,
    pub(crate) leader: Option<Arc<str>>,
    /// Wall clock time of the last change of state, in ms since 1970.
    pub(crate) since_ms: i64,
    pub(crate) members: Vec<MemberSnapshot>,
}

/// What a restart must know of a member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MemberSnapshot {
    pub(crate) id: Arc<str>,
    pub(crate) instance_id: Option<Arc<str>>,
    pub(crate) client_id: Arc<str>,
    pub(crate) client_host: Arc<str>,
    pub(crate) rebalance_timeout: Duration,
    pub(crate) session_timeout: Duration,
    /// The protocols it understands, by its preference. The log keeps only that of the group.
    pub(crate) protocols: Vec<Protocol>,
    pub(crate) assignment: Bytes,
}

impl Group {
    /// The group as it is to be kept.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let member = |member: &Member| MemberSnapshot {
            id: Arc::clone(&member.id),
            instance_id: member.instance_id.clone(),
            client_id: Arc::clone(&member.client_id),
            client_host: Arc::clone(&member.client_host),
            rebalance_timeout: member.rebalance_timeout,
            session_timeout: member.session_timeout,
            protocols: member.protocols.clone(),
            assignment: member.assignment.clone(),
        };
        Snapshot {
            protocol_type: self.protocol_type().into(),
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            since_ms: self.since_ms,
            members: self.members.values().map(member).collect(),
        }
    }

    /// The group as it was kept; its members' sessions begin anew. Members of whom none leads have
    /// come here from elsewhere, and join anew to find out who does.
    pub(crate) fn restore(kept: Snapshot, limits: Limits, now: Now) -> Self {
        let mut group = Self::new(limits, now);
        group.since_ms = kept.since_ms;
        group.generation = kept.generation;
        group.protocol_type = Some(kept.protocol_type).filter(|kind| !kind.is_empty());
        group.leader = kept.leader;
        for member in kept.members {
            let instance_id = member.instance_id.clone().map(|id| (id, Arc::clone(&member.id)));
            group.statics.extend(instance_id);
            let member = restore_member(member, now);
            group.members.insert(Arc::clone(&member.id), member);
        }
        group.protocol = kept.protocol;
        if !group.members.is_empty() {
            group.state = State::Stable;
            if group.leader.is_none() {
                group.rebalance(now);
            }
        }
        group
    }
}

fn restore_member(kept: MemberSnapshot, now: Now) -> Member {
    Member {
        id: kept.id,
        instance_id: kept.instance_id,
        client_id: kept.client_id,
        client_host: kept.client_host,
        session_timeout: kept.session_timeout,
        rebalance_timeout: kept.rebalance_timeout,
        protocols: kept.protocols,
        assignment: kept.assignment,
        joining: None,
        syncing: None,
        must_sync: false,
        is_new: false,
        expires: now.at + kept.session_timeout,
    }
}
