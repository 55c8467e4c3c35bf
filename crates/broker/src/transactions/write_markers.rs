//! WriteTxnMarkers: ends transactions in partitions without asking their coordinator. Between brokers
//! that is how every transaction ends; here only an administrator sends it, to abort a transaction that
//! holds up readers (`kafka-transactions abort`).

use std::sync::Arc;

use commitlog::{Commit, CommitId, Log as _, Marker, Outcome, Producer};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::write_txn_markers_request::WritableTxnMarker;
use kafka_protocol::messages::write_txn_markers_response::{
    WritableTxnMarkerPartitionResult, WritableTxnMarkerResult, WritableTxnMarkerTopicResult,
};
use kafka_protocol::messages::{WriteTxnMarkersRequest, WriteTxnMarkersResponse};
use types::TopicPartition;

use crate::Broker;
use crate::context::RequestContext;
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: WriteTxnMarkersRequest,
) -> WriteTxnMarkersResponse {
    let may = |operation| broker.security.allows(&context, operation, Resource::Cluster);
    let is_allowed = may(Operation::Alter) || may(Operation::ClusterAction);
    let mut last = None;
    let mut write = |marker: Marker| {
        if !is_allowed {
            return Err(ResponseError::ClusterAuthorizationFailed);
        }
        let id = on_disk(|| append(&broker, marker))?;
        last = last.max(Some(id));
        Ok(())
    };
    let mut results: Vec<_> =
        request.markers.iter().map(|marker| result(marker, &mut write)).collect();
    if let Some(last) = last
        && let Err(error) = broker.durability.wait(last).await
    {
        tracing::warn!(%error, "markers are not on stable storage");
        let partitions = results.iter_mut().flat_map(|result| &mut result.topics);
        for partition in partitions.flat_map(|topic| &mut topic.partitions) {
            partition.error_code = ResponseError::KafkaStorageError.code();
        }
    }
    WriteTxnMarkersResponse::default().with_markers(results)
}

fn append(broker: &Broker, marker: Marker) -> Result<CommitId, ResponseError> {
    let commit = Commit { markers: vec![marker], ..Commit::default() };
    let committed = broker.log.commit(commit).map_err(|error| crate::error::code(&error))?;
    Ok(committed.id)
}

/// Each partition is a commit of its own, as one that fails must not hold up the others.
fn result(
    marker: &WritableTxnMarker,
    write: &mut impl FnMut(Marker) -> Result<(), ResponseError>,
) -> WritableTxnMarkerResult {
    let outcome = if marker.transaction_result { Outcome::Commit } else { Outcome::Abort };
    let mut end = |topic: &str, partition: i32| {
        let written = write(Marker {
            partition: TopicPartition::new(topic, partition),
            producer: Producer { id: marker.producer_id.0, epoch: marker.producer_epoch },
            outcome,
            coordinator_epoch: marker.coordinator_epoch,
        });
        WritableTxnMarkerPartitionResult::default()
            .with_partition_index(partition)
            .with_error_code(written.err().map_or(0, |error| error.code()))
    };
    let topics = marker.topics.iter().map(|topic| {
        let ended = topic.partition_indexes.iter().map(|number| end(&topic.name, *number));
        WritableTxnMarkerTopicResult::default()
            .with_name(topic.name.clone())
            .with_partitions(ended.collect())
    });
    WritableTxnMarkerResult::default()
        .with_producer_id(marker.producer_id)
        .with_topics(topics.collect())
}
