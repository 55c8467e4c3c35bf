//! OffsetDelete: an administrator forgets offsets of a group that does not need them.

use std::collections::BTreeSet;
use std::sync::Arc;

use commitlog::{CommitId, Log as _};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_delete_response::{
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use kafka_protocol::messages::{OffsetDeleteRequest, OffsetDeleteResponse};
use types::TopicPartition;

use super::owned;
use crate::Broker;
use crate::context::RequestContext;
use crate::groups::coordinator::{Unknown, with_group};
use crate::groups::entry::{Entry, Kind};
use crate::groups::{classic, refusal};
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// The answer as far as it is known, and what to wait for before it is given.
type Deleted = (Vec<OffsetDeleteResponseTopic>, CommitId);

/// Answers the request.
pub(in crate::groups) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: OffsetDeleteRequest,
) -> OffsetDeleteResponse {
    let failed =
        |error: ResponseError| OffsetDeleteResponse::default().with_error_code(error.code());
    let group_id = request.group_id.as_str();
    if !broker.security.allows(&context, Operation::Delete, Resource::Group(group_id)) {
        return failed(ResponseError::GroupAuthorizationFailed);
    }
    let deleted = on_disk(|| {
        with_group(&broker, group_id, Unknown::Refuse, |entry, _now| {
            delete(&broker, &context, &request, entry)
        })
    });
    let (topics, commit) = match deleted {
        Ok(Ok(deleted)) => deleted,
        Ok(Err(error)) | Err(error) => return failed(error),
    };
    match broker.durability.wait(commit).await {
        Ok(()) => OffsetDeleteResponse::default().with_topics(topics),
        Err(error) => {
            tracing::warn!(group = group_id, %error, "cannot delete offsets");
            failed(ResponseError::CoordinatorNotAvailable)
        }
    }
}

fn delete(
    broker: &Broker,
    context: &RequestContext,
    request: &OffsetDeleteRequest,
    entry: &Entry,
) -> Result<Deleted, ResponseError> {
    let subscribed = subscribed(entry)?;
    let (mut answer, mut forgotten) = (Vec::new(), Vec::new());
    for topic in &request.topics {
        let name = owned(&topic.name);
        let may_read = broker.security.allows(context, Operation::Read, Resource::Topic(&name));
        let count = broker.log.topic(&name).map_or(0, |topic| topic.config.partitions);
        let partitions = topic.partitions.iter().map(|partition| {
            let number = partition.partition_index;
            let error = if !may_read {
                Some(ResponseError::TopicAuthorizationFailed)
            } else if !(0..count).contains(&number) {
                Some(ResponseError::UnknownTopicOrPartition)
            } else if subscribed.contains(&*name) {
                Some(ResponseError::GroupSubscribedToTopic)
            } else {
                forgotten.push(TopicPartition::new(Arc::clone(&name), number));
                None
            };
            OffsetDeleteResponsePartition::default()
                .with_partition_index(number)
                .with_error_code(error.map_or(0, |error| error.code()))
        });
        let partitions = partitions.collect();
        let topic = OffsetDeleteResponseTopic::default().with_name(topic.name.clone());
        answer.push(topic.with_partitions(partitions));
    }
    let deleted = broker.log.delete_positions(&entry.name, &forgotten);
    deleted.map_err(|error| refusal(&entry.name, &error))?;
    Ok((answer, broker.log.last_commit()))
}

/// The topics whose offsets the group still needs.
fn subscribed(entry: &Entry) -> Result<BTreeSet<Arc<str>>, ResponseError> {
    match &entry.kind {
        Kind::Classic(group) if *group.state() == classic::State::Empty => Ok(BTreeSet::new()),
        Kind::Classic(group) => group.subscription().ok_or(ResponseError::NonEmptyGroup),
        Kind::Consumer(group) => Ok(group.subscription().cloned().collect()),
    }
}
