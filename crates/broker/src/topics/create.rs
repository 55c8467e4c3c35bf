//! CreateTopics.

use std::sync::Arc;

use commitlog::{Log as _, TopicChange};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::create_topics_request::CreatableTopic;
use kafka_protocol::messages::create_topics_response::{
    CreatableTopicConfigs, CreatableTopicResult,
};
use kafka_protocol::messages::{CreateTopicsRequest, CreateTopicsResponse};
use kafka_protocol::protocol::StrBytes;

use super::changes::{Changed, make_each};
use super::creation::{Creation, plan};
use super::refusal::Refusal;
use super::{entries, ids};
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};

/// From this version on the answer tells what the topic looks like.
const CONFIGS_VERSION: i16 = 5;

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: CreateTopicsRequest,
) -> CreateTopicsResponse {
    let name = |topic: &CreatableTopic| topic.name.clone();
    let create = |topic: &CreatableTopic| create(&broker, &context, topic, request.validate_only);
    let created = make_each(&broker, &request.topics, name, create);
    let results = created.into_iter().map(|(topic, created)| {
        created.unwrap_or_else(|refusal| {
            CreatableTopicResult::default()
                .with_name(topic.name.clone())
                .with_error_code(refusal.code())
                .with_error_message(refusal.message)
        })
    });
    CreateTopicsResponse::default()
        .with_topics(results.collect())
        .with_throttle_time_ms(broker.security.held_back_ms(&context))
}

fn create(
    broker: &Broker,
    context: &RequestContext,
    topic: &CreatableTopic,
    validate_only: bool,
) -> Result<Changed<CreatableTopicResult>, Refusal> {
    let allows = |operation, resource| broker.security.allows(context, operation, resource);
    let resource = Resource::Topic(&topic.name);
    if !allows(Operation::Create, Resource::Cluster) && !allows(Operation::Create, resource) {
        return Err(Refusal::of(ResponseError::TopicAuthorizationFailed));
    }
    let creation = plan(broker, topic)?;
    let mut result =
        CreatableTopicResult::default().with_name(topic.name.clone()).with_error_message(None);
    let mut commit = None;
    if !validate_only {
        let change = TopicChange::Create(&creation.config);
        commit = Some(broker.log.change_topic(&topic.name, change)?);
        broker.security.mutated(context, creation.config.partitions);
        tracing::info!(topic = topic.name.as_str(), "topic created for a client");
        let created = broker.log.topic(&topic.name);
        result.topic_id = created.map_or_else(Default::default, |topic| ids::to_uuid(topic.id));
    }
    if context.version >= CONFIGS_VERSION {
        result = match allows(Operation::DescribeConfigs, resource) {
            true => described(broker, &creation, result),
            false => {
                let denied = ResponseError::TopicAuthorizationFailed.code();
                result.with_topic_config_error_code(denied).with_configs(None)
            }
        };
    }
    Ok(Changed { told: result, commit })
}

/// Tells what the topic looks like.
fn described(
    broker: &Broker,
    creation: &Creation,
    result: CreatableTopicResult,
) -> CreatableTopicResult {
    let config = |entry: entries::Entry| {
        CreatableTopicConfigs::default()
            .with_name(StrBytes::from_static_str(entry.definition.name))
            .with_value(entry.text())
            .with_config_source(entry.source.code())
            .with_is_sensitive(entry.definition.is_sensitive())
    };
    let configs = entries::of_topic(&broker.settings, &creation.config);
    result
        .with_num_partitions(creation.config.partitions)
        .with_replication_factor(1)
        .with_configs(Some(configs.into_iter().map(config).collect()))
}
