//! What a client that wants a topic has said, checked and made whole.

use commitlog::{Log as _, TopicConfig};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::create_topics_request::{CreatableReplicaAssignment, CreatableTopic};

use super::refusal::Refusal;
use super::{names, own};
use crate::Broker;
use crate::config::{REPLICATION_REMEDY, definitions};

/// A topic that may be created.
pub(super) struct Creation {
    /// How it will be kept.
    pub(super) config: TopicConfig,
}

/// What becomes of `topic`.
///
/// # Errors
/// The first thing that speaks against it, in the order in which Kafka looks.
pub(super) fn plan(broker: &Broker, topic: &CreatableTopic) -> Result<Creation, Refusal> {
    check_name(broker, &topic.name)?;
    let partitions = match topic.assignments.is_empty() {
        true => unassigned(broker, topic)?,
        false => assigned(broker, topic)?,
    };
    let config = configured(broker, topic, partitions)?;
    Ok(Creation { config })
}

fn check_name(broker: &Broker, name: &str) -> Result<(), Refusal> {
    let invalid = |message: String| Refusal::new(ResponseError::InvalidTopicException, message);
    names::check(name).map_err(invalid)?;
    if names::is_reserved(name) {
        let message = format!("Creation of internal topic {name} is prohibited.");
        return Err(Refusal::new(ResponseError::InvalidRequest, message));
    }
    if broker.log.topic(name).is_some() {
        let message = format!("Topic '{name}' already exists.");
        return Err(Refusal::new(ResponseError::TopicAlreadyExists, message));
    }
    match names::collision(broker, name) {
        Some(other) => {
            Err(invalid(format!("Topic '{name}' collides with existing topic: {other}.")))
        }
        None => Ok(()),
    }
}

/// The number of partitions, which the broker lays out.
fn unassigned(broker: &Broker, topic: &CreatableTopic) -> Result<i32, Refusal> {
    check_replication(topic.replication_factor)?;
    match topic.num_partitions {
        -1 => Ok(broker.settings.topic_config_default().partitions),
        partitions @ 1.. => Ok(partitions),
        _ => {
            let message = "Number of partitions was set to an invalid non-positive value.";
            Err(Refusal::new(ResponseError::InvalidPartitions, message))
        }
    }
}

fn check_replication(factor: i16) -> Result<(), Refusal> {
    if matches!(factor, -1 | 1) {
        return Ok(());
    }
    let message = match factor {
        2.. => format!("The replication factor cannot be {factor}: {REPLICATION_REMEDY}."),
        _ => "Replication factor must be larger than 0, or -1 to use the default value.".to_owned(),
    };
    Err(Refusal::new(ResponseError::InvalidReplicationFactor, message))
}

/// The number of partitions that the client has laid out itself: all on this node.
fn assigned(broker: &Broker, topic: &CreatableTopic) -> Result<i32, Refusal> {
    let besides = |what: &str| {
        let message =
            format!("A manual partition assignment was specified, but {what} was not set to -1.");
        Refusal::new(ResponseError::InvalidRequest, message)
    };
    if topic.replication_factor != -1 {
        return Err(besides("replication factor"));
    }
    if topic.num_partitions != -1 {
        return Err(besides("numPartitions"));
    }
    let invalid =
        |message: &str| Refusal::new(ResponseError::InvalidReplicaAssignment, message.to_owned());
    let mut indices: Vec<i32> = topic.assignments.iter().map(|a| a.partition_index).collect();
    indices.sort_unstable();
    if !indices.iter().copied().eq(0..indices.len() as i32) {
        return Err(invalid("Partitions should be a consecutive 0-based integer sequence."));
    }
    for CreatableReplicaAssignment { broker_ids, .. } in &topic.assignments {
        check_replicas(broker, broker_ids.iter().map(|id| id.0))?;
    }
    Ok(indices.len() as i32)
}

/// Fails unless a partition's replicas, as a client wants them, are what there can be.
pub(super) fn check_replicas(
    broker: &Broker,
    mut replicas: impl Iterator<Item = i32>,
) -> Result<(), Refusal> {
    let node = broker.config.node_id;
    let invalid = |message: String| Refusal::new(ResponseError::InvalidReplicaAssignment, message);
    match (replicas.next(), replicas.next()) {
        (None, _) => Err(invalid("The assignment has an empty list of replicas.".to_owned())),
        (Some(one), None) if one == node => Ok(()),
        (Some(other), None) => Err(invalid(format!(
            "The assignment includes broker {other}, but there is only broker {node}."
        ))),
        (Some(_), Some(_)) => Err(Refusal::new(
            ResponseError::InvalidReplicationFactor,
            format!("A partition cannot have several replicas: {REPLICATION_REMEDY}."),
        )),
    }
}

fn configured(
    broker: &Broker,
    topic: &CreatableTopic,
    partitions: i32,
) -> Result<TopicConfig, Refusal> {
    let invalid = |message: String| Refusal::new(ResponseError::InvalidConfig, message);
    let mut entries = std::collections::BTreeMap::new();
    for config in &topic.configs {
        let name = config.name.as_str();
        let definition = definitions::topic(name)
            .ok_or_else(|| invalid(format!("Unknown topic config name: {name}")))?;
        let text = config.value.as_ref().ok_or_else(|| {
            invalid(format!("Null value not supported for topic configs: {name}"))
        })?;
        let value = definition.parse(text).map_err(invalid)?;
        entries.insert(name.to_owned(), value.to_string());
    }
    let config = broker.settings.topic_config(partitions, &entries, None);
    own::check_config(&topic.name, &config)?;
    Ok(config)
}
