//! AlterClientQuotas: sets and takes away quotas, each entity by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use kafka_protocol::messages::alter_client_quotas_request::EntryData as Alteration;
use kafka_protocol::messages::alter_client_quotas_response::{EntityData, EntryData};
use kafka_protocol::messages::{AlterClientQuotasRequest, AlterClientQuotasResponse};
use kafka_protocol::protocol::StrBytes;

use super::entity::{Entity, EntityType, Kind, Limits};
use super::table::Quotas;
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Change, Operation, Refusal, change};

/// How far a quota that must be whole may be from a whole number.
const WHOLE_TOLERANCE: f64 = 1e-6;

/// Answers the request.
pub(crate) async fn alter(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: AlterClientQuotasRequest,
) -> AlterClientQuotasResponse {
    let AlterClientQuotasRequest { entries, validate_only, .. } = request;
    let allowed = broker.security.check_cluster(&context, Operation::AlterConfigs);
    let changed = change(&broker, |knowledge| {
        let plans = match allowed {
            Ok(()) => plans(&knowledge.quotas, &entries),
            Err(refusal) => entries.iter().map(|_| Err(refusal.clone())).collect(),
        };
        let outcomes: Vec<_> =
            plans.iter().map(|plan| plan.as_ref().map(drop).map_err(Clone::clone)).collect();
        let changes = plans.into_iter().flatten().filter(|_| !validate_only).collect();
        (changes, outcomes)
    });
    let outcomes = changed.await.unwrap_or_else(|error| {
        let refusal = Refusal::from(error);
        entries.iter().map(|_| Err(refusal.clone())).collect()
    });
    let results = entries.iter().zip(outcomes).map(|(entry, outcome)| result(entry, outcome));
    AlterClientQuotasResponse::default().with_entries(results.collect())
}

fn result(alteration: &Alteration, outcome: Result<(), Refusal>) -> EntryData {
    let entity = alteration.entity.iter().map(|part| {
        EntityData::default()
            .with_entity_type(part.entity_type.clone())
            .with_entity_name(part.entity_name.clone())
    });
    let result = EntryData::default().with_entity(entity.collect());
    match outcome {
        Ok(()) => result,
        Err(refusal) => result
            .with_error_code(refusal.error.code())
            .with_error_message(Some(StrBytes::from_string(refusal.reason))),
    }
}

fn plans(quotas: &Quotas, alterations: &[Alteration]) -> Vec<Result<Change, Refusal>> {
    let mut seen = BTreeSet::new();
    let mut plan = |alteration: &Alteration| {
        let entity = entity(alteration)?;
        if !seen.insert(entity.clone()) {
            return Err(Refusal::invalid("Ignoring duplicate entity"));
        }
        let limits = limits(alteration, &entity, quotas.of(&entity))?;
        Ok(Change::Quotas { entity, limits })
    };
    alterations.iter().map(&mut plan).collect()
}

fn entity(alteration: &Alteration) -> Result<Entity, Refusal> {
    let mut entity = Entity::new();
    for part in &alteration.entity {
        let name = part.entity_type.as_str();
        let entity_type = EntityType::of_name(name).ok_or_else(|| {
            Refusal::invalid(format!("Unhandled client quota entity type: {name}"))
        })?;
        if part.entity_name.as_deref() == Some("") {
            return Err(Refusal::invalid(format!("Empty {name} not supported")));
        }
        let value = part.entity_name.as_ref().map(StrBytes::to_string);
        if entity.insert(entity_type, value).is_some() {
            return Err(Refusal::invalid(format!(
                "Invalid client quota entity, duplicate entity entry {name}"
            )));
        }
    }
    if entity.is_empty() || (entity.len() > 1 && entity.contains_key(&EntityType::Ip)) {
        return Err(Refusal::invalid("Invalid empty client quota entity"));
    }
    if let Some(Some(text)) = entity.get_mut(&EntityType::Ip) {
        // Addresses are kept in one spelling, in which clients are looked up.
        let address: IpAddr = text.parse().map_err(|_| {
            Refusal::invalid(format!("{text} is not a valid IP or resolvable host."))
        })?;
        *text = address.to_canonical().to_string();
    }
    Ok(entity)
}

fn limits(
    alteration: &Alteration,
    entity: &Entity,
    known: Option<&Limits>,
) -> Result<Limits, Refusal> {
    let mut limits = known.cloned().unwrap_or_default();
    let mut altered: BTreeMap<Kind, ()> = BTreeMap::new();
    for operation in &alteration.ops {
        let name = operation.key.as_str();
        let is_of_addresses = entity.contains_key(&EntityType::Ip);
        let kind = Kind::of_name(name).filter(|kind| kind.is_of_addresses() == is_of_addresses);
        let kind =
            kind.ok_or_else(|| Refusal::invalid(format!("Invalid configuration key {name}")))?;
        if altered.insert(kind, ()).is_some() {
            return Err(Refusal::invalid(format!("Duplicate quota key {name}")));
        }
        if operation.remove {
            limits.remove(&kind);
            continue;
        }
        check_value(kind, operation.value)?;
        limits.insert(kind, operation.value);
    }
    Ok(limits)
}

fn check_value(kind: Kind, value: f64) -> Result<(), Refusal> {
    if !value.is_finite() || value < 0.0 {
        return Err(Refusal::invalid(format!("Quota {} must be greater than 0", kind.name())));
    }
    if kind.is_whole() && (value - value.round()).abs() > WHOLE_TOLERANCE {
        let reason = format!("Configuration {} must be a Long value", kind.name());
        return Err(Refusal::invalid(reason));
    }
    Ok(())
}
