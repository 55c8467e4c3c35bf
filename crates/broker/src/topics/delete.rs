//! DeleteTopics, by name or by id.

use std::collections::HashMap;
use std::sync::Arc;

use commitlog::{Log as _, TopicDescription};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_topics_request::DeleteTopicState;
use kafka_protocol::messages::delete_topics_response::DeletableTopicResult;
use kafka_protocol::messages::{DeleteTopicsRequest, DeleteTopicsResponse, TopicName};
use kafka_protocol::protocol::StrBytes;

use super::refusal::Refusal;
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
    let mut times: HashMap<(Option<TopicName>, u128), usize> = HashMap::new();
    for topic in &wanted {
        *times.entry(key(topic)).or_default() += 1;
    }
    let mut responses = Vec::with_capacity(wanted.len());
    for topic in wanted {
        // Who is named twice is answered once.
        match times.remove(&key(&topic)) {
            None => continue,
            Some(1) => responses.push(delete(&broker, &context, &topic)),
            Some(_) => {
                let twice = Refusal::new(ResponseError::InvalidRequest, "Duplicate topic.");
                responses.push(refused(&topic, twice));
            }
        }
    }
    DeleteTopicsResponse::default().with_responses(responses)
}

fn key(topic: &DeleteTopicState) -> (Option<TopicName>, u128) {
    (topic.name.clone(), topic.topic_id.as_u128())
}

fn delete(
    broker: &Broker,
    context: &RequestContext,
    topic: &DeleteTopicState,
) -> DeletableTopicResult {
    let deleted = find(broker, context, topic).and_then(|found| {
        check(broker, context, &found.name)?;
        on_disk(|| broker.log.delete_topic(&found.name)).map_err(Refusal::from)?;
        tracing::info!(topic = %found.name, "topic deleted for a client");
        Ok(found)
    });
    match deleted {
        Ok(found) => DeletableTopicResult::default()
            .with_name(Some(TopicName(StrBytes::from_string(found.name.to_string()))))
            .with_topic_id(ids::to_uuid(found.id))
            .with_error_message(None),
        Err(refusal) => refused(topic, refusal),
    }
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
