//! CreateAcls: each is checked by itself, all sound ones are stored together.

use std::sync::Arc;

use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::messages::create_acls_response::AclCreationResult;
use kafka_protocol::messages::{CreateAclsRequest, CreateAclsResponse};
use kafka_protocol::protocol::StrBytes;

use super::entry::{Acl, CLUSTER_NAME};
use super::words::{Coded, Operation, ResourceType};
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Change, Refusal, change};

/// Answers the request.
pub(crate) async fn create(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: CreateAclsRequest,
) -> CreateAclsResponse {
    let checked: Vec<Result<Acl, Refusal>> =
        match broker.security.check_acls(&context, Operation::Alter) {
            Ok(()) => request.creations.iter().map(checked).collect(),
            Err(refusal) => request.creations.iter().map(|_| Err(refusal.clone())).collect(),
        };
    let sound: Vec<Acl> = checked.iter().flatten().cloned().collect();
    let stored = change(&broker, |knowledge| {
        let new = sound.into_iter().filter(|acl| !knowledge.acls.contains(acl));
        (new.map(Change::Grant).collect(), ())
    });
    let stored = stored.await.map_err(Refusal::from);
    let results = checked.into_iter().map(|checked| match checked.and(stored.clone()) {
        Ok(()) => AclCreationResult::default(),
        Err(refusal) => AclCreationResult::default()
            .with_error_code(refusal.error.code())
            .with_error_message(Some(StrBytes::from_string(refusal.reason))),
    });
    CreateAclsResponse::default().with_results(results.collect())
}

fn checked(creation: &AclCreation) -> Result<Acl, Refusal> {
    let acl = Acl {
        resource_type: word(creation.resource_type, "resourceType")?,
        resource_name: creation.resource_name.to_string(),
        pattern_type: word(creation.resource_pattern_type, "patternType")?,
        principal: creation.principal.to_string(),
        host: creation.host.to_string(),
        operation: word(creation.operation, "operation")?,
        permission: word(creation.permission_type, "permissionType")?,
    };
    if acl.resource_type == ResourceType::Cluster && acl.resource_name != CLUSTER_NAME {
        let only = format!("The only valid name for the CLUSTER resource is {CLUSTER_NAME}");
        return Err(Refusal::invalid(only));
    }
    if acl.resource_name.is_empty() {
        return Err(Refusal::invalid("Invalid empty resource name"));
    }
    match acl.principal.split_once(':') {
        Some((kind, name)) if !kind.is_empty() && !name.is_empty() => Ok(acl),
        _ => Err(Refusal::invalid(format!(
            "Could not parse principal '{}'; expected is TYPE:NAME, as in User:alice",
            acl.principal
        ))),
    }
}

fn word<W: Coded>(code: i8, field: &str) -> Result<W, Refusal> {
    W::of_code(code).ok_or_else(|| Refusal::invalid(format!("Invalid {field} {code}")))
}
