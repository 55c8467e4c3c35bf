//! What a fetch wants of a partition, and where that partition is.

use std::sync::Arc;

use commitlog::{Log as _, TopicDescription};
use kafka_protocol::ResponseError;
use records::Compression;
use types::TopicPartition;

use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};

/// From this version on topics are named by their ids.
pub(super) const TOPIC_ID_VERSION_MIN: i16 = 13;
/// The first version of Fetch whose clients understand Zstandard (KIP-110).
const ZSTD_VERSION_MIN: i16 = 10;

/// A topic as a client names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum TopicKey {
    /// By name, before version 13.
    Name(Arc<str>),
    /// By id.
    Id(u128),
}

/// A partition as a client names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct PartitionKey {
    pub(super) topic: TopicKey,
    pub(super) partition: i32,
}

/// What is wanted of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The first offset wanted.
    pub(super) offset: i64,
    /// Bytes wanted at most.
    pub(super) bytes_max: usize,
    /// The leader epoch that the client believes in.
    pub(super) leader_epoch: i32,
}

/// A partition to read.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) key: PartitionKey,
    pub(super) wanted: Wanted,
    /// Where it is, or why it cannot be read.
    pub(super) place: Result<TopicPartition, ResponseError>,
}

/// Finds every one of `wanted`, as far as the client may read it.
pub(super) fn find(
    broker: &Broker,
    context: &RequestContext,
    wanted: Vec<(PartitionKey, Wanted)>,
) -> Vec<Target> {
    // Partitions of a topic come together, so the last topic is the next one's more often than not.
    let mut last: Option<(TopicKey, Result<TopicDescription, ResponseError>)> = None;
    let mut targets = Vec::with_capacity(wanted.len());
    for (key, wanted) in wanted {
        let topic = match &last {
            Some((known, topic)) if *known == key.topic => topic.clone(),
            _ => {
                let topic = find_topic(broker, context, &key.topic);
                last = Some((key.topic.clone(), topic.clone()));
                topic
            }
        };
        let place = topic.and_then(|topic| locate(&topic, key.partition));
        targets.push(Target { key, wanted, place });
    }
    targets
}

fn find_topic(
    broker: &Broker,
    context: &RequestContext,
    key: &TopicKey,
) -> Result<TopicDescription, ResponseError> {
    let may_read = |name: &str| match broker.security.allows(
        context,
        Operation::Read,
        Resource::Topic(name),
    ) {
        true => Ok(()),
        false => Err(ResponseError::TopicAuthorizationFailed),
    };
    let topic = match key {
        TopicKey::Name(name) => {
            may_read(name)?;
            broker.log.topic(name).ok_or(ResponseError::UnknownTopicOrPartition)?
        }
        TopicKey::Id(id) => {
            let topic = broker.log.topic_by_id(*id).ok_or(ResponseError::UnknownTopicId)?;
            may_read(&topic.name)?;
            topic
        }
    };
    if context.version < ZSTD_VERSION_MIN && topic.config.compression == Some(Compression::Zstd) {
        return Err(ResponseError::UnsupportedCompressionType);
    }
    Ok(topic)
}

fn locate(topic: &TopicDescription, partition: i32) -> Result<TopicPartition, ResponseError> {
    if !(0..topic.config.partitions).contains(&partition) {
        return Err(ResponseError::UnknownTopicOrPartition);
    }
    Ok(TopicPartition::new(topic.name.clone(), partition))
}
