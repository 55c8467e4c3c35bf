//! OffsetCommit: answered when the offsets are on stable storage.

use std::collections::HashMap;
use std::mem;
use std::sync::Arc;

use commitlog::{Commit, CommitId, Log as _, Position};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_commit_request::OffsetCommitRequestPartition;
use kafka_protocol::messages::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use kafka_protocol::messages::{OffsetCommitRequest, OffsetCommitResponse};
use types::{Offset, TopicPartition};

use super::{owned, said};
use crate::Broker;
use crate::context::RequestContext;
use crate::groups::classic::Identity;
use crate::groups::consumer::Partitions;
use crate::groups::coordinator::{Unknown, with_group};
use crate::groups::entry::{Entry, Kind};
use crate::groups::{Now, refusal, settings};
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// From this version on members may say an epoch instead of a generation.
const MEMBER_EPOCHS: i16 = 9;

/// What is wrong with single partitions of a request.
type Refused = HashMap<TopicPartition, ResponseError>;

/// Answers the request.
pub(in crate::groups) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: OffsetCommitRequest,
) -> OffsetCommitResponse {
    let mut refused = Refused::new();
    let overall = match commit(&broker, &context, &request, &mut refused) {
        Ok(Some(id)) => match broker.durability.wait(id).await {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::warn!(group = %request.group_id.as_str(), %error, "offsets are not safe");
                Err(ResponseError::CoordinatorNotAvailable)
            }
        },
        Ok(None) => Ok(()),
        Err(error) => Err(error),
    };
    response(&request, overall, &refused)
}

fn response(
    request: &OffsetCommitRequest,
    overall: Result<(), ResponseError>,
    refused: &Refused,
) -> OffsetCommitResponse {
    let topics = request.topics.iter().map(|topic| {
        let name = owned(&topic.name);
        let partitions = topic.partitions.iter().map(|partition| {
            let at = TopicPartition::new(Arc::clone(&name), partition.partition_index);
            let error = refused.get(&at).copied().or(overall.err());
            OffsetCommitResponsePartition::default()
                .with_partition_index(partition.partition_index)
                .with_error_code(error.map_or(0, |error| error.code()))
        });
        OffsetCommitResponseTopic::default()
            .with_name(topic.name.clone())
            .with_partitions(partitions.collect())
    });
    OffsetCommitResponse::default().with_topics(topics.collect())
}

/// Moves what may be moved; `None` when that is nothing.
fn commit(
    broker: &Broker,
    context: &RequestContext,
    request: &OffsetCommitRequest,
    refused: &mut Refused,
) -> Result<Option<CommitId>, ResponseError> {
    let group_id = &request.group_id;
    if !broker.security.allows(context, Operation::Read, Resource::Group(group_id)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    if group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    let positions = positions(broker, context, request, refused);
    let generation = request.generation_id_or_member_epoch;
    let unknown = if generation < 0 { Unknown::Create } else { Unknown::Refuse };
    let committed = on_disk(|| {
        with_group(broker, group_id, unknown, |entry, now| {
            let has_kept = |assigned: &Partitions| are_within(broker, &positions, assigned);
            check_member(entry, context.version, request, has_kept, now)?;
            move_offsets(broker, entry, positions, refused, now)
        })
    });
    let forgotten = |error| match error {
        ResponseError::GroupIdNotFound if context.version < MEMBER_EPOCHS => {
            ResponseError::IllegalGeneration
        }
        error => error,
    };
    committed.map_err(forgotten)?
}

fn check_member(
    entry: &mut Entry,
    version: i16,
    request: &OffsetCommitRequest,
    has_kept: impl FnOnce(&Partitions) -> bool,
    now: Now,
) -> Result<(), ResponseError> {
    let who =
        Identity { member_id: &request.member_id, instance_id: said(&request.group_instance_id) };
    let generation = request.generation_id_or_member_epoch;
    match &mut entry.kind {
        Kind::Classic(group) => group.check_commit(who, generation, now),
        Kind::Consumer(group) => {
            let knows_epochs = version >= MEMBER_EPOCHS;
            group.check_commit(who.member_id, generation, knows_epochs, has_kept, now)
        }
    }
}

/// Whether all `positions` are of partitions in `assigned`.
fn are_within(broker: &Broker, positions: &[Position], assigned: &Partitions) -> bool {
    positions.iter().all(|Position { partition, .. }| {
        let topic = broker.log.topic(&partition.topic);
        topic.is_some_and(|topic| assigned.contains(topic.id, partition.partition))
    })
}

/// The positions of `request` that are not refused for themselves.
fn positions(
    broker: &Broker,
    context: &RequestContext,
    request: &OffsetCommitRequest,
    refused: &mut Refused,
) -> Vec<Position> {
    let group = owned(&request.group_id);
    let metadata_bytes_max = settings::metadata_bytes_max(&broker.settings);
    let mut positions = Vec::new();
    for topic in &request.topics {
        let name = owned(&topic.name);
        let may_read = broker.security.allows(context, Operation::Read, Resource::Topic(&name));
        let count = broker.log.topic(&name).map_or(0, |topic| topic.config.partitions);
        for said in &topic.partitions {
            let at = TopicPartition::new(Arc::clone(&name), said.partition_index);
            let metadata = said.committed_metadata.as_ref().map(owned).unwrap_or_default();
            let error = if !may_read {
                ResponseError::TopicAuthorizationFailed
            } else if !(0..count).contains(&said.partition_index) {
                ResponseError::UnknownTopicOrPartition
            } else if metadata.len() > metadata_bytes_max {
                ResponseError::OffsetMetadataTooLarge
            } else {
                positions.push(position(&group, at, said, metadata));
                continue;
            };
            refused.insert(at, error);
        }
    }
    positions
}

fn position(
    group: &Arc<str>,
    partition: TopicPartition,
    said: &OffsetCommitRequestPartition,
    metadata: Arc<str>,
) -> Position {
    Position {
        group: Arc::clone(group),
        partition,
        offset: Offset(said.committed_offset),
        leader_epoch: said.committed_leader_epoch,
        metadata,
    }
}

/// Commits, together with the group's own records if the log does not hold it yet: so it is known
/// whose offsets these are.
fn move_offsets(
    broker: &Broker,
    entry: &mut Entry,
    mut positions: Vec<Position>,
    refused: &mut Refused,
    now: Now,
) -> Result<Option<CommitId>, ResponseError> {
    while !positions.is_empty() {
        let first = entry.held.is_empty().then(|| entry.unwritten(broker, now));
        let (appends, image) = first.unzip();
        let appends = appends.unwrap_or_default();
        let commit = Commit { appends, positions: positions.clone(), ..Commit::default() };
        let gone = match broker.log.commit(commit) {
            Ok(committed) => {
                entry.held = image.unwrap_or_else(|| mem::take(&mut entry.held));
                return Ok(Some(committed.id));
            }
            Err(commitlog::Error::UnknownPartition(gone)) => gone,
            Err(error) => return Err(refusal(&entry.name, &error)),
        };
        // The topic was deleted a moment ago; the others are not to suffer from that.
        let count = positions.len();
        positions.retain(|position| position.partition != gone);
        if positions.len() == count {
            return Err(ResponseError::UnknownTopicOrPartition);
        }
        refused.insert(gone, ResponseError::UnknownTopicOrPartition);
    }
    Ok(None)
}
