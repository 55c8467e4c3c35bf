//! From a request about transactions to its handler, and what their answers share.

use commitlog::Producer;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::ApiKey;

use super::coordinator::Done;
use super::{
    add_offsets, add_partitions, describe_producers, describe_transactions, end_txn,
    init_producer_id, list_transactions, offset_commit, write_markers,
};
use crate::context::RequestContext;
use crate::dispatch::Call;
use crate::security::{Operation, Resource};
use crate::wire::Answer;
use crate::{Broker, Error, Result};

/// Handles a request about transactions.
///
/// # Errors
/// When the connection must be closed.
pub(crate) async fn dispatch(call: Call) -> Result<Answer> {
    match call.context.api_key {
        ApiKey::InitProducerId => call.answer(init_producer_id::handle).await,
        ApiKey::AddPartitionsToTxn => call.answer(add_partitions::handle).await,
        ApiKey::AddOffsetsToTxn => call.answer(add_offsets::handle).await,
        ApiKey::TxnOffsetCommit => call.answer(offset_commit::handle).await,
        ApiKey::EndTxn => call.answer(end_txn::handle).await,
        ApiKey::WriteTxnMarkers => call.answer(write_markers::handle).await,
        ApiKey::DescribeProducers => call.answer(describe_producers::handle).await,
        ApiKey::DescribeTransactions => call.answer(describe_transactions::handle).await,
        ApiKey::ListTransactions => call.answer(list_transactions::handle).await,
        other => Err(Error::Malformed(format!("{other:?} is not about transactions"))),
    }
}

/// Fails unless the client may act within transactions of `id`.
///
/// # Errors
/// `TransactionalIdAuthorizationFailed`, or `InvalidRequest` for an empty id.
pub(super) fn check_id(
    broker: &Broker,
    context: &RequestContext,
    id: &str,
) -> std::result::Result<(), ResponseError> {
    if !broker.security.allows(context, Operation::Write, Resource::TransactionalId(id)) {
        return Err(ResponseError::TransactionalIdAuthorizationFailed);
    }
    if id.is_empty() { Err(ResponseError::InvalidRequest) } else { Ok(()) }
}

/// The same for positions of `group` in them.
///
/// # Errors
/// As [`check_id`], and `GroupAuthorizationFailed`.
pub(super) fn check_id_and_group(
    broker: &Broker,
    context: &RequestContext,
    id: &str,
    group: &str,
) -> std::result::Result<(), ResponseError> {
    check_id(broker, context, id)?;
    if !broker.security.allows(context, Operation::Read, Resource::Group(group)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    Ok(())
}

/// Waits until what was done is on stable storage and may be told.
///
/// # Errors
/// `CoordinatorNotAvailable` when it never will be, or what `done` failed with.
pub(super) async fn settled(
    broker: &Broker,
    done: std::result::Result<Done, ResponseError>,
) -> std::result::Result<Producer, ResponseError> {
    let Done { producer, commit } = done?;
    match broker.durability.wait(commit).await {
        Ok(()) => Ok(producer),
        Err(error) => {
            tracing::warn!(%error, "a change of a transaction is not on stable storage");
            Err(ResponseError::CoordinatorNotAvailable)
        }
    }
}

/// The code of `error` for a client that speaks `version` of a request, which knows of
/// `PRODUCER_FENCED` from version `fenced_min` on and before that took an invalid epoch for it.
pub(super) fn code(error: ResponseError, version: i16, fenced_min: i16) -> i16 {
    match error {
        ResponseError::ProducerFenced if version < fenced_min => {
            ResponseError::InvalidProducerEpoch.code()
        }
        error => error.code(),
    }
}
