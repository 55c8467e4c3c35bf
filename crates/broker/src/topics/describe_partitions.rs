//! DescribeTopicPartitions: metadata in portions (KIP-966), for tools that look at large clusters.

use std::sync::Arc;

use commitlog::{Log as _, TopicDescription};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use kafka_protocol::messages::{
    DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, TopicName,
};
use kafka_protocol::protocol::StrBytes;

use super::authorized::{NOT_ASKED, authorized_operations};
use super::node::node_id;
use super::{ids, names};
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DescribeTopicPartitionsRequest,
) -> DescribeTopicPartitionsResponse {
    let limit = broker.settings.number("max.request.partition.size.limit");
    let mut portion = Portion {
        broker: &broker,
        context: &context,
        room: i64::from(request.response_partition_limit).clamp(1, limit.max(1)),
        topics: Vec::new(),
    };
    let from = request.cursor.map(|cursor| (cursor.topic_name.to_string(), cursor.partition_index));
    let wanted = wanted(&broker, request.topics.iter().map(|topic| topic.name.to_string()));
    let all = request.topics.is_empty();
    for name in wanted {
        let first = match &from {
            Some((cursor, _)) if name < *cursor => continue,
            Some((cursor, partition)) if name == *cursor => (*partition).max(0),
            _ => 0,
        };
        if let Some(next) = portion.add(&name, first, all) {
            let response = DescribeTopicPartitionsResponse::default().with_topics(portion.topics);
            return response.with_next_cursor(Some(next));
        }
    }
    DescribeTopicPartitionsResponse::default().with_topics(portion.topics)
}

/// Names of the topics in order, each once; all when none is named.
fn wanted(broker: &Broker, named: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = named.collect();
    if names.is_empty() {
        return broker.log.topics().iter().map(|topic| topic.name.to_string()).collect();
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// An answer that fills up.
struct Portion<'a> {
    broker: &'a Broker,
    context: &'a RequestContext,
    /// Partitions there is still room for.
    room: i64,
    topics: Vec<DescribeTopicPartitionsResponseTopic>,
}

impl Portion<'_> {
    /// Adds the topic `name` from its partition `first` on; where to go on, if there is no room for
    /// all. What the client may not know of is left out when it asked for all topics.
    fn add(&mut self, name: &str, first: i32, all: bool) -> Option<Cursor> {
        let next = |partition| {
            let name = TopicName(StrBytes::from_string(name.to_owned()));
            Cursor::default().with_topic_name(name).with_partition_index(partition)
        };
        if self.room == 0 {
            return Some(next(first));
        }
        let resource = Resource::Topic(name);
        if !self.broker.security.allows(self.context, Operation::Describe, resource) {
            if !all {
                self.topics.push(failed(ResponseError::TopicAuthorizationFailed, name));
            }
            return None;
        }
        let Some(topic) = self.broker.log.topic(name) else {
            let error = match names::check(name) {
                Ok(()) => ResponseError::UnknownTopicOrPartition,
                Err(_) => ResponseError::InvalidTopicException,
            };
            self.topics.push(failed(error, name));
            return None;
        };
        let total = topic.config.partitions;
        let end = i64::from(total).min(i64::from(first).saturating_add(self.room)) as i32;
        self.room -= i64::from((end - first).max(0));
        let told = self.told(&topic, first..end);
        self.topics.push(told);
        (end < total).then(|| next(end))
    }

    fn told(
        &self,
        topic: &TopicDescription,
        partitions: std::ops::Range<i32>,
    ) -> DescribeTopicPartitionsResponseTopic {
        let node = vec![node_id(self.broker)];
        let partition = |index| {
            DescribeTopicPartitionsResponsePartition::default()
                .with_partition_index(index)
                .with_leader_id(node[0])
                .with_leader_epoch(0)
                .with_replica_nodes(node.clone())
                .with_isr_nodes(node.clone())
                .with_eligible_leader_replicas(Some(Vec::new()))
                .with_last_known_elr(Some(Vec::new()))
        };
        let resource = Resource::Topic(&topic.name);
        DescribeTopicPartitionsResponseTopic::default()
            .with_name(Some(TopicName(StrBytes::from_string(topic.name.to_string()))))
            .with_topic_id(ids::to_uuid(topic.id))
            .with_is_internal(names::is_internal(&topic.name))
            .with_partitions(partitions.map(partition).collect())
            .with_topic_authorized_operations(authorized_operations(
                self.broker,
                self.context,
                resource,
            ))
    }
}

fn failed(error: ResponseError, name: &str) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic::default()
        .with_error_code(error.code())
        .with_name(Some(TopicName(StrBytes::from_string(name.to_owned()))))
        .with_is_internal(names::is_internal(name))
        .with_topic_authorized_operations(NOT_ASKED)
}
