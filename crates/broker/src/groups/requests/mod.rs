//! Requests of clients about groups: from the wire to the state machines and back. One file each.

pub(super) mod consumer_describe;
pub(super) mod consumer_heartbeat;
pub(super) mod delete;
pub(super) mod describe;
pub(super) mod find_coordinator;
pub(super) mod heartbeat;
pub(super) mod join;
pub(super) mod leave;
pub(super) mod list;
pub(super) mod offset_commit;
pub(super) mod offset_delete;
pub(super) mod offset_fetch;
pub(super) mod sync;
mod text;

use text::{owned, owned_option, said, wire, wire_option};

use kafka_protocol::ResponseError;
use tokio::sync::oneshot;

use crate::Broker;
use crate::context::RequestContext;

/// Members of groups that nobody knows are told so as if the group had forgotten them.
fn unknown_member(error: ResponseError) -> ResponseError {
    match error {
        ResponseError::GroupIdNotFound => ResponseError::UnknownMemberId,
        error => error,
    }
}

/// What the group says to the request of `context` in its own time; `None` when nobody is left to hear
/// it, because the client has gone or the server stops.
async fn told<A>(context: &RequestContext, answer: oneshot::Receiver<A>) -> Option<A> {
    tokio::select! {
        biased;
        told = answer => told.ok(),
        () = context.session.ending.comes() => None,
    }
}

/// Waits until what was written so far is on stable storage: a generation that a restart may forget
/// must not be told, or its number could come again with other members in it.
async fn settled(broker: &Broker) -> Result<(), ResponseError> {
    broker.durability.wait(broker.log.last_commit()).await.map_err(|error| {
        tracing::warn!(%error, "a change of a group is not on stable storage");
        ResponseError::CoordinatorNotAvailable
    })
}
