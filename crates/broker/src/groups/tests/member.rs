//! What clients of these tests ask for.

use std::collections::BTreeMap;

use bytes::{BufMut as _, Bytes, BytesMut};
use commitlog::{Log as _, TopicConfig};
use kafka_protocol::messages::consumer_group_heartbeat_request::TopicPartitions;
use kafka_protocol::messages::join_group_request::JoinGroupRequestProtocol;
use kafka_protocol::messages::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use kafka_protocol::messages::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use kafka_protocol::messages::sync_group_request::SyncGroupRequestAssignment;
use kafka_protocol::messages::*;
use kafka_protocol::protocol::{Encodable as _, StrBytes};

use crate::Config;
use crate::tests::harness::{Client, Harness};

pub(super) const GROUP: &str = "g";
pub(super) const TOPIC: &str = "t";

pub(super) fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

pub(super) fn group_id() -> GroupId {
    GroupId(text(GROUP))
}

pub(super) fn topic_name() -> TopicName {
    TopicName(text(TOPIC))
}

/// A broker with a topic of three partitions, where groups do not wait for more members.
pub(super) fn harness() -> Harness {
    harness_with(&[])
}

pub(super) fn harness_with(properties: &[(&str, &str)]) -> Harness {
    let mut all = BTreeMap::from([("group.initial.rebalance.delay.ms", "0")]);
    all.extend(properties.iter().copied());
    let properties = all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = Config { properties: properties.collect(), ..Config::default() };
    let harness = Harness::with_config(config);
    harness.broker.log.create_topic(TOPIC, &TopicConfig::with_partitions(3)).unwrap();
    harness
}

/// What a consumer of the topic that works on partitions `owned` tells its assignor.
pub(super) fn subscription(owned: &[i32]) -> Bytes {
    let owned = consumer_protocol_subscription::TopicPartition::default()
        .with_topic(topic_name())
        .with_partitions(owned.to_vec());
    let said = ConsumerProtocolSubscription::default()
        .with_topics(vec![text(TOPIC)])
        .with_owned_partitions(vec![owned]);
    let mut bytes = BytesMut::new();
    bytes.put_i16(1);
    said.encode(&mut bytes, 1).unwrap();
    bytes.freeze()
}

pub(super) fn join_request(member_id: &str) -> JoinGroupRequest {
    join_request_with(member_id, &[])
}

/// The same by a member that works on partitions `owned`.
pub(super) fn join_request_with(member_id: &str, owned: &[i32]) -> JoinGroupRequest {
    let protocol = JoinGroupRequestProtocol::default()
        .with_name(text("range"))
        .with_metadata(subscription(owned));
    JoinGroupRequest::default()
        .with_group_id(group_id())
        .with_session_timeout_ms(10_000)
        .with_rebalance_timeout_ms(60_000)
        .with_member_id(text(member_id))
        .with_protocol_type(text("consumer"))
        .with_protocols(vec![protocol])
}

pub(super) fn sync_request(joined: &JoinGroupResponse, given: &[(&str, &str)]) -> SyncGroupRequest {
    let given = given.iter().map(|(id, text)| (*id, Bytes::copy_from_slice(text.as_bytes())));
    sync_request_with(joined, &given.collect::<Vec<_>>())
}

pub(super) fn sync_request_with(
    joined: &JoinGroupResponse,
    given: &[(&str, Bytes)],
) -> SyncGroupRequest {
    let assignment = |(id, assignment): &(&str, Bytes)| {
        SyncGroupRequestAssignment::default()
            .with_member_id(text(id))
            .with_assignment(assignment.clone())
    };
    SyncGroupRequest::default()
        .with_group_id(group_id())
        .with_generation_id(joined.generation_id)
        .with_member_id(joined.member_id.clone())
        .with_protocol_type(joined.protocol_type.clone())
        .with_protocol_name(joined.protocol_name.clone())
        .with_assignments(given.iter().map(assignment).collect())
}

