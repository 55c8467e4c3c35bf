//! DescribeConfigs: every entry of something with its value, where that comes from, and what it is.

use std::sync::Arc;

use commitlog::Log as _;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use kafka_protocol::messages::{DescribeConfigsRequest, DescribeConfigsResponse};
use kafka_protocol::protocol::StrBytes;

use super::target::Target;
use crate::Broker;
use crate::config::{Described, Resource};
use crate::context::RequestContext;
use crate::security::Operation;
use crate::topics::entries::{self, Entry};
use crate::topics::refusal::Refusal;

/// Answers the request.
pub(in crate::topics) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DescribeConfigsRequest,
) -> DescribeConfigsResponse {
    let (synonyms, documentation) = (request.include_synonyms, request.include_documentation);
    let describe = |resource: &DescribeConfigsResource| {
        let result = DescribeConfigsResult::default()
            .with_resource_type(resource.resource_type)
            .with_resource_name(resource.resource_name.clone());
        match entries(&broker, &context, resource) {
            Ok(entries) => {
                let told = entries.iter().map(|entry| told(entry, synonyms, documentation));
                result.with_error_message(None).with_configs(told.collect())
            }
            Err(refusal) => {
                result.with_error_code(refusal.code()).with_error_message(refusal.message)
            }
        }
    };
    DescribeConfigsResponse::default()
        .with_results(request.resources.iter().map(describe).collect())
}

/// The entries that are asked for.
fn entries(
    broker: &Broker,
    context: &RequestContext,
    resource: &DescribeConfigsResource,
) -> Result<Vec<Entry>, Refusal> {
    let named = (resource.resource_type, resource.resource_name.as_str());
    let settings = &broker.settings;
    let mut entries = match Target::of(broker, context, Operation::DescribeConfigs, named)? {
        Target::Topic(name) => {
            let gone = || Refusal::of(ResponseError::UnknownTopicOrPartition);
            entries::of_topic(settings, &broker.log.topic(&name).ok_or_else(gone)?.config)
        }
        Target::Other(Resource::Cluster) => entries::of_cluster(settings),
        Target::Other(Resource::Node) => entries::of_node(settings),
        Target::Other(Resource::Group(name)) => entries::of_group(settings, &name),
        Target::Other(Resource::ClientMetrics(name)) => entries::of_client_metrics(settings, &name),
    };
    // No names and no list of names both mean all.
    if let Some(names) = resource.configuration_keys.as_ref().filter(|names| !names.is_empty()) {
        entries.retain(|entry| names.iter().any(|name| name.as_str() == entry.definition.name));
    }
    Ok(entries)
}

fn told(entry: &Entry, synonyms: bool, documentation: bool) -> DescribeConfigsResourceResult {
    let definition = entry.definition;
    let synonym = |place: &Described| {
        DescribeConfigsSynonym::default()
            .with_name(StrBytes::from_static_str(place.name))
            .with_value(entries::shown(definition, Some(&place.value)))
            .with_source(place.source.code())
    };
    let places = if synonyms { &entry.places[..] } else { &[] };
    let documentation = documentation.then(|| StrBytes::from_static_str(definition.documentation));
    DescribeConfigsResourceResult::default()
        .with_name(StrBytes::from_static_str(definition.name))
        .with_value(entry.text())
        .with_read_only(entry.is_read_only)
        .with_config_source(entry.source.code())
        .with_is_sensitive(definition.is_sensitive())
        .with_synonyms(places.iter().map(synonym).collect())
        .with_config_type(definition.kind.code())
        .with_documentation(documentation)
}
