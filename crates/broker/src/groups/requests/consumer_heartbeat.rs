//! ConsumerGroupHeartbeat: the one request by which members of the consumer protocol join, live,
//! learn their assignment and leave.

use std::sync::Arc;
use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::consumer_group_heartbeat_response::{Assignment, TopicPartitions};
use kafka_protocol::messages::{ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse};

use super::{owned, owned_option, said, wire};
use crate::Broker;
use crate::context::RequestContext;
use crate::groups::consumer::{Answer, Assignor, Beat, Partitions, Pattern, Refusal};
use crate::groups::coordinator::{Unknown, with_group};
use crate::groups::entry::Entry;
use crate::groups::topics::VisibleTopics;
use crate::groups::{Now, member_ids, settings};
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};
use crate::topics::to_uuid;

/// From this version on members choose their ids themselves.
const OWN_IDS: i16 = 1;
/// Epochs that say what a member wants instead of where it is.
const JOIN: i32 = 0;
const LEAVE: i32 = -1;
const GO_AWAY: i32 = -2;

/// Answers the request.
pub(in crate::groups) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    mut request: ConsumerGroupHeartbeatRequest,
) -> ConsumerGroupHeartbeatResponse {
    let is_nameless = request.member_id.is_empty() && request.member_epoch == JOIN;
    if is_nameless && context.version < OWN_IDS {
        request.member_id = wire(&member_ids::uuid(&*broker.random));
    }
    let answer = match check(&broker, &context, &request) {
        Ok(()) => on_disk(|| beat(&broker, &context, &request)),
        Err(refusal) => Err(refusal),
    };
    let answer = match answer {
        Ok(answer) => super::settled(&broker).await.map(|()| answer).map_err(Refusal::from),
        refused => refused,
    };
    match answer {
        Ok(answer) => response(&broker, &request, answer),
        Err(Refusal { error, message }) => ConsumerGroupHeartbeatResponse::default()
            .with_error_code(error.code())
            .with_error_message(Some(wire(&message))),
    }
}

fn response(
    broker: &Broker,
    request: &ConsumerGroupHeartbeatRequest,
    answer: Answer,
) -> ConsumerGroupHeartbeatResponse {
    let interval = settings::heartbeat_interval(&broker.settings, &request.group_id);
    let interval_ms = interval.as_millis();
    let topics = |assigned: Partitions| {
        let topic = |(id, numbers): (u128, &std::collections::BTreeSet<i32>)| {
            TopicPartitions::default()
                .with_topic_id(to_uuid(id))
                .with_partitions(numbers.iter().copied().collect())
        };
        Assignment::default().with_topic_partitions(assigned.by_topic().map(topic).collect())
    };
    ConsumerGroupHeartbeatResponse::default()
        .with_member_id(Some(request.member_id.clone()))
        .with_member_epoch(answer.epoch)
        .with_heartbeat_interval_ms(i32::try_from(interval_ms).unwrap_or(i32::MAX))
        .with_assignment(answer.assignment.map(topics))
}

fn check(
    broker: &Broker,
    context: &RequestContext,
    request: &ConsumerGroupHeartbeatRequest,
) -> Result<(), Refusal> {
    let group = Resource::Group(&request.group_id);
    if !broker.security.allows(context, Operation::Read, group) {
        return Err(ResponseError::GroupAuthorizationFailed.into());
    }
    let mut topics = request.subscribed_topic_names.iter().flatten();
    let may_know =
        |topic: &str| broker.security.allows(context, Operation::Describe, Resource::Topic(topic));
    if !topics.all(|topic| may_know(topic)) {
        return Err(ResponseError::TopicAuthorizationFailed.into());
    }
    match wrong(request) {
        None => Ok(()),
        Some(wrong) => {
            let error = ResponseError::InvalidRequest;
            Err(Refusal { error, message: wrong.to_owned() })
        }
    }
}

/// What is wrong with `request` as such.
fn wrong(request: &ConsumerGroupHeartbeatRequest) -> Option<&'static str> {
    let is_empty = |text: &Option<_>| said(text).is_some_and(|text| text.trim().is_empty());
    let joins = request.member_epoch == JOIN;
    let subscribes =
        request.subscribed_topic_names.is_some() || request.subscribed_topic_regex.is_some();
    let owns = request.topic_partitions.as_ref().map(|owned| !owned.is_empty());
    if request.group_id.trim().is_empty() {
        Some("GroupId can't be empty.")
    } else if request.member_id.trim().is_empty() {
        Some("MemberId can't be empty.")
    } else if is_empty(&request.instance_id) {
        Some("InstanceId can't be empty.")
    } else if is_empty(&request.rack_id) {
        Some("RackId can't be empty.")
    } else if request.member_epoch < GO_AWAY {
        Some("MemberEpoch is invalid.")
    } else if request.member_epoch == GO_AWAY && request.instance_id.is_none() {
        Some("InstanceId can't be null.")
    } else if joins && request.rebalance_timeout_ms < 0 {
        Some("RebalanceTimeoutMs must be provided in first request.")
    } else if joins && owns != Some(false) {
        Some("TopicPartitions must be empty when (re-)joining.")
    } else if joins && !subscribes {
        Some("SubscribedTopicNames or SubscribedTopicRegex must be set in first request.")
    } else {
        None
    }
}