pub(super) fn heartbeat_request(joined: &JoinGroupResponse) -> HeartbeatRequest {
    HeartbeatRequest::default()
        .with_group_id(group_id())
        .with_generation_id(joined.generation_id)
        .with_member_id(joined.member_id.clone())
}

/// The only member of the group, stable.
pub(super) async fn only_member(client: &mut Client) -> JoinGroupResponse {
    only_member_with(client, &join_request(""), Bytes::from_static(b"all")).await
}

/// The same, as it joins itself and with what it gives itself.
pub(super) async fn only_member_with(
    client: &mut Client,
    join: &JoinGroupRequest,
    all: Bytes,
) -> JoinGroupResponse {
    let told = client.ask(9, join.clone()).await;
    let joined = client.ask(9, join.clone().with_member_id(told.member_id)).await;
    assert_eq!(joined.error_code, 0);
    let sync = sync_request_with(&joined, &[(joined.member_id.as_str(), all.clone())]);
    let synced = client.ask(5, sync).await;
    assert_eq!((synced.error_code, synced.assignment), (0, all));
    joined
}

/// A commit of `offset` in partition 0 by nobody in particular.
pub(super) fn commit_request(offset: i64) -> OffsetCommitRequest {
    let partition = OffsetCommitRequestPartition::default()
        .with_committed_offset(offset)
        .with_committed_metadata(Some(text("note")));
    let topic = OffsetCommitRequestTopic::default()
        .with_name(topic_name())
        .with_partitions(vec![partition]);
    OffsetCommitRequest::default()
        .with_group_id(group_id())
        .with_generation_id_or_member_epoch(-1)
        .with_topics(vec![topic])
}

/// Commits and returns the partition's error.
pub(super) async fn commit(client: &mut Client, request: OffsetCommitRequest) -> i16 {
    let response = client.ask(9, request).await;
    response.topics[0].partitions[0].error_code
}

/// The offset and metadata of partition 0.
pub(super) async fn fetch(client: &mut Client) -> (i64, String) {
    let topic =
        OffsetFetchRequestTopics::default().with_name(topic_name()).with_partition_indexes(vec![0]);
    let group = OffsetFetchRequestGroup::default()
        .with_group_id(group_id())
        .with_member_epoch(-1)
        .with_topics(Some(vec![topic]));
    let request = OffsetFetchRequest::default().with_groups(vec![group]).with_require_stable(true);
    let response = client.ask(9, request).await;
    assert_eq!(response.groups[0].error_code, 0);
    let partition = &response.groups[0].topics[0].partitions[0];
    assert_eq!(partition.error_code, 0);
    let metadata = partition.metadata.as_ref().map(|metadata| metadata.to_string());
    (partition.committed_offset, metadata.unwrap_or_default())
}

/// A member of the consumer protocol that joins.
pub(super) fn consumer_join(member_id: &str) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest::default()
        .with_group_id(group_id())
        .with_member_id(text(member_id))
        .with_rebalance_timeout_ms(20_000)
        .with_subscribed_topic_names(Some(vec![topic_name()]))
        .with_topic_partitions(Some(Vec::new()))
}

/// A heartbeat of one that works on what `answer` gave it.
pub(super) fn consumer_beat(
    answer: &ConsumerGroupHeartbeatResponse,
) -> ConsumerGroupHeartbeatRequest {
    let owned = answer.assignment.iter().flat_map(|given| &given.topic_partitions);
    let owned = owned.map(|given| {
        TopicPartitions::default()
            .with_topic_id(given.topic_id)
            .with_partitions(given.partitions.clone())
    });
    ConsumerGroupHeartbeatRequest::default()
        .with_group_id(group_id())
        .with_member_id(answer.member_id.clone().unwrap_or_default())
        .with_member_epoch(answer.member_epoch)
        .with_rebalance_timeout_ms(-1)
        .with_topic_partitions(Some(owned.collect()))
}
