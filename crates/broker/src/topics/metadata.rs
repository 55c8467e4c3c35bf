//! Metadata: topics and where their partitions lead. The first thing a client asks, and again
//! whenever something moves; topics it names and nobody has are created, if it and the broker want.

use std::sync::Arc;

use commitlog::{Log as _, TopicDescription};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::metadata_request::MetadataRequestTopic;
use kafka_protocol::messages::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use kafka_protocol::messages::{MetadataRequest, MetadataResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use super::authorized::{NOT_ASKED, authorized_operations};
use super::node::{endpoint, node_id};
use super::{automatic, ids, names};
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};

/// From this version on an empty list of topics means none; before, all.
const EMPTY_MEANS_NONE_VERSION: i16 = 1;
/// From this version on topics can be asked for by id.
const IDS_VERSION: i16 = 12;

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: MetadataRequest,
) -> MetadataResponse {
    let asked = Asked {
        broker: &broker,
        context: &context,
        creates: request.allow_auto_topic_creation,
        operations: request.include_topic_authorized_operations,
    };
    let topics = match request.topics {
        None => asked.all(),
        Some(none) if none.is_empty() && context.version < EMPTY_MEANS_NONE_VERSION => asked.all(),
        Some(topics) => asked.some(topics).await,
    };
    let endpoint = endpoint(&broker, &context.session);
    let node = MetadataResponseBroker::default()
        .with_node_id(node_id(&broker))
        .with_host(StrBytes::from_string(endpoint.host))
        .with_port(i32::from(endpoint.port));
    let operations = match request.include_cluster_authorized_operations {
        true => authorized_operations(&broker, &context, Resource::Cluster),
        false => NOT_ASKED,
    };
    MetadataResponse::default()
        .with_brokers(vec![node])
        .with_cluster_id(Some(broker.node.cluster_id.clone()))
        .with_controller_id(node_id(&broker))
        .with_topics(topics)
        .with_cluster_authorized_operations(operations)
}

/// What is asked for about each topic.
struct Asked<'a> {
    broker: &'a Broker,
    context: &'a RequestContext,
    creates: bool,
    operations: bool,
}

impl Asked<'_> {
    /// Every topic the client may know of.
    fn all(&self) -> Vec<MetadataResponseTopic> {
        let topics = self.broker.log.topics();
        let known = topics.into_iter().filter(|topic| self.may_describe(&topic.name));
        known.map(|topic| self.found(&topic)).collect()
    }

    async fn some(&self, topics: Vec<MetadataRequestTopic>) -> Vec<MetadataResponseTopic> {
        let mut answers = Vec::with_capacity(topics.len());
        for MetadataRequestTopic { topic_id, name, .. } in topics {
            answers.push(match (ids::from_uuid(topic_id), name) {
                // Java's client sends an empty name beside an id.
                (Some(id), _) if self.context.version >= IDS_VERSION => self.with_id(id),
                (None, Some(name)) => self.named(name),
                (_, name) => failed(ResponseError::InvalidRequest, name, topic_id),
            });
        }
        answers
    }

    fn named(&self, name: TopicName) -> MetadataResponseTopic {
        if !self.may_describe(&name) {
            return failed(ResponseError::TopicAuthorizationFailed, Some(name), Uuid::nil());
        }
        match self.find_or_create(&name) {
            Ok(topic) => self.found(&topic),
            Err(error) => failed(error, Some(name), Uuid::nil()),
        }
    }

    fn find_or_create(&self, name: &str) -> Result<TopicDescription, ResponseError> {
        if let Some(topic) = self.broker.log.topic(name) {
            return Ok(topic);
        }
        names::check(name).map_err(|_| ResponseError::InvalidTopicException)?;
        match self.creates {
            true => automatic::create(self.broker, self.context, name),
            false => Err(ResponseError::UnknownTopicOrPartition),
        }
    }

    fn with_id(&self, id: u128) -> MetadataResponseTopic {
        let unknown = |error| failed(error, None, ids::to_uuid(id));
        match self.broker.log.topic_by_id(id) {
            None => unknown(ResponseError::UnknownTopicId),
            // The name is not told to who may not know of it.
            Some(topic) if !self.may_describe(&topic.name) => {
                unknown(ResponseError::TopicAuthorizationFailed)
            }
            Some(topic) => self.found(&topic),
        }
    }

    fn may_describe(&self, name: &str) -> bool {
        let resource = Resource::Topic(name);
        self.broker.security.allows(self.context, Operation::Describe, resource)
    }

    fn found(&self, topic: &TopicDescription) -> MetadataResponseTopic {
        let node = vec![node_id(self.broker)];
        let partition = |index| {
            MetadataResponsePartition::default()
                .with_partition_index(index)
                .with_leader_id(node[0])
                .with_leader_epoch(0)
                .with_replica_nodes(node.clone())
                .with_isr_nodes(node.clone())
        };
        let operations = match self.operations {
            true => authorized_operations(self.broker, self.context, Resource::Topic(&topic.name)),
            false => NOT_ASKED,
        };
        MetadataResponseTopic::default()
            .with_name(Some(TopicName(StrBytes::from_string(topic.name.to_string()))))
            .with_topic_id(ids::to_uuid(topic.id))
            .with_is_internal(names::is_internal(&topic.name))
            .with_partitions((0..topic.config.partitions).map(partition).collect())
            .with_topic_authorized_operations(operations)
    }
}

fn failed(error: ResponseError, name: Option<TopicName>, id: Uuid) -> MetadataResponseTopic {
    let is_internal = name.as_ref().is_some_and(|name| names::is_internal(name));
    MetadataResponseTopic::default()
        .with_error_code(error.code())
        .with_name(name)
        .with_topic_id(id)
        .with_is_internal(is_internal)
        .with_topic_authorized_operations(NOT_ASKED)
}
