//! ListConfigResources: what has a configuration. In its first version, subscriptions to clients'
//! metrics only.

use std::sync::Arc;

use commitlog::Log as _;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::list_config_resources_response::ConfigResource;
use kafka_protocol::messages::{ListConfigResourcesRequest, ListConfigResourcesResponse};
use kafka_protocol::protocol::StrBytes;

use super::target::{BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP, TOPIC};
use crate::Broker;
use crate::config::Resource;
use crate::context::RequestContext;
use crate::security::{self, Operation};

/// The first version that lists more than subscriptions to clients' metrics.
const ALL_KINDS_VERSION: i16 = 1;

/// Answers the request.
pub(in crate::topics) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: ListConfigResourcesRequest,
) -> ListConfigResourcesResponse {
    let refuse =
        |error: ResponseError| ListConfigResourcesResponse::default().with_error_code(error.code());
    let cluster = security::Resource::Cluster;
    if !broker.security.allows(&context, Operation::DescribeConfigs, cluster) {
        return refuse(ResponseError::ClusterAuthorizationFailed);
    }
    let mut kinds = request.resource_types;
    if context.version < ALL_KINDS_VERSION {
        kinds = vec![CLIENT_METRICS];
    } else if kinds.is_empty() {
        kinds = vec![TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP];
    }
    let mut resources = Vec::new();
    for kind in kinds {
        let Some(names) = names(&broker, kind) else {
            return refuse(ResponseError::UnsupportedVersion);
        };
        resources.extend(names.into_iter().map(|name| {
            ConfigResource::default()
                .with_resource_name(StrBytes::from_string(name))
                .with_resource_type(kind)
        }));
    }
    ListConfigResourcesResponse::default().with_config_resources(resources)
}

/// Names of everything of a kind; `None` when there is no such kind.
fn names(broker: &Broker, kind: i8) -> Option<Vec<String>> {
    let configured = |name: fn(Resource) -> Option<String>| {
        broker.settings.configured().into_iter().filter_map(name).collect()
    };
    match kind {
        TOPIC => Some(broker.log.topics().iter().map(|topic| topic.name.to_string()).collect()),
        BROKER | BROKER_LOGGER => Some(vec![broker.config.node_id.to_string()]),
        CLIENT_METRICS => Some(configured(|resource| match resource {
            Resource::ClientMetrics(name) => Some(name),
            _ => None,
        })),
        GROUP => Some(configured(|resource| match resource {
            Resource::Group(name) => Some(name),
            _ => None,
        })),
        _ => None,
    }
}
