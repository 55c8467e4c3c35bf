//! DeleteAcls: each filter takes away the ACLs that meet it, all in one change.

use std::collections::BTreeSet;
use std::sync::Arc;

use kafka_protocol::messages::delete_acls_request::DeleteAclsFilter;
use kafka_protocol::messages::delete_acls_response::{
    DeleteAclsFilterResult, DeleteAclsMatchingAcl,
};
use kafka_protocol::messages::{DeleteAclsRequest, DeleteAclsResponse};
use kafka_protocol::protocol::StrBytes;

use super::entry::Acl;
use super::filter::{Codes, Filter};
use super::index::Index;
use super::words::{Coded as _, Operation};
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Change, Refusal, change};

/// ACLs that one filter matches, or why it means nothing.
type Matches = Result<Vec<Acl>, Refusal>;

/// Answers the request.
pub(crate) async fn delete(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DeleteAclsRequest,
) -> DeleteAclsResponse {
    let filters = &request.filters;
    let deleted = match broker.security.check_acls(&context, Operation::Alter) {
        Ok(()) => {
            let plan = change(&broker, |knowledge| {
                let matches: Vec<Matches> =
                    filters.iter().map(|filter| matching(filter, &knowledge.acls)).collect();
                let gone: BTreeSet<Acl> = matches.iter().flatten().flatten().cloned().collect();
                (gone.into_iter().map(Change::Revoke).collect(), matches)
            });
            plan.await.map_err(Refusal::from)
        }
        Err(refusal) => Err(refusal),
    };
    let results = match deleted {
        Ok(matches) => matches.into_iter().map(result).collect(),
        Err(refusal) => filters.iter().map(|_| result(Err(refusal.clone()))).collect(),
    };
    DeleteAclsResponse::default().with_filter_results(results)
}

fn matching(filter: &DeleteAclsFilter, acls: &Index) -> Matches {
    let filter = Filter::read(Codes {
        resource_type: filter.resource_type_filter,
        name: filter.resource_name_filter.as_deref(),
        pattern_type: filter.pattern_type_filter,
        principal: filter.principal_filter.as_deref(),
        host: filter.host_filter.as_deref(),
        operation: filter.operation,
        permission: filter.permission_type,
    });
    let filter = filter.map_err(Refusal::invalid)?;
    Ok(acls.iter().filter(|acl| filter.matches(acl)).cloned().collect())
}

fn result(matches: Matches) -> DeleteAclsFilterResult {
    match matches {
        Ok(acls) => DeleteAclsFilterResult::default()
            .with_matching_acls(acls.into_iter().map(matching_acl).collect()),
        Err(refusal) => DeleteAclsFilterResult::default()
            .with_error_code(refusal.error.code())
            .with_error_message(Some(StrBytes::from_string(refusal.reason))),
    }
}

fn matching_acl(acl: Acl) -> DeleteAclsMatchingAcl {
    DeleteAclsMatchingAcl::default()
        .with_resource_type(acl.resource_type.code())
        .with_resource_name(StrBytes::from_string(acl.resource_name))
        .with_pattern_type(acl.pattern_type.code())
        .with_principal(StrBytes::from_string(acl.principal))
        .with_host(StrBytes::from_string(acl.host))
        .with_operation(acl.operation.code())
        .with_permission_type(acl.permission.code())
}
