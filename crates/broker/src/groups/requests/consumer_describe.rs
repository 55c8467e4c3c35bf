//! ConsumerGroupDescribe: groups of the consumer protocol in detail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use commitlog::Log as _;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::consumer_group_describe_response::{
    Assignment, DescribedGroup, Member as DescribedMember, TopicPartitions,
};
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse, GroupId, TopicName,
};

use super::{wire, wire_option};
use crate::Broker;
use crate::context::RequestContext;
use crate::groups::consumer::{Group, Member, Partitions};
use crate::groups::coordinator::{Unknown, with_group};
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};
use crate::topics::{NOT_ASKED, authorized_operations, to_uuid};

/// From this version on it is said which protocol a member speaks.
const MEMBER_TYPES: i16 = 1;
/// What a member speaks; versions before do not say.
const CLASSIC: i8 = 0;
const CONSUMER: i8 = 1;
const NOT_SAID: i8 = -1;

/// Names of topics by their ids.
type Names = BTreeMap<u128, Arc<str>>;

/// Answers the request.
pub(in crate::groups) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: ConsumerGroupDescribeRequest,
) -> ConsumerGroupDescribeResponse {
    let names: Names =
        broker.log.topics().into_iter().map(|topic| (topic.id, topic.name)).collect();
    let describe = |id: GroupId| {
        let described = match describe(&broker, &context, &names, &id) {
            Ok(described) => described,
            Err(error) => refused(error, &id),
        };
        let operations = match request.include_authorized_operations {
            true => authorized_operations(&broker, &context, Resource::Group(&id)),
            false => NOT_ASKED,
        };
        described.with_authorized_operations(operations).with_group_id(id)
    };
    let groups = request.group_ids.iter().cloned().map(describe).collect();
    ConsumerGroupDescribeResponse::default().with_groups(groups)
}

fn refused(error: ResponseError, id: &GroupId) -> DescribedGroup {
    let message = match error {
        ResponseError::GroupIdNotFound => {
            format!("Group {} is not a consumer group.", id.as_str())
        }
        error => error.to_string(),
    };
    let described = DescribedGroup::default().with_error_code(error.code());
    described.with_error_message(Some(wire(&message)))
}

fn describe(
    broker: &Broker,
    context: &RequestContext,
    names: &Names,
    id: &str,
) -> Result<DescribedGroup, ResponseError> {
    if id.is_empty() {
        return Err(ResponseError::InvalidGroupId);
    }
    if !broker.security.allows(context, Operation::Describe, Resource::Group(id)) {
        return Err(ResponseError::GroupAuthorizationFailed);
    }
    let described = on_disk(|| {
        with_group(broker, id, Unknown::Refuse, |entry, _now| {
            let group = entry.consumer().ok_or(ResponseError::GroupIdNotFound)?;
            let may_know = |topic: &str| {
                broker.security.allows(context, Operation::Describe, Resource::Topic(topic))
            };
            // Who may not know of a topic is not shown a group that reads it.
            match group.subscription().all(|topic| may_know(topic)) {
                true => Ok(describe_group(group, names, context.version)),
                false => Err(ResponseError::TopicAuthorizationFailed),
            }
        })
    });
    described?
}

fn describe_group(group: &Group, names: &Names, version: i16) -> DescribedGroup {
    let members = group.members().map(|member| describe_member(group, member, names, version));
    DescribedGroup::default()
        .with_group_state(wire(group.state().name()))
        .with_group_epoch(group.epoch())
        .with_assignment_epoch(group.target_epoch())
        .with_assignor_name(wire(group.assignor().name()))
        .with_members(members.collect())
}

fn describe_member(group: &Group, member: &Member, names: &Names, version: i16) -> DescribedMember {
    let target = group.target(&member.id).cloned().unwrap_or_default();
    let topics = member.topics.iter().map(|topic| TopicName(wire(topic)));
    let pattern = member.pattern.as_ref().map(|pattern| wire(pattern.text()));
    DescribedMember::default()
        .with_member_id(wire(&member.id))
        .with_instance_id(wire_option(member.instance_id.as_ref()))
        .with_rack_id(wire_option(member.rack_id.as_ref()))
        .with_member_epoch(member.epoch)
        .with_client_id(wire(&member.client_id))
        .with_client_host(wire(&member.client_host))
        .with_subscribed_topic_names(topics.collect())
        .with_subscribed_topic_regex(pattern)
        .with_assignment(assignment(&member.assigned, names))
        .with_target_assignment(assignment(&target, names))
        .with_member_type(member_type(member, version))
}

fn member_type(member: &Member, version: i16) -> i8 {
    match member.classic {
        _ if version < MEMBER_TYPES => NOT_SAID,
        Some(_) => CLASSIC,
        None => CONSUMER,
    }
}

/// Partitions of topics that are gone are left out.
fn assignment(partitions: &Partitions, names: &Names) -> Assignment {
    let topic = |(id, numbers): (u128, &BTreeSet<i32>)| {
        let topic = TopicPartitions::default()
            .with_topic_id(to_uuid(id))
            .with_topic_name(TopicName(wire(names.get(&id)?)))
            .with_partitions(numbers.iter().copied().collect());
        Some(topic)
    };
    Assignment::default().with_topic_partitions(partitions.by_topic().filter_map(topic).collect())
}
