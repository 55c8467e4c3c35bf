//! OffsetFetch: what groups have committed. An offset is shown only when it is on stable storage, so
//! that no group is ever told less than it was told before.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use commitlog::CommittedOffset;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use kafka_protocol::messages::{OffsetFetchRequest, OffsetFetchResponse, TopicName};
use types::TopicPartition;

use super::{owned, said, wire};
use crate::Broker;
use crate::context::RequestContext;
use crate::groups::coordinator::{Unknown, with_group};
use crate::groups::entry::{Entry, Kind};
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// From these versions on: an error can be said for the whole answer; several groups are asked for at
/// once.
const OVERALL_ERRORS: i16 = 2;
const BATCHED: i16 = 8;

/// What is asked for: partitions by topic, or everything.
type Wanted = Option<Vec<(TopicName, Vec<i32>)>>;
/// What is found, by topic.
type Found = Vec<(TopicName, Vec<OffsetFetchResponsePartitions>)>;

/// Answers the request.
pub(in crate::groups) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: OffsetFetchRequest,
) -> OffsetFetchResponse {
    if context.version < BATCHED {
        return fetch_alone(&broker, &context, request).await;
    }
    let mut groups = Vec::with_capacity(request.groups.len());
    for asked in request.groups {
        groups.push(fetch_group(&broker, &context, asked, request.require_stable).await);
    }
    OffsetFetchResponse::default().with_groups(groups)
}

async fn fetch_group(
    broker: &Broker,
    context: &RequestContext,
    asked: OffsetFetchRequestGroup,
    require_stable: bool,
) -> OffsetFetchResponseGroup {
    let answer = OffsetFetchResponseGroup::default().with_group_id(asked.group_id.clone());
    if let Err(error) = check(broker, context, &asked) {
        return answer.with_error_code(error.code());
    }
    let wanted = asked.topics.map(|topics| {
        topics.into_iter().map(|topic| (topic.name, topic.partition_indexes)).collect()
    });
    let group = asked.group_id.as_str();
    match fetch(broker, context, group, wanted, require_stable).await {
        Ok(found) => answer.with_topics(
            found
                .into_iter()
                .map(|(name, partitions)| {
                    OffsetFetchResponseTopics::default().with_name(name).with_partitions(partitions)
                })
                .collect(),
        ),
        Err(error) => answer.with_error_code(error.code()),
    }
}

/// Versions that ask for one group.
async fn fetch_alone(
    broker: &Broker,
    context: &RequestContext,
    request: OffsetFetchRequest,
) -> OffsetFetchResponse {
    let asked = OffsetFetchRequestGroup::default().with_group_id(request.group_id);
    let wanted: Wanted = request.topics.map(|topics| {
        topics.into_iter().map(|topic| (topic.name, topic.partition_indexes)).collect()
    });
    let found = match check(broker, context, &asked) {
        Ok(()) => {
            let group = asked.group_id.as_str();
            fetch(broker, context, group, wanted.clone(), request.require_stable).await
        }
        Err(error) => Err(error),
    };
    let answer = OffsetFetchResponse::default();
    let (answer, found) = match found {
        Ok(found) => (answer, found),
        Err(error) if context.version >= OVERALL_ERRORS => {
            return answer.with_error_code(error.code());
        }
        Err(error) => (answer, refused(wanted, error)),
    };
    let topic = |(name, partitions): (TopicName, Vec<OffsetFetchResponsePartitions>)| {
        OffsetFetchResponseTopic::default()
            .with_name(name)
            .with_partitions(partitions.into_iter().map(alone).collect())
    };
    answer.with_topics(found.into_iter().map(topic).collect())
}

fn alone(found: OffsetFetchResponsePartitions) -> OffsetFetchResponsePartition {
    OffsetFetchResponsePartition::default()
        .with_partition_index(found.partition_index)
        .with_committed_offset(found.committed_offset)
        .with_committed_leader_epoch(found.committed_leader_epoch)
        .with_metadata(found.metadata)
        .with_error_code(found.error_code)
}

fn refused(wanted: Wanted, error: ResponseError) -> Found {
    let refuse = |partition| absent(partition, Some(error));
    let refuse_all = |(name, partitions): (TopicName, Vec<i32>)| {
        (name, partitions.into_iter().map(refuse).collect())
    };
    wanted.unwrap_or_default().into_iter().map(refuse_all).collect()
}

