//! Which partitions of a request may be written, and with what: authorization, the topic's existence
//! and rules, then the batch itself.

use commitlog::{Log as _, TopicDescription};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::ProduceRequest;
use kafka_protocol::messages::produce_request::TopicProduceData;
use types::TopicPartition;

use super::partition::{Partition, Progress, Refusal};
use super::validation::{Rules, validate};
use crate::context::RequestContext;
use crate::security::{Operation, Resource};
use crate::{Broker, topics};

/// From this version on topics are named by their ids.
pub(super) const TOPIC_ID_VERSION_MIN: i16 = 13;
/// What a client calls itself that may write to the topics that Kafka has, too.
const ADMIN_CLIENT_ID: &str = "__admin_client";
const ALL_REPLICAS: i16 = -1;

/// Admits or refuses each of `partitions`, which are `request`'s.
pub(super) fn admit(
    broker: &Broker,
    context: &RequestContext,
    request: &ProduceRequest,
    partitions: &mut [Partition],
) {
    if !(ALL_REPLICAS..=1).contains(&request.acks) {
        let refusal = Refusal::of(ResponseError::InvalidRequiredAcks);
        return partitions.iter_mut().for_each(|partition| partition.refuse(refusal.clone()));
    }
    let now_ms = broker.clock.now_ms();
    let topics: Vec<_> = request
        .topic_data
        .iter()
        .map(|data| admit_topic(broker, context, data, request.acks))
        .collect();
    for partition in partitions {
        let Progress::Received(sent) = &partition.progress else { continue };
        let topic = topics[partition.topic].as_ref();
        let admitted = topic.map_err(Clone::clone).and_then(|topic| {
            let at = locate(topic, partition.index)?;
            let rules = Rules { at: &at, config: &topic.config, now_ms };
            let batch = validate(sent.as_ref(), context.version, &rules)?;
            Ok(Progress::Admitted { at, batch })
        });
        partition.progress = admitted.unwrap_or_else(Progress::Refused);
    }
}

fn admit_topic(
    broker: &Broker,
    context: &RequestContext,
    data: &TopicProduceData,
    acks: i16,
) -> Result<TopicDescription, Refusal> {
    let by_id = context.version >= TOPIC_ID_VERSION_MIN;
    let found = match by_id {
        true => topics::from_uuid(data.topic_id).and_then(|id| broker.log.topic_by_id(id)),
        false => broker.log.topic(&data.name),
    };
    let unknown = match by_id {
        true => ResponseError::UnknownTopicId,
        false => ResponseError::UnknownTopicOrPartition,
    };
    // Whether a topic exists is not told to clients that may not write to it.
    let name = found.as_ref().map_or(data.name.as_str(), |topic| &topic.name);
    let hidden = by_id && found.is_none();
    if !hidden && !broker.security.allows(context, Operation::Write, Resource::Topic(name)) {
        return Err(Refusal::of(ResponseError::TopicAuthorizationFailed));
    }
    let topic = found.ok_or_else(|| Refusal::of(unknown))?;
    let is_writable =
        !topics::is_own(&topic.name) || topics::is_internal(&topic.name) && is_admin(context);
    if !is_writable {
        return Err(Refusal::because(
            ResponseError::InvalidTopicException,
            format!("cannot append to the internal topic {}", topic.name),
        ));
    }
    if acks == ALL_REPLICAS {
        check_replicas(broker, &topic)?;
    }
    Ok(topic)
}

fn is_admin(context: &RequestContext) -> bool {
    context.client_id.as_deref() == Some(ADMIN_CLIENT_ID)
}

/// There is one replica of everything.
fn check_replicas(broker: &Broker, topic: &TopicDescription) -> Result<(), Refusal> {
    let wanted = broker.settings.topic_value(&topic.config, "min.insync.replicas").number();
    if wanted > 1 {
        return Err(Refusal::because(
            ResponseError::NotEnoughReplicas,
            format!(
                "{} wants min.insync.replicas={wanted} but this broker keeps one replica of \
                 everything; set it to 1",
                topic.name
            ),
        ));
    }
    Ok(())
}

fn locate(topic: &TopicDescription, index: i32) -> Result<TopicPartition, Refusal> {
    if !(0..topic.config.partitions).contains(&index) {
        return Err(Refusal::of(ResponseError::UnknownTopicOrPartition));
    }
    Ok(TopicPartition::new(topic.name.clone(), index))
}
