//! Members of the consumer protocol as these tests follow them, and what consumers of the classic
//! protocol are given.

use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use kafka_protocol::messages::consumer_protocol_assignment::TopicPartition;
use kafka_protocol::messages::{ConsumerGroupHeartbeatResponse, ConsumerProtocolAssignment};
use kafka_protocol::protocol::Encodable as _;

use super::member::*;
use crate::groups::embedded;
use crate::tests::harness::Client;

/// The partitions that an answer gives.
pub(super) fn partitions(answer: &ConsumerGroupHeartbeatResponse) -> Vec<i32> {
    let given = answer.assignment.iter().flat_map(|given| &given.topic_partitions);
    given.flat_map(|topic| topic.partitions.clone()).collect()
}

/// Sends a heartbeat and takes over what is new of the answer.
pub(super) async fn beat(client: &mut Client, known: &mut ConsumerGroupHeartbeatResponse) {
    let answer = client.ask(1, consumer_beat(known)).await;
    assert_eq!(answer.error_code, 0, "{:?}", answer.error_message);
    known.member_epoch = answer.member_epoch;
    known.assignment = answer.assignment.or(known.assignment.take());
}

/// Partitions `numbers` of the topic, as a leader gives them to a consumer.
pub(super) fn given(numbers: &[i32]) -> Bytes {
    given_with(numbers, b"")
}

/// The same, with something of the assignor's own.
pub(super) fn given_with(numbers: &[i32], user_data: &'static [u8]) -> Bytes {
    let topic =
        TopicPartition::default().with_topic(topic_name()).with_partitions(numbers.to_vec());
    let given = ConsumerProtocolAssignment::default()
        .with_assigned_partitions(vec![topic])
        .with_user_data(Some(Bytes::from_static(user_data)));
    let mut bytes = BytesMut::new();
    bytes.put_i16(1);
    given.encode(&mut bytes, 1).unwrap();
    bytes.freeze()
}

/// The partitions of the topic in an assignment for a consumer of the classic protocol.
pub(super) fn read_assignment(assignment: &Bytes) -> Vec<i32> {
    let read = embedded::read_assignment(assignment).expect("an assignment");
    let topic: Arc<str> = TOPIC.into();
    read.partitions.get(&topic).into_iter().flatten().copied().collect()
}
