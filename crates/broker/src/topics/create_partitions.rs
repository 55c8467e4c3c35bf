//! CreatePartitions: topics grow.

use std::sync::Arc;

use commitlog::{Log as _, TopicChange};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::create_partitions_request::CreatePartitionsTopic;
use kafka_protocol::messages::create_partitions_response::CreatePartitionsTopicResult;
use kafka_protocol::messages::{CreatePartitionsRequest, CreatePartitionsResponse};

use super::changes::{Changed, make_each};
use super::creation::check_replicas;
use super::own;
use super::refusal::Refusal;
use crate::Broker;
use crate::context::RequestContext;
use crate::security::{Operation, Resource};

/// Answers the request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: CreatePartitionsRequest,
) -> CreatePartitionsResponse {
    let name = |topic: &CreatePartitionsTopic| topic.name.clone();
    let grow =
        |topic: &CreatePartitionsTopic| grow(&broker, &context, topic, request.validate_only);
    let grown = make_each(&broker, &request.topics, name, grow);
    let results = grown.into_iter().map(|(topic, grown)| {
        let (code, message) = Refusal::parts(grown);
        CreatePartitionsTopicResult::default()
            .with_name(topic.name.clone())
            .with_error_code(code)
            .with_error_message(message)
    });
    CreatePartitionsResponse::default()
        .with_results(results.collect())
        .with_throttle_time_ms(broker.security.held_back_ms(&context))
}

fn grow(
    broker: &Broker,
    context: &RequestContext,
    topic: &CreatePartitionsTopic,
    validate_only: bool,
) -> Result<Changed<()>, Refusal> {
    let name = topic.name.as_str();
    if !broker.security.allows(context, Operation::Alter, Resource::Topic(name)) {
        return Err(Refusal::of(ResponseError::TopicAuthorizationFailed));
    }
    let known = broker.log.topic(name);
    let known = known.ok_or_else(|| Refusal::of(ResponseError::UnknownTopicOrPartition))?;
    // Where the broker finds a group or a transaction depends on the number of partitions.
    own::refuse(name, "Cannot add partitions to")?;
    let missing = check_count(known.config.partitions, topic.count)?;
    if let Some(assignments) = &topic.assignments {
        if assignments.len() != missing {
            let message = format!(
                "{missing} partitions are to be added, but {} are assigned.",
                assignments.len()
            );
            return Err(Refusal::new(ResponseError::InvalidReplicaAssignment, message));
        }
        for assignment in assignments {
            check_replicas(broker, assignment.broker_ids.iter().map(|id| id.0))?;
        }
    }
    let mut commit = None;
    if !validate_only {
        let change = TopicChange::AddPartitions(topic.count);
        commit = Some(broker.log.change_topic(name, change)?);
        tracing::info!(topic = name, partitions = topic.count, "partitions added for a client");
        broker.security.mutated(context, topic.count - known.config.partitions);
    }
    Ok(Changed { told: (), commit })
}

/// How many partitions are missing.
fn check_count(now: i32, wanted: i32) -> Result<usize, Refusal> {
    let invalid = |message| Err(Refusal::new(ResponseError::InvalidPartitions, message));
    match wanted.saturating_sub(now) {
        0 => invalid(format!("Topic already has {now} partition(s).")),
        missing @ 1.. => Ok(missing.unsigned_abs() as usize),
        _ => invalid(format!(
            "The topic currently has {now} partition(s); {wanted} would not be an increase."
        )),
    }
}
