//! From a group of the consumer protocol to a classic one.

use std::sync::Arc;

use crate::groups::Now;
use crate::groups::classic::{MemberSnapshot, Protocol, Snapshot};
use crate::groups::consumer::{ClassicMember, Group, Member, Topics};
use crate::groups::embedded::{self, CONSUMERS};

/// `group`, of which only members of the classic protocol are left, as a classic group in which nobody
/// leads. `None` when it cannot be one: it is larger than `members_max`, or its members have no protocol
/// in common.
pub(super) fn downgraded(
    group: &Group,
    topics: &dyn Topics,
    members_max: usize,
    now: Now,
) -> Option<Snapshot> {
    let mut members = Vec::new();
    let protocol = common_protocol(group)?;
    for member in group.members() {
        members.push(downgraded_member(member, member.classic.as_ref()?, &protocol, topics)?);
    }
    let kept = Snapshot {
        protocol_type: CONSUMERS.into(),
        generation: group.target_epoch(),
        protocol: Some(protocol),
        leader: None,
        since_ms: now.wall_ms,
        members,
    };
    (kept.members.len() <= members_max).then_some(kept)
}

/// The first protocol of anybody that all understand; the next join elects one by vote.
fn common_protocol(group: &Group) -> Option<Arc<str>> {
    let members = || group.members().filter_map(|member| member.classic.as_ref());
    let for_all = |said: &&Protocol| members().all(|member| member.understands(&said.name));
    let candidates = &members().next()?.protocols;
    candidates.iter().find(for_all).map(|said| Arc::clone(&said.name))
}

fn downgraded_member(
    member: &Member,
    classic: &ClassicMember,
    protocol: &str,
    topics: &dyn Topics,
) -> Option<MemberSnapshot> {
    let said = classic.protocols.iter().find(|said| &*said.name == protocol)?;
    // What it is to let go of it may still have.
    let mut has = member.assigned.clone();
    has.extend(member.revoking.iter());
    Some(MemberSnapshot {
        id: Arc::clone(&member.id),
        instance_id: member.instance_id.clone(),
        client_id: Arc::clone(&member.client_id),
        client_host: Arc::clone(&member.client_host),
        rebalance_timeout: member.rebalance_timeout,
        session_timeout: classic.session_timeout,
        protocols: classic.protocols.clone(),
        assignment: embedded::write_assignment(&has.named(topics), &said.metadata),
    })
}
