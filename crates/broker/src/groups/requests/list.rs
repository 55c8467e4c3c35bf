//! ListGroups.

use std::collections::BTreeSet;
use std::sync::Arc;

use commitlog::Log as _;
use kafka_protocol::messages::list_groups_response::ListedGroup;
use kafka_protocol::messages::{GroupId, ListGroupsRequest, ListGroupsResponse};
use kafka_protocol::protocol::StrBytes;

use super::wire;
use crate::Broker;
use crate::context::RequestContext;
use crate::groups::coordinator::{Unknown, with_group};
use crate::groups::entry::{Entry, Kind};
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};

/// Answers the request.
pub(in crate::groups) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: ListGroupsRequest,
) -> ListGroupsResponse {
    let sees_all = broker.security.allows(&context, Operation::Describe, Resource::Cluster);
    let may_see = |name: &str| {
        sees_all || broker.security.allows(&context, Operation::Describe, Resource::Group(name))
    };
    let names: BTreeSet<Arc<str>> = broker
        .groups
        .names()
        .into_iter()
        .chain(broker.log.groups().into_iter().map(Arc::from))
        .filter(|name| may_see(name))
        .collect();
    let list = |name: Arc<str>| {
        let listed = with_group(&broker, &name, Unknown::Refuse, |entry, _now| listed(entry));
        // A group that is gone meanwhile is not listed.
        listed.ok()
    };
    let listed: Vec<ListedGroup> = on_disk(|| names.into_iter().filter_map(list).collect());
    let wanted = |group: &ListedGroup| {
        passes(&request.states_filter, &group.group_state)
            && passes(&request.types_filter, &group.group_type)
    };
    ListGroupsResponse::default().with_groups(listed.into_iter().filter(wanted).collect())
}

fn passes(filter: &[StrBytes], value: &StrBytes) -> bool {
    filter.is_empty() || filter.iter().any(|wanted| wanted.eq_ignore_ascii_case(value))
}

fn listed(entry: &Entry) -> ListedGroup {
    let (state, kind, protocol_type) = match &entry.kind {
        Kind::Classic(group) => (group.state().name(), "classic", group.protocol_type()),
        Kind::Consumer(group) => (group.state().name(), "consumer", "consumer"),
    };
    ListedGroup::default()
        .with_group_id(GroupId(wire(&entry.name)))
        .with_protocol_type(wire(protocol_type))
        .with_group_state(wire(state))
        .with_group_type(wire(kind))
}
