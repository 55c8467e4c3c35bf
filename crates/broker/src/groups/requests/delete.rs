//! DeleteGroups: an administrator forgets groups without members, with their offsets.

use std::sync::Arc;

use commitlog::Log as _;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::delete_groups_response::DeletableGroupResult;
use kafka_protocol::messages::{DeleteGroupsRequest, DeleteGroupsResponse};

use crate::Broker;
use crate::context::RequestContext;
use crate::groups::coordinator::{Unknown, with_group};
use crate::groups::entry::Entry;
use crate::groups::{Now, refusal};
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// Answers the request.
pub(in crate::groups) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: DeleteGroupsRequest,
) -> DeleteGroupsResponse {
    let mut results = Vec::with_capacity(request.groups_names.len());
    for group in request.groups_names {
        let deleted = delete(&broker, &context, &group).await;
        let error_code = deleted.err().map_or(0, |error| error.code());
        let result = DeletableGroupResult::default().with_group_id(group);
        results.push(result.with_error_code(error_code));
    }
    DeleteGroupsResponse::default().with_results(results)
}

async fn delete(
    broker: &Broker,
    context: &RequestContext,
    group: &str,
) -> Result<(), ResponseError> {
    if !broker.security.allows(context, Operation::Delete, Resource::Group(group)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    on_disk(|| {
        with_group(broker, group, Unknown::Refuse, |entry, now| forget(broker, entry, now))
    })??;
    broker.durability.wait(broker.log.last_commit()).await.map_err(|error| {
        tracing::warn!(group, %error, "cannot delete the group");
        ResponseError::CoordinatorNotAvailable
    })
}

fn forget(broker: &Broker, entry: &mut Entry, now: Now) -> Result<(), ResponseError> {
    if !entry.kind.is_unused() {
        return Err(ResponseError::NonEmptyGroup);
    }
    let deleted = broker.log.delete_group(&entry.name);
    let erased = deleted.and_then(|()| entry.erase(broker, now));
    erased.map_err(|error| refusal(&entry.name, &error))?;
    entry.is_removed = true;
    Ok(())
}
