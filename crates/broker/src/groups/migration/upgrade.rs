//! From a classic group to one of the consumer protocol.

use std::sync::Arc;

use crate::groups::classic::{Group, Member};
use crate::groups::consumer::{
    ClassicMember, MemberSnapshot, MemberState, Partitions, Snapshot, Topics,
};
use crate::groups::embedded::{self, CONSUMERS};

/// Assignors that tell members nothing but partitions. What some clients put beside these, as librdkafka
/// does what a member said of itself, serves nobody.
const PLAIN_ASSIGNORS: [&str; 4] = ["range", "roundrobin", "sticky", "cooperative-sticky"];

/// `group` with its members as members of the classic protocol, where everybody has what the classic
/// leader gave it, and what it said it works on. `None` when it cannot be one of the consumer protocol:
/// it is larger than `members_max`, its members are no consumers, or an assignor of their own tells them
/// more than partitions.
pub(super) fn upgraded(group: &Group, topics: &dyn Topics, members_max: usize) -> Option<Snapshot> {
    let is_empty = group.members().next().is_none();
    if !is_empty && group.protocol_type() != CONSUMERS {
        return None;
    }
    let generation = group.generation();
    let mut kept = Snapshot { epoch: generation, target_epoch: generation, ..Snapshot::default() };
    let (mut taken, mut owned) = (Partitions::default(), Vec::new());
    // Who was never told its id comes again as somebody else, and has nothing to lose.
    for member in group.members().filter(|member| !member.is_new) {
        let (member_kept, said) = upgraded_member(group, member, topics, &mut taken)?;
        kept.members.insert(Arc::clone(&member.id), member_kept);
        owned.push(said);
    }
    // By the cooperative protocol a member works on what it is to lose until it joins anew, and until
    // then nobody is given that. In the middle of a rebalance anybody may have what it had before.
    for (member, owned) in kept.members.values_mut().zip(owned) {
        let still_has = owned.without(&taken);
        taken.extend(still_has.iter());
        member.target.extend(still_has.iter());
        member.assigned.extend(still_has.iter());
    }
    (kept.members.len() <= members_max).then_some(kept)
}

/// `member` with those partitions that its leader gave it and nobody has `taken`, and what it said it
/// works on.
fn upgraded_member(
    group: &Group,
    member: &Member,
    topics: &dyn Topics,
    taken: &mut Partitions,
) -> Option<(MemberSnapshot, Partitions)> {
    let subscription = embedded::read_subscription(&member.protocols.first()?.metadata)?;
    let given = embedded::read_assignment(&member.assignment)?;
    let is_plain = group.protocol().is_some_and(|name| PLAIN_ASSIGNORS.contains(&&**name));
    if !given.user_data.is_empty() && !is_plain {
        return None;
    }
    let owned = Partitions::of_named(&subscription.owned, topics);
    // A leader may give a partition to two, but only one can have it here.
    let assigned = Partitions::of_named(&given.partitions, topics).without(taken);
    taken.extend(assigned.iter());
    let kept = MemberSnapshot {
        instance_id: member.instance_id.clone(),
        rack_id: subscription.rack_id,
        client_id: Arc::clone(&member.client_id),
        client_host: Arc::clone(&member.client_host),
        topics: subscription.topics.into_iter().collect(),
        rebalance_timeout: member.rebalance_timeout,
        epoch: group.generation(),
        previous_epoch: group.generation(),
        state: MemberState::Stable,
        target: assigned.clone(),
        assigned,
        classic: Some(ClassicMember {
            session_timeout: member.session_timeout,
            protocols: member.protocols.clone(),
        }),
        ..MemberSnapshot::default()
    };
    Some((kept, owned))
}
