//! DeleteTopics, by name or by id.

use std::sync::Arc;

use commitlog::{Log as _, TopicDescription};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::{DeleteTopicsRequest, DeleteTopicsResponse, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::refusal::{Refusal, once_each};
use super::{ids, names};
use crate::Broker;
use crate::context::RequestContext;
use crate::on_disk::on_disk;
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
    let mut responses = Vec::with_capacity(wanted.len());
    for (topic, is_once) in once_each(&wanted, key) {
        responses.push(match is_once.and_then(|()| delete(&broker, &context, topic)) {
            Ok(result) => result,
            Err(refusal) => refused(topic, refusal),
        });
    }
    DeleteTopicsResponse::default()
        .with_throttle_time_ms(broker.security.held_back_ms(&context))
        .with_responses(responses)
}

fn delete(
    broker: &Broker,
    context: &RequestContext,
    topic: &DeleteTopicState,
) -> Result<DeletableTopicResult, Refusal> {
    let found = find(broker, context, topic)?;
    check(broker, context, &found.name)?;
    on_disk(|| broker.log.delete_topic(&found.name))?;
    tracing::info!(topic = %found.name, "topic deleted for a client");
    broker.security.mutated(context, found.config.partitions);
    Ok(DeletableTopicResult::default()
        .with_name(Some(TopicName(StrBytes::from_string(found.name.to_string()))))
        .with_topic_id(ids::to_uuid(found.id)))
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
    if names::is_own(name) {
        let message = format!("The broker keeps what it must remember in '{name}'.");
        return Err(Refusal::new(ResponseError::InvalidRequest, message));
    }
    Ok(())
}

fn refused(topic: &DeleteTopicState, refusal: Refusal) -> DeletableTopicResult {
    DeletableTopicResult::default()
        .with_name(topic.name.clone())
        .with_topic_id(topic.topic_id)
        .with_error_code(refusal.code())
        .with_error_message(refusal.message)
}
