//! IncrementalAlterConfigs: entries are set, go back to what they follow, or have items added to and
//! taken from their lists.

use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use kafka_protocol::messages::incremental_alter_configs_response::AlterConfigsResourceResponse;
use kafka_protocol::messages::{IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};
use kafka_protocol::protocol::StrBytes;

use super::alteration::{Alteration, alter_each};
use super::change;
use crate::Broker;
use crate::config::{self, Change};
use crate::context::RequestContext;
use crate::topics::refusal::Refusal;

/// Answers the request.
pub(in crate::topics) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: IncrementalAlterConfigsRequest,
) -> IncrementalAlterConfigsResponse {
    let responses = alter_each(&broker, &context, &request.resources, request.validate_only);
    IncrementalAlterConfigsResponse::default().with_responses(responses)
}

impl Alteration for AlterConfigsResource {
    type Answer = AlterConfigsResourceResponse;

    const REPLACES: bool = false;

    fn resource(&self) -> (i8, &StrBytes) {
        (self.resource_type, &self.resource_name)
    }

    fn changes(&self) -> Result<Vec<Change>, Refusal> {
        self.configs.iter().map(wanted).collect()
    }

    fn answer(&self, code: i16, message: Option<StrBytes>) -> Self::Answer {
        AlterConfigsResourceResponse::default()
            .with_error_code(code)
            .with_error_message(message)
            .with_resource_type(self.resource_type)
            .with_resource_name(self.resource_name.clone())
    }
}

fn wanted(config: &AlterableConfig) -> Result<Change, Refusal> {
    let operation = config::Operation::of(config.config_operation).ok_or_else(|| {
        let message = format!("Unknown operation {} on a config.", config.config_operation);
        Refusal::new(ResponseError::InvalidRequest, message)
    })?;
    change::of(&config.name, operation, config.value.as_deref())
}
