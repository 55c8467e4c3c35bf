//! ElectLeaders, AlterPartitionReassignments, ListPartitionReassignments and AlterReplicaLogDirs: what
//! there is to say about replicas where each partition has one, in the only directory.

use std::sync::Arc;

use commitlog::Log as _;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::alter_partition_reassignments_request::ReassignablePartition;
use kafka_protocol::messages::alter_partition_reassignments_response::{
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use kafka_protocol::messages::alter_replica_log_dirs_response::{
    AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult,
};
use kafka_protocol::messages::elect_leaders_request::TopicPartitions;
use kafka_protocol::messages::elect_leaders_response::{PartitionResult, ReplicaElectionResult};
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse,
    AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse, ElectLeadersRequest,
    ElectLeadersResponse, ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
};

use super::creation::check_replicas;
use super::refusal::Refusal;
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};

/// Answers ElectLeaders: every leader is elected.
pub(super) async fn elect(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: ElectLeadersRequest,
) -> ElectLeadersResponse {
    if !broker.security.allows(&context, Operation::Alter, Resource::Cluster) {
        let denied = ResponseError::ClusterAuthorizationFailed.code();
        let response = ElectLeadersResponse::default();
        return match context.version {
            // The oldest version has no place for an error of the whole request.
            0 => response,
            _ => response.with_error_code(denied),
        };
    }
    let partition = |topic: &str, index: i32| {
        let refusal = match check_partition(&broker, topic, index) {
            Ok(()) => Refusal::of(ResponseError::ElectionNotNeeded),
            Err(unknown) => unknown,
        };
        PartitionResult::default()
            .with_partition_id(index)
            .with_error_code(refusal.code())
            .with_error_message(refusal.message)
    };
    let topic = |topic: TopicPartitions| {
        let results = topic.partitions.iter().map(|index| partition(&topic.topic, *index));
        let results = results.collect();
        ReplicaElectionResult::default().with_topic(topic.topic).with_partition_result(results)
    };
    // Asked for all, Kafka leaves out the partitions that need no election.
    let topics = request.topic_partitions.unwrap_or_default();
    ElectLeadersResponse::default()
        .with_replica_election_results(topics.into_iter().map(topic).collect())
}

/// Answers AlterPartitionReassignments: partitions stay where they are.
pub(super) async fn reassign(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: AlterPartitionReassignmentsRequest,
) -> AlterPartitionReassignmentsResponse {
    let response = AlterPartitionReassignmentsResponse::default()
        .with_error_message(None)
        .with_allow_replication_factor_change(request.allow_replication_factor_change);
    if !broker.security.allows(&context, Operation::Alter, Resource::Cluster) {
        return response.with_error_code(ResponseError::ClusterAuthorizationFailed.code());
    }
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let partition = |partition: &ReassignablePartition| {
            let (code, message) = Refusal::parts(check_move(&broker, &topic.name, partition));
            ReassignablePartitionResponse::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(code)
                .with_error_message(message)
        };
        let partitions = topic.partitions.iter().map(partition).collect();
        topics.push(
            ReassignableTopicResponse::default()
                .with_name(topic.name.clone())
                .with_partitions(partitions),
        );
    }
    response.with_responses(topics)
}

/// Answers ListPartitionReassignments: there are none.
pub(super) async fn list_reassignments(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    _request: ListPartitionReassignmentsRequest,
) -> ListPartitionReassignmentsResponse {
    let response = ListPartitionReassignmentsResponse::default().with_error_message(None);
    match broker.security.allows(&context, Operation::Describe, Resource::Cluster) {
        true => response,
        false => response.with_error_code(ResponseError::ClusterAuthorizationFailed.code()),
    }
}

/// Answers AlterReplicaLogDirs: a partition may move to the directory that it is in.
pub(super) async fn move_between_directories(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: AlterReplicaLogDirsRequest,
) -> AlterReplicaLogDirsResponse {
    let is_allowed = broker.security.allows(&context, Operation::Alter, Resource::Cluster);
    let check = |path: &str, topic: &str, index: i32| {
        if !is_allowed {
            return Err(Refusal::of(ResponseError::ClusterAuthorizationFailed));
        }
        if path != broker.config.log_directory {
            return Err(Refusal::of(ResponseError::LogDirNotFound));
        }
        check_partition(&broker, topic, index)
    };
    let mut results = Vec::new();
    for directory in request.dirs {
        for topic in directory.topics {
            let partition = |index: &i32| {
                let (code, _) = Refusal::parts(check(&directory.path, &topic.name, *index));
                AlterReplicaLogDirPartitionResult::default()
                    .with_partition_index(*index)
                    .with_error_code(code)
            };
            let partitions = topic.partitions.iter().map(partition).collect();
            results.push(
                AlterReplicaLogDirTopicResult::default()
                    .with_topic_name(topic.name.clone())
                    .with_partitions(partitions),
            );
        }
    }
    AlterReplicaLogDirsResponse::default().with_results(results)
}

/// Without replicas, a move that is under way is to be broken off.
fn check_move(
    broker: &Broker,
    topic: &str,
    partition: &ReassignablePartition,
) -> Result<(), Refusal> {
    check_partition(broker, topic, partition.partition_index)?;
    match &partition.replicas {
        Some(replicas) => check_replicas(broker, replicas.iter().map(|id| id.0)),
        None => Err(Refusal::of(ResponseError::NoReassignmentInProgress)),
    }
}

fn check_partition(broker: &Broker, topic: &str, index: i32) -> Result<(), Refusal> {
    let unknown = |what| Err(Refusal::new(ResponseError::UnknownTopicOrPartition, what));
    match broker.log.topic(topic) {
        None => unknown(format!("No such topic as {topic}")),
        Some(known) if !(0..known.config.partitions).contains(&index) => {
            unknown(format!("No such partition as {topic}-{index}"))
        }
        Some(_) => Ok(()),
    }
}
