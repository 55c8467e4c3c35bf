//! From a request's key to its handler.

use kafka_protocol::messages::ApiKey;

use super::requests as on;
use crate::dispatch::Call;
use crate::wire::Answer;
use crate::{Error, Result};

/// Handles a request about groups.
///
/// # Errors
/// When the connection must be closed.
pub(crate) async fn dispatch(call: Call) -> Result<Answer> {
    match call.context.api_key {
        ApiKey::FindCoordinator => call.answer(on::find_coordinator::handle).await,
        ApiKey::JoinGroup => call.answer_later(on::join::handle),
        ApiKey::SyncGroup => call.answer_later(on::sync::handle),
        ApiKey::Heartbeat => call.answer(on::heartbeat::handle).await,
        ApiKey::LeaveGroup => call.answer(on::leave::handle).await,
        ApiKey::OffsetCommit => call.answer(on::offset_commit::handle).await,
        ApiKey::OffsetFetch => call.answer(on::offset_fetch::handle).await,
        ApiKey::OffsetDelete => call.answer(on::offset_delete::handle).await,
        ApiKey::DescribeGroups => call.answer(on::describe::handle).await,
        ApiKey::ListGroups => call.answer(on::list::handle).await,
        ApiKey::DeleteGroups => call.answer(on::delete::handle).await,
        ApiKey::ConsumerGroupHeartbeat => call.answer(on::consumer_heartbeat::handle).await,
        ApiKey::ConsumerGroupDescribe => call.answer(on::consumer_describe::handle).await,
        key => Err(Error::Malformed(format!("{key:?} is not supported yet"))),
    }
}