fn beat(
    broker: &Broker,
    context: &RequestContext,
    request: &ConsumerGroupHeartbeatRequest,
) -> Result<Answer, Refusal> {
    let beat = to_beat(broker, context, request)?;
    let unknown = if beat.epoch == JOIN { Unknown::Create } else { Unknown::Refuse };
    let group = request.group_id.as_str();
    with_group(broker, group, unknown, |entry, now| {
        let answer = enter(broker, context, entry, &beat, now);
        entry.conclude(broker, now)?;
        answer
    })?
}

fn enter(
    broker: &Broker,
    context: &RequestContext,
    entry: &mut Entry,
    beat: &Beat,
    now: Now,
) -> Result<Answer, Refusal> {
    let limits = settings::consumer_limits(&broker.settings, &entry.name);
    let topics = VisibleTopics { broker, context };
    let group = match beat.epoch {
        JOIN => entry.become_consumer(broker, &topics, now),
        _ => entry.consumer(),
    };
    let Some(group) = group else {
        return Err(not_a_consumer_group(broker, beat));
    };
    group.set_limits(limits);
    let gone = |epoch| Answer { epoch, assignment: None };
    match (beat.epoch, beat.instance_id.as_deref()) {
        (LEAVE, instance_id) => group.leave(&beat.member_id, instance_id).map(|()| gone(LEAVE)),
        (GO_AWAY, Some(instance_id)) => {
            group.go_away(&beat.member_id, instance_id).map(|()| gone(GO_AWAY))
        }
        _ => group.heartbeat(beat, &topics, now),
    }
}

/// A member that was given up meanwhile, and whose group went on as a classic one, may come again.
fn not_a_consumer_group(broker: &Broker, beat: &Beat) -> Refusal {
    if beat.epoch != JOIN && settings::may_upgrade(&broker.settings) {
        return ResponseError::UnknownMemberId.into();
    }
    let message = "The group is not a consumer group.".to_owned();
    Refusal { error: ResponseError::GroupIdNotFound, message }
}

fn to_beat(
    broker: &Broker,
    context: &RequestContext,
    request: &ConsumerGroupHeartbeatRequest,
) -> Result<Beat, Refusal> {
    let timeout_ms = u64::try_from(request.rebalance_timeout_ms).ok();
    let names = request.subscribed_topic_names.as_ref();
    let owned_partitions = request.topic_partitions.as_ref().map(|topics| {
        let of_topic = |topic: &kafka_protocol::messages::consumer_group_heartbeat_request::TopicPartitions| {
            let id = topic.topic_id.as_u128();
            topic.partitions.clone().into_iter().map(move |number| (id, number))
        };
        topics.iter().flat_map(of_topic).collect()
    });
    Ok(Beat {
        member_id: owned(&request.member_id),
        epoch: request.member_epoch,
        instance_id: owned_option(request.instance_id.as_ref()),
        rack_id: owned_option(request.rack_id.as_ref()),
        client_id: context.client_id.as_deref().unwrap_or_default().into(),
        client_host: member_ids::host(&context.session),
        rebalance_timeout: timeout_ms.map(Duration::from_millis),
        topics: names.map(|names| names.iter().map(|name| owned(name)).collect()),
        pattern: said(&request.subscribed_topic_regex).map(to_pattern).transpose()?,
        assignor: said(&request.server_assignor)
            .map(|name| to_assignor(broker, name))
            .transpose()?,
        owned: owned_partitions,
        classic: None,
    })
}

/// An empty pattern takes back an earlier one.
fn to_pattern(text: &str) -> Result<Option<Pattern>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let failed = |reason| {
        let message = format!("SubscribedTopicRegex `{text}` is not valid: {reason}");
        Refusal { error: ResponseError::InvalidRegularExpression, message }
    };
    Pattern::parse(text).map(Some).map_err(failed)
}

fn to_assignor(broker: &Broker, name: &str) -> Result<Assignor, Refusal> {
    let supported = settings::assignors(&broker.settings);
    let wanted = Assignor::named(name).filter(|wanted| supported.contains(wanted));
    wanted.ok_or_else(|| {
        let names: Vec<&str> = supported.into_iter().map(Assignor::name).collect();
        let names = names.join(", ");
        let message = format!("ServerAssignor {name} is not supported. Supported: {names}.");
        Refusal { error: ResponseError::UnsupportedAssignor, message }
    })
}
