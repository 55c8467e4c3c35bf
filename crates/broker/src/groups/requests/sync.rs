//! SyncGroup.

use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{SyncGroupRequest, SyncGroupResponse};
use tokio::sync::oneshot;

use super::{owned, owned_option, wire_option};
use crate::Broker;
use crate::context::RequestContext;
use crate::groups::classic::{Sync, SyncAnswer};
use crate::groups::coordinator::{Unknown, with_group};
use crate::groups::topics::VisibleTopics;
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// From this version on a member must say which protocol it means.
const NAMES_PROTOCOL: i16 = 5;

/// Answers the request, which waits for the leader.
pub(in crate::groups) fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: SyncGroupRequest,
) -> impl Future<Output = SyncGroupResponse> {
    let begun = begin(&broker, &context, &request);
    async move {
        let synced = match begun {
            Ok(receiver) => finish(&broker, &context, receiver).await,
            Err(error) => Err(error),
        };
        match synced {
            Ok(synced) => SyncGroupResponse::default()
                .with_protocol_type(wire_option(synced.protocol_type.as_ref()))
                .with_protocol_name(wire_option(synced.protocol.as_ref()))
                .with_assignment(synced.assignment),
            Err(error) => SyncGroupResponse::default().with_error_code(error.code()),
        }
    }
}

fn begin(
    broker: &Broker,
    context: &RequestContext,
    request: &SyncGroupRequest,
) -> Result<oneshot::Receiver<SyncAnswer>, ResponseError> {
    let group_id = &request.group_id;
    if group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    if !broker.security.allows(context, Operation::Read, Resource::Group(group_id)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    let is_named = request.protocol_type.is_some() && request.protocol_name.is_some();
    if context.version >= NAMES_PROTOCOL && !is_named {
        return Err(ResponseError::InconsistentGroupProtocol);
    }
    let sync = to_sync(request);
    let topics = VisibleTopics { broker, context };
    let waiting = on_disk(|| {
        with_group(broker, group_id, Unknown::Refuse, |entry, now| {
            entry.sync(broker, sync, &topics, now)
        })
    });
    waiting.map_err(super::unknown_member)
}

async fn finish(
    broker: &Broker,
    context: &RequestContext,
    receiver: oneshot::Receiver<SyncAnswer>,
) -> SyncAnswer {
    let told = super::told(context, receiver).await;
    let synced = told.unwrap_or(Err(ResponseError::CoordinatorNotAvailable))?;
    super::settled(broker).await?;
    Ok(synced)
}

fn to_sync(request: &SyncGroupRequest) -> Sync {
    let assignments = request
        .assignments
        .iter()
        .map(|given| (owned(&given.member_id), Bytes::copy_from_slice(&given.assignment)));
    Sync {
        member_id: owned(&request.member_id),
        instance_id: owned_option(request.group_instance_id.as_ref()),
        generation: request.generation_id,
        protocol_type: owned_option(request.protocol_type.as_ref()),
        protocol: owned_option(request.protocol_name.as_ref()),
        assignments: assignments.collect(),
    }
}
