//! DescribeProducers: who has written to a partition lately, and who has a transaction open there.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_producers_request::TopicRequest;
use kafka_protocol::messages::describe_producers_response::{
    PartitionResponse, ProducerState, TopicResponse,
};
use kafka_protocol::messages::{DescribeProducersRequest, DescribeProducersResponse};
use kafka_protocol::protocol::StrBytes;
use types::TopicPartition;

use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DescribeProducersRequest,
) -> DescribeProducersResponse {
    let topics = request.topics.iter().map(|topic| describe_topic(&broker, &context, topic));
    DescribeProducersResponse::default().with_topics(topics.collect())
}

fn describe_topic(
    broker: &Broker,
    context: &RequestContext,
    topic: &TopicRequest,
) -> TopicResponse {
    let may_read = broker.security.allows(context, Operation::Read, Resource::Topic(&topic.name));
    let partition = |number: &i32| {
        let response = PartitionResponse::default().with_partition_index(*number);
        if !may_read {
            return response.with_error_code(ResponseError::TopicAuthorizationFailed.code());
        }
        match broker.log.producers(&TopicPartition::new(topic.name.as_str(), *number)) {
            Ok(producers) => {
                response.with_active_producers(producers.iter().map(describe).collect())
            }
            Err(error) => response
                .with_error_code(crate::error::code(&error).code())
                .with_error_message(Some(StrBytes::from_string(error.to_string()))),
        }
    };
    TopicResponse::default()
        .with_name(topic.name.clone())
        .with_partitions(topic.partition_indexes.iter().map(partition).collect())
}

fn describe(state: &commitlog::ProducerState) -> ProducerState {
    ProducerState::default()
        .with_producer_id(state.producer.id.into())
        .with_producer_epoch(i32::from(state.producer.epoch))
        .with_last_sequence(state.last_sequence)
        .with_last_timestamp(state.last_timestamp_ms)
        .with_coordinator_epoch(state.coordinator_epoch)
        .with_current_txn_start_offset(state.transaction_start.map_or(-1, |offset| offset.0))
}
