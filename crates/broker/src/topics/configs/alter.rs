//! AlterConfigs, the older request: what is not named is forgotten.

use std::sync::Arc;

use kafka_protocol::messages::alter_configs_request::AlterConfigsResource;
use kafka_protocol::messages::alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::{AlterConfigsRequest, AlterConfigsResponse};
use kafka_protocol::protocol::StrBytes;

use super::alteration::{Alteration, alter_each};
use super::change;
use crate::Broker;
use crate::config::Change;
use crate::context::RequestContext;
use crate::topics::refusal::Refusal;

/// Answers the request.
pub(in crate::topics) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: AlterConfigsRequest,
) -> AlterConfigsResponse {
    let responses = alter_each(&broker, &context, &request.resources, request.validate_only);
    AlterConfigsResponse::default().with_responses(responses)
}

impl Alteration for AlterConfigsResource {
    type Answer = AlterConfigsResourceResponse;

    const REPLACES: bool = true;

    fn resource(&self) -> (i8, &StrBytes) {
        (self.resource_type, &self.resource_name)
    }

    fn changes(&self) -> Result<Vec<Change>, Refusal> {
        let configs = self.configs.iter();
        configs.map(|config| change::set(&config.name, config.value.as_deref())).collect()
    }

    fn answer(&self, code: i16, message: Option<StrBytes>) -> Self::Answer {
        AlterConfigsResourceResponse::default()
            .with_error_code(code)
            .with_error_message(message)
            .with_resource_type(self.resource_type)
            .with_resource_name(self.resource_name.clone())
    }
}
