//! DescribeAcls: the ACLs that meet a filter, by resource.

use std::sync::Arc;

use kafka_protocol::messages::describe_acls_response::{AclDescription, DescribeAclsResource};
use kafka_protocol::messages::{DescribeAclsRequest, DescribeAclsResponse};
use kafka_protocol::protocol::StrBytes;

use super::entry::Acl;
use super::filter::{Codes, Filter};
use super::words::{Coded as _, Operation};
use crate::Broker;
use crate::context::RequestContext;
use crate::security::Refusal;

/// Answers the request.
pub(crate) async fn describe(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DescribeAclsRequest,
) -> DescribeAclsResponse {
    match found(&broker, &context, &request) {
        Ok(resources) => DescribeAclsResponse::default().with_resources(resources),
        Err(refusal) => DescribeAclsResponse::default()
            .with_error_code(refusal.error.code())
            .with_error_message(Some(StrBytes::from_string(refusal.reason))),
    }
}

fn found(
    broker: &Broker,
    context: &RequestContext,
    request: &DescribeAclsRequest,
) -> Result<Vec<DescribeAclsResource>, Refusal> {
    broker.security.check_acls(context, Operation::Describe)?;
    let filter = Filter::read(codes(request)).map_err(Refusal::invalid)?;
    let knowledge = broker.security.knowledge();
    Ok(by_resource(knowledge.acls.iter().filter(|acl| filter.matches(acl))))
}

fn codes(request: &DescribeAclsRequest) -> Codes<'_> {
    Codes {
        resource_type: request.resource_type_filter,
        name: request.resource_name_filter.as_deref(),
        pattern_type: request.pattern_type_filter,
        principal: request.principal_filter.as_deref(),
        host: request.host_filter.as_deref(),
        operation: request.operation,
        permission: request.permission_type,
    }
}

/// ACLs come ordered by resource.
fn by_resource<'a>(acls: impl Iterator<Item = &'a Acl>) -> Vec<DescribeAclsResource> {
    let mut resources: Vec<DescribeAclsResource> = Vec::new();
    for acl in acls {
        let resource = resource_of(acl);
        let is_next = resources.last().is_none_or(|last| {
            (last.resource_type, &last.resource_name, last.pattern_type)
                != (resource.resource_type, &resource.resource_name, resource.pattern_type)
        });
        if is_next {
            resources.push(resource);
        }
        if let Some(last) = resources.last_mut() {
            last.acls.push(description(acl));
        }
    }
    resources
}

fn resource_of(acl: &Acl) -> DescribeAclsResource {
    DescribeAclsResource::default()
        .with_resource_type(acl.resource_type.code())
        .with_resource_name(StrBytes::from_string(acl.resource_name.clone()))
        .with_pattern_type(acl.pattern_type.code())
}

fn description(acl: &Acl) -> AclDescription {
    AclDescription::default()
        .with_principal(StrBytes::from_string(acl.principal.clone()))
        .with_host(StrBytes::from_string(acl.host.clone()))
        .with_operation(acl.operation.code())
        .with_permission_type(acl.permission.code())
}
