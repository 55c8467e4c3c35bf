//! The answer to a produce request.

use commitlog::{EmbeddedLog, Log as _};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::produce_response::{
    BatchIndexAndErrorMessage, PartitionProduceResponse, TopicProduceResponse,
};
use kafka_protocol::messages::{ProduceRequest, ProduceResponse};
use kafka_protocol::protocol::StrBytes;

use super::partition::{Partition, Progress, RecordRefusal, Refusal};

/// What an answer says where there is no offset or time.
const NONE: i64 = -1;

/// The answer that says what became of `partitions`, which are `request`'s.
pub(super) fn response(
    log: &EmbeddedLog,
    request: &ProduceRequest,
    partitions: &[Partition],
) -> ProduceResponse {
    let topic = |data: &kafka_protocol::messages::produce_request::TopicProduceData| {
        TopicProduceResponse::default().with_name(data.name.clone()).with_topic_id(data.topic_id)
    };
    let mut topics: Vec<TopicProduceResponse> = request.topic_data.iter().map(topic).collect();
    for partition in partitions {
        topics[partition.topic].partition_responses.push(partition_response(log, partition));
    }
    ProduceResponse::default().with_responses(topics)
}

fn partition_response(log: &EmbeddedLog, partition: &Partition) -> PartitionProduceResponse {
    let response = PartitionProduceResponse::default().with_index(partition.index);
    match &partition.progress {
        Progress::Appended { at, appended } => response
            .with_base_offset(appended.base_offset.0)
            .with_log_append_time_ms(appended.append_time_ms.unwrap_or(NONE))
            .with_log_start_offset(log.offsets(at).map_or(NONE, |offsets| offsets.start.0)),
        Progress::Refused(refusal) => refused(response, refusal),
        Progress::Received(_) | Progress::Admitted { .. } => {
            refused(response, &Refusal::of(ResponseError::UnknownServerError))
        }
    }
}

fn refused(response: PartitionProduceResponse, refusal: &Refusal) -> PartitionProduceResponse {
    let record = |record: &RecordRefusal| {
        BatchIndexAndErrorMessage::default()
            .with_batch_index(record.index)
            .with_batch_index_error_message(Some(StrBytes::from_string(record.message.clone())))
    };
    response
        .with_error_code(refusal.code.code())
        .with_base_offset(NONE)
        .with_log_append_time_ms(NONE)
        .with_log_start_offset(NONE)
        .with_record_errors(refusal.records.iter().map(record).collect())
        .with_error_message(refusal.message.clone().map(StrBytes::from_string))
}
