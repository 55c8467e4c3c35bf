//! IncrementalAlterConfigs: entries are set, go back to what they follow, or have items added to and
//! taken from their lists.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::{IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};

use super::change;
use super::target::Target;
use crate::Broker;
use crate::config::{self, Change};
use crate::context::RequestContext;
use crate::security::Operation;
use crate::topics::refusal::{Refusal, once_each};

/// Answers the request.
pub(in crate::topics) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
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
    IncrementalAlterConfigsResponse::default().with_responses(responses)
}

fn alter(
    broker: &Broker,
    context: &RequestContext,
    resource: &AlterConfigsResource,
    validate_only: bool,
) -> Result<(), Refusal> {
    let named = (resource.resource_type, resource.resource_name.as_str());
    let target = Target::of(broker, context, Operation::AlterConfigs, named)?;
    let changes = resource.configs.iter().map(wanted).collect::<Result<Vec<Change>, Refusal>>()?;
    change::apply(broker, &target, &changes, false, validate_only)
}

fn wanted(config: &AlterableConfig) -> Result<Change, Refusal> {
    let operation = config::Operation::of(config.config_operation).ok_or_else(|| {
        let message = format!("Unknown operation {} on a config.", config.config_operation);
        Refusal::new(ResponseError::InvalidRequest, message)
    })?;
    change::of(&config.name, operation, config.value.as_ref().map(|value| value.as_str()))
}
