//! DescribeGroups: groups of the classic protocol in detail.

use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use kafka_protocol::messages::{DescribeGroupsRequest, DescribeGroupsResponse, GroupId};

use super::{wire, wire_option};
use crate::Broker;
use crate::context::RequestContext;
use crate::groups::classic::{Group, Member, State};
use crate::groups::coordinator::{Unknown, with_group};
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};
use crate::topics::{NOT_ASKED, authorized_operations};

/// From this version on an unknown group is an error; before, it is a dead one.
const UNKNOWN_IS_AN_ERROR: i16 = 6;

/// Answers the request.
pub(in crate::groups) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DescribeGroupsRequest,
) -> DescribeGroupsResponse {
    let asks_operations = request.include_authorized_operations;
    let describe = |group: GroupId| describe(&broker, &context, group, asks_operations);
    DescribeGroupsResponse::default()
        .with_groups(request.groups.into_iter().map(describe).collect())
}

fn describe(
    broker: &Broker,
    context: &RequestContext,
    id: GroupId,
    asks_operations: bool,
) -> DescribedGroup {
    if !broker.security.allows(context, Operation::Describe, Resource::Group(&id)) {
        let error = ResponseError::GroupAuthorizationFailed;
        return DescribedGroup::default().with_group_id(id).with_error_code(error.code());
    }
    let described = on_disk(|| {
        with_group(broker, &id, Unknown::Refuse, |entry, _now| {
            entry.classic().map(|group| describe_group(group))
        })
    });
    let operations = match asks_operations {
        true => authorized_operations(broker, context, Resource::Group(&id)),
        false => NOT_ASKED,
    };
    let described = match described {
        Ok(Some(described)) => described.with_authorized_operations(operations),
        Ok(None) => unknown(context.version, &id, "is not a classic group"),
        Err(_) => unknown(context.version, &id, "not found"),
    };
    described.with_group_id(id)
}

fn unknown(version: i16, id: &GroupId, why: &str) -> DescribedGroup {
    let dead = DescribedGroup::default().with_group_state(wire("Dead"));
    if version < UNKNOWN_IS_AN_ERROR {
        return dead;
    }
    dead.with_error_code(ResponseError::GroupIdNotFound.code())
        .with_error_message(Some(wire(&format!("Group {} {why}.", id.as_str()))))
}

fn describe_group(group: &Group) -> DescribedGroup {
    // What members say and get is settled only while the group is stable.
    let is_stable = *group.state() == State::Stable;
    let protocol = group.protocol().filter(|_| is_stable).cloned().unwrap_or_default();
    let member = |member: &Member| {
        let (metadata, assignment) = match is_stable {
            true => (member.metadata(&protocol), member.assignment.clone()),
            false => (Bytes::new(), Bytes::new()),
        };
        DescribedGroupMember::default()
            .with_member_id(wire(&member.id))
            .with_group_instance_id(wire_option(member.instance_id.as_ref()))
            .with_client_id(wire(&member.client_id))
            .with_client_host(wire(&member.client_host))
            .with_member_metadata(metadata)
            .with_member_assignment(assignment)
    };
    DescribedGroup::default()
        .with_group_state(wire(group.state().name()))
        .with_protocol_type(wire(group.protocol_type()))
        .with_protocol_data(wire(&protocol))
        .with_members(group.members().map(member).collect())
}
