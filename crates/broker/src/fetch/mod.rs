//! Fetch, ListOffsets and OffsetForLeaderEpoch: everything that reads.
//!
//! A fetch is planned when its request is read (`plan`: limits, the session of KIP-227, which
//! partitions) and carried out when its answer's turn has come (`handler`: look, wait, look again), so
//! that a client that does not read its answers has at most one of them in memory.

mod answer_memory;
mod handler;
mod leader_epoch;
mod list_offsets;
mod offset_for_leader_epoch;
mod plan;
mod reading;
mod response;
mod session;
mod sessions;
mod target;
#[cfg(test)]
mod tests;

use kafka_protocol::messages::ApiKey;

use crate::dispatch::Call;
use crate::wire::Answer;
use crate::{Error, Result};

/// What fetches of all connections share.
#[derive(Debug, Default)]
pub(crate) struct Fetches {
    sessions: sessions::Sessions,
    memory: answer_memory::AnswerMemory,
}

/// Handles a request that reads.
///
/// # Errors
/// When the connection must be closed.
pub(crate) async fn dispatch(call: Call) -> Result<Answer> {
    match call.context.api_key {
        ApiKey::Fetch => handler::answer(call),
        ApiKey::ListOffsets => call.answer(list_offsets::handle).await,
        ApiKey::OffsetForLeaderEpoch => call.answer(offset_for_leader_epoch::handle).await,
        other => Err(Error::Malformed(format!("{other:?} reads nothing"))),
    }
}
