//! DescribeClientQuotas: the quotas of the entities that meet a filter.

use std::collections::BTreeMap;
use std::sync::Arc;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::describe_client_quotas_request::ComponentData;
use kafka_protocol::messages::describe_client_quotas_response::{EntityData, EntryData, ValueData};
use kafka_protocol::messages::{DescribeClientQuotasRequest, DescribeClientQuotasResponse};
use kafka_protocol::protocol::StrBytes;

use super::entity::{Entity, EntityType, Limits};
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Refusal};

/// What a filter asks of one type of name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    /// That name, or the default.
    Exactly(Option<String>),
    /// Any name or the default.
    Any,
}

/// Answers the request.
pub(crate) async fn describe(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DescribeClientQuotasRequest,
) -> DescribeClientQuotasResponse {
    let found = broker
        .security
        .check_cluster(&context, Operation::DescribeConfigs)
        .and_then(|()| wanted(&request.components));
    match found {
        Ok(wanted) => {
            let knowledge = broker.security.knowledge();
            let matching = knowledge
                .quotas
                .iter()
                .filter(|(entity, _)| matches(entity, &wanted, request.strict))
                .map(|(entity, limits)| entry(entity, limits));
            DescribeClientQuotasResponse::default().with_entries(Some(matching.collect()))
        }
        Err(refusal) => DescribeClientQuotasResponse::default()
            .with_error_code(refusal.error.code())
            .with_error_message(Some(StrBytes::from_string(refusal.reason)))
            .with_entries(None),
    }
}

fn wanted(components: &[ComponentData]) -> Result<BTreeMap<EntityType, Wanted>, Refusal> {
    let mut wanted = BTreeMap::new();
    for component in components {
        let name = component.entity_type.as_str();
        let entity_type = EntityType::of_name(name).ok_or_else(|| Refusal {
            error: ResponseError::UnsupportedVersion,
            reason: format!("Unsupported entity type {name}"),
        })?;
        let condition = match (component.match_type, &component._match) {
            (0, Some(exact)) => Wanted::Exactly(Some(exact.to_string())),
            (1, None) => Wanted::Exactly(None),
            (2, None) => Wanted::Any,
            (0, None) => return Err(Refusal::invalid("An exact match needs a name.")),
            (1 | 2, Some(_)) => return Err(Refusal::invalid("Only an exact match has a name.")),
            (other, _) => return Err(Refusal::invalid(format!("Unknown match type {other}"))),
        };
        if wanted.insert(entity_type, condition).is_some() {
            return Err(Refusal::invalid(format!(
                "Entity type {name} cannot appear more than once in the filter."
            )));
        }
    }
    if wanted.len() > 1 && wanted.contains_key(&EntityType::Ip) {
        return Err(Refusal::invalid(
            "Invalid entity filter component combination. IP filter component should not be used \
             with user or clientId filter component.",
        ));
    }
    Ok(wanted)
}

fn matches(entity: &Entity, wanted: &BTreeMap<EntityType, Wanted>, is_strict: bool) -> bool {
    let meets = |(entity_type, condition): (&EntityType, &Wanted)| {
        entity.get(entity_type).is_some_and(|name| match condition {
            Wanted::Any => true,
            Wanted::Exactly(exact) => name == exact,
        })
    };
    (!is_strict || entity.len() == wanted.len()) && wanted.iter().all(meets)
}

fn entry(entity: &Entity, limits: &Limits) -> EntryData {
    let part = |(entity_type, name): (&EntityType, &Option<String>)| {
        EntityData::default()
            .with_entity_type(StrBytes::from_static_str(entity_type.name()))
            .with_entity_name(name.clone().map(StrBytes::from_string))
    };
    let values = limits.iter().map(|(kind, limit)| {
        ValueData::default().with_key(StrBytes::from_static_str(kind.name())).with_value(*limit)
    });
    EntryData::default()
        .with_entity(entity.iter().map(part).collect())
        .with_values(values.collect())
}
