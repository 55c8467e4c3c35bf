//! DescribeLogDirs: where partitions lie and how large they are. There is one directory.

use std::sync::Arc;

use commitlog::Log as _;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use kafka_protocol::messages::{DescribeLogDirsRequest, DescribeLogDirsResponse, TopicName};
use kafka_protocol::protocol::StrBytes;
use types::TopicPartition;

use crate::Broker;
use crate::context::RequestContext;
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// What is told of a disk that does not say how large it is.
const UNKNOWN_BYTES: i64 = -1;

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DescribeLogDirsRequest,
) -> DescribeLogDirsResponse {
    if !broker.security.allows(&context, Operation::Describe, Resource::Cluster) {
        let denied = ResponseError::ClusterAuthorizationFailed.code();
        return DescribeLogDirsResponse::default().with_error_code(denied);
    }
    let topics = match request.topics {
        None => all(&broker),
        Some(topics) => {
            let told = topics.into_iter().filter_map(|topic| {
                let known = broker.log.topic(&topic.topic)?;
                Some(told(&broker, &known.name, topic.partitions.into_iter()))
            });
            told.filter(|topic| !topic.partitions.is_empty()).collect()
        }
    };
    let (total_bytes, usable_bytes) = on_disk(|| space(&broker));
    let result = DescribeLogDirsResult::default()
        .with_log_dir(StrBytes::from_string(broker.config.log_directory.clone()))
        .with_topics(topics)
        .with_total_bytes(total_bytes)
        .with_usable_bytes(usable_bytes);
    DescribeLogDirsResponse::default().with_results(vec![result])
}

/// Bytes of the disk, and those that may still be written.
fn space(broker: &Broker) -> (i64, i64) {
    let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    match broker.log.space() {
        Ok(space) => (bytes(space.total_bytes), bytes(space.usable_bytes)),
        Err(error) => {
            tracing::warn!(%error, "a client is not told how large the disk is");
            (UNKNOWN_BYTES, UNKNOWN_BYTES)
        }
    }
}

fn all(broker: &Broker) -> Vec<DescribeLogDirsTopic> {
    let topics = broker.log.topics();
    let told = topics.iter().map(|topic| told(broker, &topic.name, 0..topic.config.partitions));
    told.collect()
}

fn told(
    broker: &Broker,
    topic: &Arc<str>,
    partitions: impl Iterator<Item = i32>,
) -> DescribeLogDirsTopic {
    let told = partitions.filter_map(|index| {
        let at = TopicPartition { topic: Arc::clone(topic), partition: index };
        let bytes = broker.log.partition_bytes(&at).ok()?;
        Some(
            DescribeLogDirsPartition::default()
                .with_partition_index(index)
                .with_partition_size(i64::try_from(bytes).unwrap_or(i64::MAX)),
        )
    });
    DescribeLogDirsTopic::default()
        .with_name(TopicName(StrBytes::from_string(topic.to_string())))
        .with_partitions(told.collect())
}
