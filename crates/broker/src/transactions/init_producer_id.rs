//! InitProducerId: an id for a producer. One without a transactional id gets a new one each time; one
//! with a transactional id gets the id's, at an epoch that fences off everybody before it.

use std::sync::Arc;

use commitlog::Producer;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{InitProducerIdRequest, InitProducerIdResponse};

use super::requests::{check_id, code, settled};
use super::transaction::{NO_EPOCH, NO_PRODUCER_ID};
use crate::Broker;
use crate::context::RequestContext;
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource, ResourceType};

/// From this version on, clients know of `PRODUCER_FENCED`.
const FENCED_VERSION_MIN: i16 = 4;

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: InitProducerIdRequest,
) -> InitProducerIdResponse {
    match initialise(&broker, &context, &request).await {
        Ok(producer) => InitProducerIdResponse::default()
            .with_producer_id(producer.id.into())
            .with_producer_epoch(producer.epoch),
        Err(error) => InitProducerIdResponse::default()
            .with_error_code(code(error, context.version, FENCED_VERSION_MIN))
            .with_producer_id(NO_PRODUCER_ID.into())
            .with_producer_epoch(NO_EPOCH),
    }
}

async fn initialise(
    broker: &Broker,
    context: &RequestContext,
    request: &InitProducerIdRequest,
) -> Result<Producer, ResponseError> {
    let coordinator = &broker.transactions;
    let Some(id) = &request.transactional_id else {
        if !may_write_something(broker, context) {
            return Err(ResponseError::ClusterAuthorizationFailed);
        }
        // Whoever the client believes to be, without a transactional id it becomes another one.
        expected(request)?;
        let id = on_disk(|| coordinator.new_producer_id())?;
        return Ok(Producer { id, epoch: 0 });
    };
    check_id(broker, context, id)?;
    let expected = expected(request)?;
    let timeout_ms = request.transaction_timeout_ms;
    if !(1..=coordinator.timeout_max_ms()).contains(&i64::from(timeout_ms)) {
        return Err(ResponseError::InvalidTransactionTimeout);
    }
    settled(broker, on_disk(|| coordinator.initialise(id, expected, timeout_ms))).await
}

/// Whoever may write to some topic may do so without duplicates.
fn may_write_something(broker: &Broker, context: &RequestContext) -> bool {
    broker.security.allows(context, Operation::IdempotentWrite, Resource::Cluster)
        || broker.security.allows_some(context, Operation::Write, ResourceType::Topic)
}

/// Who the client believes to be: both of id and epoch, or neither.
fn expected(request: &InitProducerIdRequest) -> Result<Option<Producer>, ResponseError> {
    let producer = Producer { id: request.producer_id.0, epoch: request.producer_epoch };
    match (producer.id, producer.epoch) {
        (NO_PRODUCER_ID, NO_EPOCH) => Ok(None),
        (NO_PRODUCER_ID, _) | (_, NO_EPOCH) => Err(ResponseError::InvalidRequest),
        _ => Ok(Some(producer)),
    }
}