fn check(
    broker: &Broker,
    context: &RequestContext,
    asked: &OffsetFetchRequestGroup,
) -> Result<(), ResponseError> {
    if !broker.security.allows(context, Operation::Describe, Resource::Group(&asked.group_id)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    if asked.member_id.is_none() && asked.member_epoch < 0 {
        return Ok(());
    }
    let checked = on_disk(|| {
        with_group(broker, &asked.group_id, Unknown::Refuse, |entry, _now| {
            check_member(entry, said(&asked.member_id).unwrap_or_default(), asked.member_epoch)
        })
    });
    match checked {
        Ok(checked) => checked,
        // A group that nobody knows has no offsets.
        Err(ResponseError::GroupIdNotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Members of classic groups are not asked who they are.
fn check_member(entry: &Entry, member_id: &str, epoch: i32) -> Result<(), ResponseError> {
    match &entry.kind {
        Kind::Classic(_) => Ok(()),
        Kind::Consumer(group) => group.check_fetch(member_id, epoch),
    }
}

async fn fetch(
    broker: &Broker,
    context: &RequestContext,
    group: &str,
    wanted: Wanted,
    require_stable: bool,
) -> Result<Found, ResponseError> {
    let committed: HashMap<TopicPartition, CommittedOffset> =
        broker.log.group_offsets(group).into_iter().collect();
    let pending: HashSet<TopicPartition> = match require_stable {
        true => broker.log.pending_offsets(group).into_iter().collect(),
        false => HashSet::new(),
    };
    // Whatever was seen until here is part of this commit or an earlier one.
    let seen = broker.log.last_commit();
    broker.durability.wait(seen).await.map_err(|error| {
        tracing::warn!(group, %error, "offsets are not safe");
        ResponseError::CoordinatorNotAvailable
    })?;
    let may_describe =
        |topic: &str| broker.security.allows(context, Operation::Describe, Resource::Topic(topic));
    let wanted = match wanted {
        Some(wanted) => wanted,
        None => everything(&committed, &pending, may_describe),
    };
    let find = |(name, partitions): (TopicName, Vec<i32>)| {
        let allowed = may_describe(&name);
        let topic = owned(&name);
        let find = |partition| {
            let at = TopicPartition::new(Arc::clone(&topic), partition);
            if !allowed {
                absent(partition, Some(ResponseError::TopicAuthorizationFailed))
            } else if pending.contains(&at) {
                absent(partition, Some(ResponseError::UnstableOffsetCommit))
            } else {
                committed
                    .get(&at)
                    .map_or_else(|| absent(partition, None), |it| present(partition, it))
            }
        };
        (name, partitions.into_iter().map(find).collect())
    };
    Ok(wanted.into_iter().map(find).collect())
}

/// All partitions with offsets, or with offsets to come, that the client may know of.
fn everything(
    committed: &HashMap<TopicPartition, CommittedOffset>,
    pending: &HashSet<TopicPartition>,
    may_describe: impl Fn(&str) -> bool,
) -> Vec<(TopicName, Vec<i32>)> {
    let mut topics: BTreeMap<&Arc<str>, Vec<i32>> = BTreeMap::new();
    let uncommitted = pending.iter().filter(|at| !committed.contains_key(*at));
    for at in committed.keys().chain(uncommitted).filter(|at| may_describe(&at.topic)) {
        topics.entry(&at.topic).or_default().push(at.partition);
    }
    let sorted = |(topic, mut partitions): (&Arc<str>, Vec<i32>)| {
        partitions.sort_unstable();
        (TopicName(wire(topic)), partitions)
    };
    topics.into_iter().map(sorted).collect()
}

fn present(partition: i32, committed: &CommittedOffset) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions::default()
        .with_partition_index(partition)
        .with_committed_offset(committed.offset.0)
        .with_committed_leader_epoch(committed.leader_epoch)
        .with_metadata(Some(wire(&committed.metadata)))
}

fn absent(partition: i32, error: Option<ResponseError>) -> OffsetFetchResponsePartitions {
    OffsetFetchResponsePartitions::default()
        .with_partition_index(partition)
        .with_committed_offset(-1)
        .with_committed_leader_epoch(-1)
        .with_metadata(Some(wire("")))
        .with_error_code(error.map_or(0, |error| error.code()))
}
