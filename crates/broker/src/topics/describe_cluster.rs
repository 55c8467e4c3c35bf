//! DescribeCluster: the cluster's id, its one node, and what the client may do to it.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_cluster_response::DescribeClusterBroker;
use kafka_protocol::messages::{DescribeClusterRequest, DescribeClusterResponse};
use kafka_protocol::protocol::StrBytes;

use super::authorized::{NOT_ASKED, authorized_operations};
use super::node::{endpoint, node_id};
use crate::Broker;
use crate::context::RequestContext;
use crate::security::Resource;

/// `endpoint_type` of a client that wants brokers; 2 would be controllers.
const BROKERS: i8 = 1;
const CONTROLLERS: i8 = 2;

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DescribeClusterRequest,
) -> DescribeClusterResponse {
    let refuse = |error: ResponseError, message: &'static str| {
        DescribeClusterResponse::default()
            .with_error_code(error.code())
            .with_error_message(Some(StrBytes::from_static_str(message)))
    };
    match request.endpoint_type {
        BROKERS => {}
        CONTROLLERS => {
            let message = "This is a broker's listener; there is none for controllers.";
            return refuse(ResponseError::MismatchedEndpointType, message);
        }
        _ => {
            let message = "Unknown type of endpoint.";
            return refuse(ResponseError::UnsupportedEndpointType, message);
        }
    }
    let endpoint = endpoint(&broker, &context.session);
    let node = DescribeClusterBroker::default()
        .with_broker_id(node_id(&broker))
        .with_host(StrBytes::from_string(endpoint.host))
        .with_port(i32::from(endpoint.port));
    let operations = match request.include_cluster_authorized_operations {
        true => authorized_operations(&broker, &context, Resource::Cluster),
        false => NOT_ASKED,
    };
    DescribeClusterResponse::default()
        .with_error_message(None)
        .with_endpoint_type(BROKERS)
        .with_cluster_id(broker.node.cluster_id.clone())
        .with_controller_id(node_id(&broker))
        .with_brokers(vec![node])
        .with_cluster_authorized_operations(operations)
}
