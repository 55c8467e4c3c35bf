//! TxnOffsetCommit: positions of a group that move when the transaction commits, and do not when it
//! aborts. Until then they are pending.

use std::sync::Arc;

use commitlog::{Commit, CommitId, Log as _, Position, Producer};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::messages::txn_offset_commit_response::{
    TxnOffsetCommitResponsePartition, TxnOffsetCommitResponseTopic,
};
use kafka_protocol::messages::{TxnOffsetCommitRequest, TxnOffsetCommitResponse};
use types::{Offset, TopicPartition};

use super::coordinator::Done;
use super::requests::{check_id_and_group, settled};
use super::verification::{Membership, Verified, Write};
use crate::Broker;
use crate::context::RequestContext;
use crate::groups::{self, TransactionalMember};
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// What becomes of each partition, in the order of the request.
type Codes = Vec<Result<(), ResponseError>>;

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: TxnOffsetCommitRequest,
) -> TxnOffsetCommitResponse {
    let (id, group) = (&request.transactional_id, &request.group_id);
    let codes = match check_id_and_group(&broker, &context, id, group) {
        Err(error) => {
            vec![Err(error); request.topics.iter().map(|topic| topic.partitions.len()).sum()]
        }
        Ok(()) => commit(&broker, &context, &request).await,
    };
    response(&request, codes)
}

async fn commit(
    broker: &Broker,
    context: &RequestContext,
    request: &TxnOffsetCommitRequest,
) -> Codes {
    let metadata_bytes_max = groups::metadata_bytes_max(broker);
    let mut positions = Vec::new();
    let mut codes = Vec::new();
    for topic in &request.topics {
        let allowed = check_topic(broker, context, &topic.name);
        for partition in &topic.partitions {
            let code = allowed
                .and_then(|partitions| check_partition(partition, partitions, metadata_bytes_max));
            if code.is_ok() {
                positions.push(position(request, topic, partition));
            }
            codes.push(code);
        }
    }
    if positions.is_empty() {
        return codes;
    }
    let moved = on_disk(|| move_positions(broker, context, request, positions));
    if let Err(error) = settled(broker, moved).await {
        codes.iter_mut().filter(|code| code.is_ok()).for_each(|code| *code = Err(error));
    }
    codes
}

/// The number of partitions of a topic whose positions the client may move.
fn check_topic(
    broker: &Broker,
    context: &RequestContext,
    name: &str,
) -> Result<i32, ResponseError> {
    if !broker.security.allows(context, Operation::Read, Resource::Topic(name)) {
        return Err(ResponseError::TopicAuthorizationFailed);
    }
    let topic = broker.log.topic(name).ok_or(ResponseError::UnknownTopicOrPartition)?;
    Ok(topic.config.partitions)
}

fn check_partition(
    partition: &TxnOffsetCommitRequestPartition,
    partitions: i32,
    metadata_bytes_max: usize,
) -> Result<(), ResponseError> {
    if !(0..partitions).contains(&partition.partition_index) {
        return Err(ResponseError::UnknownTopicOrPartition);
    }
    if partition.committed_metadata.as_ref().is_some_and(|text| text.len() > metadata_bytes_max) {
        return Err(ResponseError::OffsetMetadataTooLarge);
    }
    Ok(())
}

fn position(
    request: &TxnOffsetCommitRequest,
    topic: &TxnOffsetCommitRequestTopic,
    partition: &TxnOffsetCommitRequestPartition,
) -> Position {
    Position {
        group: request.group_id.as_str().into(),
        partition: TopicPartition::new(topic.name.as_str(), partition.partition_index),
        offset: Offset(partition.committed_offset),
        leader_epoch: partition.committed_leader_epoch,
        metadata: partition.committed_metadata.as_deref().unwrap_or("").into(),
    }
}

/// Writes the positions as part of the transaction, for a member of the group that still is one.
fn move_positions(
    broker: &Broker,
    context: &RequestContext,
    request: &TxnOffsetCommitRequest,
    positions: Vec<Position>,
) -> Result<Done, ResponseError> {
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    let partitions = [broker.log.offsets_partition(&request.group_id)];
    let write = Write {
        transactional_id: &request.transactional_id,
        producer,
        partitions: &partitions,
        membership: Membership::of_offset_commit(context.version),
    };
    let member = TransactionalMember {
        group: &request.group_id,
        member_id: &request.member_id,
        generation: request.generation_id,
        instance_id: request.group_instance_id.as_deref(),
    };
    let mut failed = ResponseError::UnknownServerError;
    let written = groups::while_member(broker, member, || {
        broker.transactions.write_within(&write, |verified| {
            let written = append(broker, producer, positions, verified);
            written.map_err(|error| failed = error).ok()
        })
    })??;
    written.map(|commit| Done { producer, commit }).ok_or(failed)
}

fn append(
    broker: &Broker,
    producer: Producer,
    positions: Vec<Position>,
    verified: Verified,
) -> Result<CommitId, ResponseError> {
    if let Some((_, error)) = verified.refused.first() {
        return Err(*error);
    }
    let commit = Commit {
        appends: verified.appends,
        positions,
        transaction: Some(producer),
        ..Commit::default()
    };
    let committed = broker.log.commit(commit).map_err(|error| code(&error))?;
    Ok(committed.id)
}

/// What a client is told of a failure of the log: what it can do something about, or to come back.
fn code(error: &commitlog::Error) -> ResponseError {
    match crate::error::code(error) {
        ResponseError::KafkaStorageError | ResponseError::NotLeaderOrFollower => {
            super::coordinator::refusal(error)
        }
        code => code,
    }
}

fn response(request: &TxnOffsetCommitRequest, codes: Codes) -> TxnOffsetCommitResponse {
    let mut codes = codes.into_iter();
    let mut answer = |partition: &TxnOffsetCommitRequestPartition| {
        let code = codes.next().and_then(Result::err).map_or(0, |error| error.code());
        TxnOffsetCommitResponsePartition::default()
            .with_partition_index(partition.partition_index)
            .with_error_code(code)
    };
    let topics = request.topics.iter().map(|topic| {
        TxnOffsetCommitResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(topic.partitions.iter().map(&mut answer).collect())
    });
    TxnOffsetCommitResponse::default().with_topics(topics.collect())
}
