//! DeleteRecords: partitions start later.

use std::sync::Arc;

use commitlog::{CommitId, Log as _};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_records_request::DeleteRecordsPartition;
use kafka_protocol::messages::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
};
use kafka_protocol::messages::{DeleteRecordsRequest, DeleteRecordsResponse};
use types::{Offset, TopicPartition};

use super::names;
use crate::Broker;
use crate::context::RequestContext;
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// Stands for everything that is there.
const ALL: i64 = -1;
/// Where a partition starts that was not touched.
const UNKNOWN: i64 = -1;

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DeleteRecordsRequest,
) -> DeleteRecordsResponse {
    let mut last = None;
    let mut delete = |at: &TopicPartition, before: i64| {
        let (commit, start) = delete(&broker, at, before)?;
        last = last.max(Some(commit));
        Ok(start)
    };
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let allowed = check_topic(&broker, &context, &topic.name);
        let deleted = topic.partitions.iter().map(|partition| {
            let at = TopicPartition::new(topic.name.as_str(), partition.partition_index);
            result(partition, allowed.and_then(|()| delete(&at, partition.offset)))
        });
        let partitions = deleted.collect();
        let result = DeleteRecordsTopicResult::default().with_name(topic.name.clone());
        topics.push(result.with_partitions(partitions));
    }
    let waited = last.map_or(Ok(()), |last| on_disk(|| broker.log.wait_durable(last)));
    if let Err(error) = waited {
        let code = crate::error::code(&error).code();
        let partitions = topics.iter_mut().flat_map(|topic| &mut topic.partitions);
        for partition in partitions.filter(|partition| partition.error_code == 0) {
            (partition.low_watermark, partition.error_code) = (UNKNOWN, code);
        }
    }
    DeleteRecordsResponse::default().with_topics(topics)
}

fn result(
    partition: &DeleteRecordsPartition,
    deleted: Result<Offset, ResponseError>,
) -> DeleteRecordsPartitionResult {
    let (start, code) = match deleted {
        Ok(start) => (start.0, 0),
        Err(error) => (UNKNOWN, error.code()),
    };
    DeleteRecordsPartitionResult::default()
        .with_partition_index(partition.partition_index)
        .with_low_watermark(start)
        .with_error_code(code)
}

fn check_topic(broker: &Broker, context: &RequestContext, name: &str) -> Result<(), ResponseError> {
    if !broker.security.allows(context, Operation::Delete, Resource::Topic(name)) {
        return Err(ResponseError::TopicAuthorizationFailed);
    }
    if names::is_own(name) {
        return Err(ResponseError::InvalidTopicException);
    }
    match broker.log.topic(name) {
        None => Err(ResponseError::UnknownTopicOrPartition),
        // A topic that is only compacted promises the latest record of each key.
        Some(topic) if !topic.config.delete => Err(ResponseError::PolicyViolation),
        Some(_) => Ok(()),
    }
}

/// Where the partition starts now, and the commit that must be durable for it to stay so.
fn delete(
    broker: &Broker,
    at: &TopicPartition,
    before: i64,
) -> Result<(CommitId, Offset), ResponseError> {
    let code = |error| crate::error::code(&error);
    let offsets = broker.log.offsets(at).map_err(code)?;
    let before = match before {
        ALL => offsets.durable_end,
        0.. => Offset(before),
        _ => return Err(ResponseError::OffsetOutOfRange),
    };
    if before <= offsets.start {
        // Whoever moved it so far may still wait for stable storage.
        return Ok((broker.log.last_commit(), offsets.start));
    }
    on_disk(|| broker.log.delete_records(at, before)).map_err(code)
}
