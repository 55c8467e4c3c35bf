//! LeaveGroup.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::leave_group_response::MemberResponse;
use kafka_protocol::messages::{LeaveGroupRequest, LeaveGroupResponse};

use super::{said, unknown_member};
use crate::Broker;
use crate::context::RequestContext;
use crate::groups::classic::Identity;
use crate::groups::coordinator::{Unknown, with_group};
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// From this version on several members leave at once.
const BATCHED: i16 = 3;

/// Answers the request.
pub(in crate::groups) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: LeaveGroupRequest,
) -> LeaveGroupResponse {
    let is_batched = context.version >= BATCHED;
    let alone = [Identity { member_id: &request.member_id, instance_id: None }];
    let named: Vec<Identity<'_>> = request.members.iter().map(identity).collect();
    let leaving = if is_batched { &named[..] } else { &alone[..] };
    let failed = |error: ResponseError| LeaveGroupResponse::default().with_error_code(error.code());
    let results = match leave(&broker, &context, &request, leaving) {
        Ok(results) => results,
        Err(error) => return failed(error),
    };
    if !is_batched {
        let error = results.into_iter().find_map(Result::err);
        return error.map_or_else(LeaveGroupResponse::default, failed);
    }
    let members = request.members.iter().zip(results).map(|(member, result)| {
        MemberResponse::default()
            .with_member_id(member.member_id.clone())
            .with_group_instance_id(member.group_instance_id.clone())
            .with_error_code(result.err().map_or(0, |error| error.code()))
    });
    LeaveGroupResponse::default().with_members(members.collect())
}

fn identity(
    member: &kafka_protocol::messages::leave_group_request::MemberIdentity,
) -> Identity<'_> {
    Identity { member_id: &member.member_id, instance_id: said(&member.group_instance_id) }
}

/// What became of each member.
type Left = Vec<Result<(), ResponseError>>;

fn leave(
    broker: &Broker,
    context: &RequestContext,
    request: &LeaveGroupRequest,
    leaving: &[Identity<'_>],
) -> Result<Left, ResponseError> {
    let group_id = &request.group_id;
    if group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    if !broker.security.allows(context, Operation::Read, Resource::Group(group_id)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    let left = on_disk(|| {
        with_group(broker, group_id, Unknown::Refuse, |entry, now| {
            entry.leave(broker, leaving, now)
        })
    });
    left.map_err(unknown_member)?
}
