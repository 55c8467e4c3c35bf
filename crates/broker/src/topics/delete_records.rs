//! DeleteRecords: partitions start later.

use std::sync::Arc;

use commitlog::Log as _;
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
    let mut topics = Vec::with_capacity(request.topics.len());
    for topic in request.topics {
        let allowed = check_topic(&broker, &context, &topic.name);
        let delete = |partition: &DeleteRecordsPartition| {
            let index = partition.partition_index;
            let at = TopicPartition::new(topic.name.as_str(), index);
            let deleted = allowed.and_then(|()| delete(&broker, &at, partition.offset));
            let (start, code) = match deleted {
                Ok(start) => (start.0, 0),
                Err(error) => (UNKNOWN, error.code()),
            };
            DeleteRecordsPartitionResult::default()
                .with_partition_index(index)
                .with_low_watermark(start)
                .with_error_code(code)
        };
        let partitions = topic.partitions.iter().map(delete).collect();
        topics.push(
            DeleteRecordsTopicResult::default()
                .with_name(topic.name.clone())
                .with_partitions(partitions),
        );
    }
    DeleteRecordsResponse::default().with_topics(topics)
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

fn delete(broker: &Broker, at: &TopicPartition, before: i64) -> Result<Offset, ResponseError> {
    let code = |error| crate::error::code(&error);
    let offsets = broker.log.offsets(at).map_err(code)?;
    let before = match before {
        ALL => offsets.durable_end,
        0.. => Offset(before),
        _ => return Err(ResponseError::OffsetOutOfRange),
    };
    if before <= offsets.start {
        return Ok(offsets.start);
    }
    on_disk(|| broker.log.delete_records(at, before)).map_err(code)
}
