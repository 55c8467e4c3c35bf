//! FindCoordinator: it is always this node.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::find_coordinator_response::Coordinator;
use kafka_protocol::messages::{FindCoordinatorRequest, FindCoordinatorResponse};
use kafka_protocol::protocol::StrBytes;

use super::wire;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};
use crate::topics::{endpoint, node_id};
use crate::{Advertised, Broker};

/// From this version on several keys are asked for at once.
const BATCHED: i16 = 4;
/// Key types.
const GROUP: i8 = 0;
const TRANSACTION: i8 = 1;

/// Answers the request.
pub(in crate::groups) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: FindCoordinatorRequest,
) -> FindCoordinatorResponse {
    let find = |key: &StrBytes| coordinator(&broker, &context, request.key_type, key);
    if context.version >= BATCHED {
        let coordinators = request.coordinator_keys.iter().map(find).collect();
        return FindCoordinatorResponse::default().with_coordinators(coordinators);
    }
    let Coordinator { node_id, host, port, error_code, error_message, .. } = find(&request.key);
    FindCoordinatorResponse::default()
        .with_error_code(error_code)
        .with_error_message(error_message)
        .with_node_id(node_id)
        .with_host(host)
        .with_port(port)
}

fn coordinator(
    broker: &Broker,
    context: &RequestContext,
    key_type: i8,
    key: &StrBytes,
) -> Coordinator {
    let answer = Coordinator::default().with_key(key.clone());
    match node(broker, context, key_type, key) {
        Ok(Advertised { host, port }) => answer
            .with_node_id(node_id(broker))
            .with_host(wire(&host))
            .with_port(i32::from(port))
            .with_error_message(Some(StrBytes::from_static_str(""))),
        Err(error) => answer
            .with_node_id((-1).into())
            .with_port(-1)
            .with_error_code(error.code())
            .with_error_message(Some(wire(&error.to_string()))),
    }
}

fn node(
    broker: &Broker,
    context: &RequestContext,
    key_type: i8,
    key: &str,
) -> Result<Advertised, ResponseError> {
    let (resource, denied) = match key_type {
        GROUP => (Resource::Group(key), ResponseError::GroupAuthorizationFailed),
        TRANSACTION => {
            (Resource::TransactionalId(key), ResponseError::TransactionalIdAuthorizationFailed)
        }
        _ => return Err(ResponseError::InvalidRequest),
    };
    if !broker.security.allows(context, Operation::Describe, resource) {
        return Err(denied);
    }
    Ok(endpoint(broker, &context.session))
}
