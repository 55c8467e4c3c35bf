//! AddOffsetsToTxn: announces that positions of a group will move with the transaction, by taking the
//! partition of `__consumer_offsets` that holds them into it.

use std::sync::Arc;

use commitlog::Producer;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{AddOffsetsToTxnRequest, AddOffsetsToTxnResponse};

use super::requests::{check_id_and_group, code, settled};
use crate::Broker;
use crate::context::RequestContext;
use crate::on_disk::on_disk;

/// From this version on, clients know of `PRODUCER_FENCED`.
const FENCED_VERSION_MIN: i16 = 2;

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: AddOffsetsToTxnRequest,
) -> AddOffsetsToTxnResponse {
    let added = add(&broker, &context, &request).await;
    let code = added.map_or_else(|error| code(error, context.version, FENCED_VERSION_MIN), |_| 0);
    AddOffsetsToTxnResponse::default().with_error_code(code)
}

async fn add(
    broker: &Broker,
    context: &RequestContext,
    request: &AddOffsetsToTxnRequest,
) -> Result<Producer, ResponseError> {
    let id = request.transactional_id.as_str();
    check_id_and_group(broker, context, id, &request.group_id)?;
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    let partitions = [broker.log.offsets_partition(&request.group_id)];
    settled(broker, on_disk(|| broker.transactions.extend(id, producer, &partitions))).await
}
