//! OffsetForLeaderEpoch: how far the records of a leader epoch go, by which clients notice that records
//! they have read were lost. Nothing durable ever is, and clients see nothing else.

use std::sync::Arc;

use commitlog::Log as _;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use kafka_protocol::messages::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderTopicResult,
};
use kafka_protocol::messages::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};
use types::TopicPartition;

use super::leader_epoch::{self, LEADER_EPOCH};
use crate::context::RequestContext;
use crate::security::{Operation, Resource};
use crate::{Broker, error};

/// Handles a request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: OffsetForLeaderEpochRequest,
) -> OffsetForLeaderEpochResponse {
    let topic = |topic: &OffsetForLeaderTopic| {
        let resource = Resource::Topic(&topic.topic);
        let may_see = broker.security.allows(&context, Operation::Describe, resource);
        let partition = |partition: &OffsetForLeaderPartition| match may_see {
            true => end_of_epoch(&broker, &topic.topic, partition),
            false => failed(partition, ResponseError::TopicAuthorizationFailed),
        };
        OffsetForLeaderTopicResult::default()
            .with_topic(topic.topic.clone())
            .with_partitions(topic.partitions.iter().map(partition).collect())
    };
    OffsetForLeaderEpochResponse::default().with_topics(request.topics.iter().map(topic).collect())
}

fn end_of_epoch(
    broker: &Broker,
    topic: &str,
    partition: &OffsetForLeaderPartition,
) -> EpochEndOffset {
    let at = TopicPartition::new(topic, partition.partition);
    if let Err(error) = leader_epoch::check(partition.current_leader_epoch) {
        return failed(partition, error);
    }
    let end = EpochEndOffset::default().with_partition(partition.partition);
    match broker.log.offsets(&at) {
        Err(error) => failed(partition, error::code(&error)),
        Ok(offsets) if partition.leader_epoch == LEADER_EPOCH => {
            end.with_leader_epoch(LEADER_EPOCH).with_end_offset(offsets.durable_end.0)
        }
        // No record has another epoch.
        Ok(_) => end.with_leader_epoch(leader_epoch::NONE).with_end_offset(-1),
    }
}

fn failed(partition: &OffsetForLeaderPartition, error: ResponseError) -> EpochEndOffset {
    EpochEndOffset::default()
        .with_partition(partition.partition)
        .with_error_code(error.code())
        .with_leader_epoch(leader_epoch::NONE)
        .with_end_offset(-1)
}
