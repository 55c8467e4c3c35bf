//! The embedded protocol of consumers: what they say and hear inside JoinGroup and SyncGroup, where the
//! classic protocol does not look. Groups use it to know which topics a classic group reads, and to serve
//! members of the classic protocol in a group of the consumer protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use kafka_protocol::messages::consumer_protocol_assignment::TopicPartition as AssignedTopic;
use kafka_protocol::messages::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription, TopicName,
};
use kafka_protocol::protocol::{
    Decodable as _, Encodable as _, Message as _, StrBytes, VersionRange,
};

use crate::wire;

/// The protocol type of consumers, whose metadata and assignments have these forms.
pub(super) const CONSUMERS: &str = "consumer";

/// Partitions by the names of their topics.
pub(super) type Named = BTreeMap<Arc<str>, BTreeSet<i32>>;

/// What a consumer says of itself to its assignor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Subscription {
    pub(super) topics: BTreeSet<Arc<str>>,
    /// What it works on while it joins; version 0 does not say.
    pub(super) owned: Named,
    pub(super) rack_id: Option<Arc<str>>,
}

/// Reads a consumer's metadata: a version, and a subscription in that version. `None` when it is
/// something else.
pub(super) fn read_subscription(metadata: &Bytes) -> Option<Subscription> {
    let mut rest = metadata.clone();
    let version = version(&mut rest, ConsumerProtocolSubscription::VERSIONS)?;
    wire::check_subscription(version, &rest).ok()?;
    let said = ConsumerProtocolSubscription::decode(&mut rest, version).ok()?;
    let owned = said.owned_partitions.into_iter();
    Some(Subscription {
        topics: said.topics.iter().map(|topic| topic.as_str().into()).collect(),
        owned: named(owned.map(|owned| (owned.topic, owned.partitions))),
        rack_id: said.rack_id.map(|rack| rack.as_str().into()),
    })
}

/// What a leader gave a consumer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) partitions: Named,
    /// What the assignor says beside that, and only the same assignor understands.
    pub(super) user_data: Bytes,
}

/// Reads what a leader gave a consumer; `None` when it is something else.
pub(super) fn read_assignment(assignment: &Bytes) -> Option<Assignment> {
    if assignment.is_empty() {
        // Whom the leader does not mention gets nothing at all.
        return Some(Assignment::default());
    }
    let mut rest = assignment.clone();
    let version = version(&mut rest, ConsumerProtocolAssignment::VERSIONS)?;
    wire::check_assignment(&rest).ok()?;
    let given = ConsumerProtocolAssignment::decode(&mut rest, version).ok()?;
    let assigned = given.assigned_partitions.into_iter();
    Some(Assignment {
        partitions: named(assigned.map(|assigned| (assigned.topic, assigned.partitions))),
        user_data: given.user_data.unwrap_or_default(),
    })
}

/// `partitions` as an assignment for a consumer that said `metadata`, in the version it speaks.
pub(super) fn write_assignment(partitions: &Named, metadata: &Bytes) -> Bytes {
    let versions = ConsumerProtocolAssignment::VERSIONS;
    let version = version(&mut metadata.clone(), versions).unwrap_or(versions.min);
    let assigned = partitions.iter().map(|(topic, numbers)| {
        AssignedTopic::default()
            .with_topic(TopicName(StrBytes::from_string(topic.to_string())))
            .with_partitions(numbers.iter().copied().collect())
    });
    let given = ConsumerProtocolAssignment::default().with_assigned_partitions(assigned.collect());
    let mut bytes = BytesMut::new();
    bytes.put_i16(version);
    given.encode(&mut bytes, version).expect("every version knows topics and partitions");
    bytes.freeze()
}

/// The version in front. A later one than we know only adds to what the last of `known` says.
fn version(rest: &mut Bytes, known: VersionRange) -> Option<i16> {
    let version = rest.try_get_i16().ok().filter(|version| *version >= known.min)?;
    Some(version.min(known.max))
}

fn named(topics: impl Iterator<Item = (TopicName, Vec<i32>)>) -> Named {
    let mut named = Named::new();
    for (topic, partitions) in topics {
        named.entry(topic.as_str().into()).or_default().extend(partitions);
    }
    named
}
