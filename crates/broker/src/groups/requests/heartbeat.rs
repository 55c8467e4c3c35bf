//! Heartbeat.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::{HeartbeatRequest, HeartbeatResponse};

use super::{said, unknown_member};
use crate::Broker;
use crate::context::RequestContext;
use crate::groups::classic::Identity;
use crate::groups::coordinator::{Unknown, with_group};
use crate::groups::topics::VisibleTopics;
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// Answers the request.
pub(in crate::groups) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: HeartbeatRequest,
) -> HeartbeatResponse {
    let error_code = match heartbeat(&broker, &context, &request) {
        Ok(()) => 0,
        Err(error) => error.code(),
    };
    HeartbeatResponse::default().with_error_code(error_code)
}

fn heartbeat(
    broker: &Broker,
    context: &RequestContext,
    request: &HeartbeatRequest,
) -> Result<(), ResponseError> {
    let group_id = &request.group_id;
    if group_id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    if !broker.security.allows(context, Operation::Read, Resource::Group(group_id)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    let who =
        Identity { member_id: &request.member_id, instance_id: said(&request.group_instance_id) };
    let topics = VisibleTopics { broker, context };
    let beat = on_disk(|| {
        with_group(broker, group_id, Unknown::Refuse, |entry, now| {
            entry.heartbeat(broker, who, request.generation_id, &topics, now)
        })
    });
    beat.map_err(unknown_member)?
}
