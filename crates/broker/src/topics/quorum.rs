//! DescribeQuorum: the controllers. This node is the only one, and always in step with itself.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_quorum_request::TopicData as Asked;
use kafka_protocol::messages::describe_quorum_response::{
    Listener, Node, PartitionData, ReplicaState, TopicData,
};
use kafka_protocol::messages::{DescribeQuorumRequest, DescribeQuorumResponse};
use kafka_protocol::protocol::StrBytes;

use super::node::{endpoint, node_id};
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};

/// What Kafka's controllers share; here the log's commits stand for its records.
const METADATA_TOPIC: &str = "__cluster_metadata";
/// From this version on controllers are told with their addresses.
const NODES_VERSION: i16 = 2;
/// Epoch of a leader that was the only candidate.
const LEADER_EPOCH: i32 = 1;

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DescribeQuorumRequest,
) -> DescribeQuorumResponse {
    let response = DescribeQuorumResponse::default().with_error_message(None);
    if !broker.security.allows(&context, Operation::Describe, Resource::Cluster) {
        return response.with_error_code(ResponseError::ClusterAuthorizationFailed.code());
    }
    let topic = |asked: Asked| {
        let indices = asked.partitions.iter().map(|partition| partition.partition_index);
        let is_metadata = asked.topic_name.as_str() == METADATA_TOPIC;
        let partitions = indices.map(|index| partition(&broker, is_metadata && index == 0, index));
        TopicData::default()
            .with_partitions(partitions.collect())
            .with_topic_name(asked.topic_name.clone())
    };
    let endpoint = endpoint(&broker, &context.session);
    let listener = Listener::default()
        .with_name(StrBytes::from_string(context.session.listener.to_string()))
        .with_host(StrBytes::from_string(endpoint.host))
        .with_port(endpoint.port);
    let response = response.with_topics(request.topics.into_iter().map(topic).collect());
    if context.version < NODES_VERSION {
        return response;
    }
    let node = Node::default().with_node_id(node_id(&broker)).with_listeners(vec![listener]);
    response.with_nodes(vec![node])
}

fn partition(broker: &Broker, is_known: bool, index: i32) -> PartitionData {
    let partition = PartitionData::default().with_partition_index(index).with_error_message(None);
    if !is_known {
        return partition.with_error_code(ResponseError::UnknownTopicOrPartition.code());
    }
    let end = i64::try_from(broker.log.durable_commit().0).unwrap_or(i64::MAX);
    let now_ms = broker.clock.now_ms();
    let voter = ReplicaState::default()
        .with_replica_id(node_id(broker))
        .with_log_end_offset(end)
        .with_last_fetch_timestamp(now_ms)
        .with_last_caught_up_timestamp(now_ms);
    partition
        .with_leader_id(node_id(broker))
        .with_leader_epoch(LEADER_EPOCH)
        .with_high_watermark(end)
        .with_current_voters(vec![voter])
}
