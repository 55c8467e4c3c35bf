//! DeleteTopics, by name or by id.

use std::sync::Arc;

use commitlog::{Log as _, TopicChange, TopicDescription};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::{DeleteTopicsRequest, DeleteTopicsResponse, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::changes::{Changed, make_each};
use super::refusal::Refusal;
use super::{ids, own};
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};

/// From this version on `delete.topic.enable=false` has an error of its own.
const DELETION_DISABLED_VERSION: i16 = 3;

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DeleteTopicsRequest,
) -> DeleteTopicsResponse {
    let by_name = |name| DeleteTopicState::default().with_name(Some(name));
    let mut wanted = request.topics;
    wanted.extend(request.topic_names.into_iter().map(by_name));
    let key = |topic: &DeleteTopicState| (topic.name.clone(), topic.topic_id);
    let deleted = make_each(&broker, &wanted, key, |topic| delete(&broker, &context, topic));
    let responses = deleted
        .into_iter()
        .map(|(topic, deleted)| deleted.unwrap_or_else(|refusal| refused(topic, refusal)));
    DeleteTopicsResponse::default()
        .with_responses(responses.collect())
        .with_throttle_time_ms(broker.security.held_back_ms(&context))
}

fn delete(
    broker: &Broker,
    context: &RequestContext,
    topic: &DeleteTopicState,
) -> Result<Changed<DeletableTopicResult>, Refusal> {
    let found = find(broker, context, topic)?;
    check(broker, context, &found.name)?;
    let commit = broker.log.change_topic(&found.name, TopicChange::Delete)?;
    tracing::info!(topic = %found.name, "topic deleted for a client");
    broker.security.mutated(context, found.config.partitions);
    let told = DeletableTopicResult::default()
        .with_name(Some(TopicName(StrBytes::from_string(found.name.to_string()))))
        .with_topic_id(ids::to_uuid(found.id));
    Ok(Changed { told, commit: Some(commit) })
}

fn find(
    broker: &Broker,
    context: &RequestContext,
    topic: &DeleteTopicState,
) -> Result<TopicDescription, Refusal> {
    let may_know =
        |name: &str| broker.security.allows(context, Operation::Describe, Resource::Topic(name));
    // Who may not know of a topic is not told whether it is there.
    if topic.name.as_ref().is_some_and(|name| !may_know(name)) {
        return Err(Refusal::of(ResponseError::TopicAuthorizationFailed));
    }
    let (found, unknown) = match (&topic.name, ids::from_uuid(topic.topic_id)) {
        (Some(name), None) => (broker.log.topic(name), ResponseError::UnknownTopicOrPartition),
        (None, Some(id)) => (broker.log.topic_by_id(id), ResponseError::UnknownTopicId),
        (Some(_), Some(_)) => {
            let message = "You may not specify both topic name and topic id.";
            return Err(Refusal::new(ResponseError::InvalidRequest, message));
        }
        (None, None) => {
            let message = "Neither topic name nor id were specified.";
            return Err(Refusal::new(ResponseError::InvalidRequest, message));
        }
    };
    found.ok_or_else(|| Refusal::new(unknown, "There is no such topic."))
}

fn check(broker: &Broker, context: &RequestContext, name: &str) -> Result<(), Refusal> {
    if !broker.security.allows(context, Operation::Delete, Resource::Topic(name)) {
        return Err(Refusal::of(ResponseError::TopicAuthorizationFailed));
    }
    if !broker.settings.flag("delete.topic.enable") {
        let error = match context.version {
            DELETION_DISABLED_VERSION.. => ResponseError::TopicDeletionDisabled,
            _ => ResponseError::InvalidRequest,
        };
        return Err(Refusal::new(error, "delete.topic.enable is false."));
    }
    own::refuse(name, "Cannot delete")
}

fn refused(topic: &DeleteTopicState, refusal: Refusal) -> DeletableTopicResult {
    DeletableTopicResult::default()
        .with_name(topic.name.clone())
        .with_topic_id(topic.topic_id)
        .with_error_code(refusal.code())
        .with_error_message(refusal.message)
}
