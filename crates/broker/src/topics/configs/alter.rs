//! AlterConfigs, the older request: what is not named is forgotten.

use std::sync::Arc;

use kafka_protocol::messages::alter_configs_request::AlterConfigsResource;
use kafka_protocol::messages::alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::{AlterConfigsRequest, AlterConfigsResponse};

use super::change;
use super::target::Target;
use crate::Broker;
use crate::config::Change;
use crate::context::RequestContext;
use crate::security::Operation;
use crate::topics::refusal::{Refusal, once_each};

/// Answers the request.
pub(in crate::topics) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: AlterConfigsRequest,
) -> AlterConfigsResponse {
    let key =
        |resource: &AlterConfigsResource| (resource.resource_type, resource.resource_name.clone());
    let mut responses = Vec::with_capacity(request.resources.len());
    for (resource, is_once) in once_each(&request.resources, key) {
        let altered =
            is_once.and_then(|()| alter(&broker, &context, resource, request.validate_only));
        let (code, message) = Refusal::parts(altered);
        responses.push(
            AlterConfigsResourceResponse::default()
                .with_error_code(code)
                .with_error_message(message)
                .with_resource_type(resource.resource_type)
                .with_resource_name(resource.resource_name.clone()),
        );
    }
    AlterConfigsResponse::default().with_responses(responses)
}

fn alter(
    broker: &Broker,
    context: &RequestContext,
    resource: &AlterConfigsResource,
    validate_only: bool,
) -> Result<(), Refusal> {
    let named = (resource.resource_type, resource.resource_name.as_str());
    let target = Target::of(broker, context, Operation::AlterConfigs, named)?;
    let changes = resource
        .configs
        .iter()
        .map(|config| change::set(&config.name, config.value.as_ref().map(|value| value.as_str())));
    let changes = changes.collect::<Result<Vec<Change>, Refusal>>()?;
    change::apply(broker, &target, &changes, true, validate_only)
}
