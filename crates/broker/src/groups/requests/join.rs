//! JoinGroup.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::join_group_response::JoinGroupResponseMember;
use kafka_protocol::messages::{JoinGroupRequest, JoinGroupResponse};
use tokio::sync::oneshot;

use super::{owned, owned_option, wire, wire_option};
use crate::Broker;
use crate::context::RequestContext;
use crate::groups::classic::{Join, JoinAnswer, Joined, JoinedMember, Protocol, Refused};
use crate::groups::coordinator::{Unknown, with_group};
use crate::groups::topics::VisibleTopics;
use crate::groups::{member_ids, settings};
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// From these versions on: the rebalance timeout is said; newcomers are told their id first; the name
/// of the protocol may be missing; leaders may be told not to assign.
const REBALANCE_TIMEOUT: i16 = 1;
const KNOWN_ID: i16 = 4;
const NULLABLE_PROTOCOL: i16 = 7;
const SKIP_ASSIGNMENT: i16 = 9;

/// What the protocols of a member may take together; far above what assignors say.
const METADATA_BYTES_MAX: usize = 1 << 20;

/// Answers the request, which waits for the other members.
pub(in crate::groups) fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: JoinGroupRequest,
) -> impl Future<Output = JoinGroupResponse> {
    let begun = check(&broker, &context, &request)
        .and_then(|()| begin(&broker, &context, &request))
        .map_err(|error| refused(error, &request));
    let given_up = refused(ResponseError::CoordinatorNotAvailable, &request);
    let is_static = request.group_instance_id.is_some();
    async move {
        let answer = match begun {
            Ok(receiver) => {
                let told = super::told(&context, receiver).await.unwrap_or(Err(given_up));
                finish(&broker, is_static, told).await
            }
            Err(refused) => Err(refused),
        };
        response(context.version, answer)
    }
}

fn refused(error: ResponseError, request: &JoinGroupRequest) -> Refused {
    Refused { error, member_id: owned(&request.member_id) }
}

fn check(
    broker: &Broker,
    context: &RequestContext,
    request: &JoinGroupRequest,
) -> Result<(), ResponseError> {
    if request.group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    if !broker.security.allows(context, Operation::Read, Resource::Group(&request.group_id)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    let session_timeout = duration(request.session_timeout_ms);
    if !settings::session_timeouts(&broker.settings).contains(&session_timeout) {
        return Err(ResponseError::InvalidSessionTimeout);
    }
    let said: usize =
        request.protocols.iter().map(|said| said.name.len() + said.metadata.len()).sum();
    match said <= METADATA_BYTES_MAX {
        true => Ok(()),
        false => Err(ResponseError::InvalidRequest),
    }
}

fn begin(
    broker: &Broker,
    context: &RequestContext,
    request: &JoinGroupRequest,
) -> Result<oneshot::Receiver<JoinAnswer>, ResponseError> {
    let join = to_join(broker, context, request);
    let unknown = match request.member_id.is_empty() {
        true => Unknown::Create,
        false => Unknown::Refuse,
    };
    let topics = VisibleTopics { broker, context };
    let waiting = on_disk(|| {
        with_group(broker, &request.group_id, unknown, |entry, now| {
            entry.join(broker, join, &topics, now)
        })
    });
    waiting.map_err(super::unknown_member)
}

/// A static member may have taken the place of another without a new generation, and a group of the
/// consumer protocol, in which nobody leads, tells an epoch at once. A restart that forgot either would
/// fence the member for good.
async fn finish(broker: &Broker, is_static: bool, told: JoinAnswer) -> JoinAnswer {
    let joined = told?;
    if is_static || joined.leader.is_empty() {
        let member_id = Arc::clone(&joined.member_id);
        super::settled(broker).await.map_err(|error| Refused { error, member_id })?;
    }
    Ok(joined)
}

fn to_join(broker: &Broker, context: &RequestContext, request: &JoinGroupRequest) -> Join {
    let client_id = context.client_id.as_deref().unwrap_or_default();
    let instance_id = owned_option(request.group_instance_id.as_ref());
    let session_timeout = duration(request.session_timeout_ms);
    let rebalance_timeout = match context.version >= REBALANCE_TIMEOUT {
        true => duration(request.rebalance_timeout_ms),
        false => session_timeout,
    };
    let protocols = request.protocols.iter().map(|said| Protocol {
        name: owned(&said.name),
        metadata: Bytes::copy_from_slice(&said.metadata),
    });
    Join {
        member_id: owned(&request.member_id),
        new_id: member_ids::new(&*broker.random, instance_id.as_deref().unwrap_or(client_id)),
        instance_id,
        client_id: client_id.into(),
        client_host: member_ids::host(&context.session),
        session_timeout,
        rebalance_timeout,
        protocol_type: owned(&request.protocol_type),
        protocols: protocols.collect(),
        needs_known_id: context.version >= KNOWN_ID,
        may_skip_assignment: context.version >= SKIP_ASSIGNMENT,
    }
}

fn duration(ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

fn response(version: i16, answer: JoinAnswer) -> JoinGroupResponse {
    let named = |protocol: Option<&Arc<str>>| match wire_option(protocol) {
        None if version < NULLABLE_PROTOCOL => Some(wire("")),
        name => name,
    };
    let Refused { error, member_id } = match answer {
        Ok(joined) => return joined_response(&joined, named(joined.protocol.as_ref())),
        Err(refused) => refused,
    };
    JoinGroupResponse::default()
        .with_error_code(error.code())
        .with_generation_id(-1)
        .with_protocol_name(named(None))
        .with_member_id(wire(&member_id))
}

fn joined_response(
    joined: &Joined,
    protocol: Option<kafka_protocol::protocol::StrBytes>,
) -> JoinGroupResponse {
    let member = |member: &JoinedMember| {
        JoinGroupResponseMember::default()
            .with_member_id(wire(&member.id))
            .with_group_instance_id(wire_option(member.instance_id.as_ref()))
            .with_metadata(member.metadata.clone())
    };
    JoinGroupResponse::default()
        .with_generation_id(joined.generation)
        .with_protocol_type(wire_option(joined.protocol_type.as_ref()))
        .with_protocol_name(protocol)
        .with_leader(wire(&joined.leader))
        .with_skip_assignment(joined.skip_assignment)
        .with_member_id(wire(&joined.member_id))
        .with_members(joined.members.iter().map(member).collect())
}
