//! EndTxn: commits or aborts the open transaction of a transactional id.

use std::sync::Arc;

use commitlog::{Outcome, Producer};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{EndTxnRequest, EndTxnResponse};

use super::requests::{check_id, code, settled};
use super::transaction::TransactionVersion;
use crate::Broker;
use crate::context::RequestContext;
use crate::on_disk::on_disk;

/// From this version on, clients know of `PRODUCER_FENCED`.
const FENCED_VERSION_MIN: i16 = 2;
/// From this version on, the epoch rises and the client is told (KIP-890).
const RAISING_VERSION_MIN: i16 = 5;

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: EndTxnRequest,
) -> EndTxnResponse {
    match end(&broker, &context, &request).await {
        Ok(producer) if context.version >= RAISING_VERSION_MIN => EndTxnResponse::default()
            .with_producer_id(producer.id.into())
            .with_producer_epoch(producer.epoch),
        Ok(_) => EndTxnResponse::default(),
        Err(error) => EndTxnResponse::default().with_error_code(code(
            error,
            context.version,
            FENCED_VERSION_MIN,
        )),
    }
}

async fn end(
    broker: &Broker,
    context: &RequestContext,
    request: &EndTxnRequest,
) -> Result<Producer, ResponseError> {
    let id = request.transactional_id.as_str();
    check_id(broker, context, id)?;
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    let outcome = if request.committed { Outcome::Commit } else { Outcome::Abort };
    let version = match context.version {
        RAISING_VERSION_MIN.. => TransactionVersion::V2,
        _ => TransactionVersion::V1,
    };
    settled(broker, on_disk(|| broker.transactions.end(id, producer, outcome, version))).await
}
