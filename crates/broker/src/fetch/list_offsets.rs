//! ListOffsets: the first and last offset of partitions, and offsets by time.

use std::collections::HashSet;
use std::sync::Arc;

use commitlog::{Log as _, TimestampedOffset};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use kafka_protocol::messages::{ListOffsetsRequest, ListOffsetsResponse};
use types::{Offset, TopicPartition};

use super::leader_epoch::{self, LEADER_EPOCH};
use crate::context::RequestContext;
use crate::on_disk::on_disk;
use crate::security::{Operation, Resource};
use crate::{Broker, error};

/// What a client asks for instead of a time, and the first version in which it may.
const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;
const SPECIALS: [(i64, i16); 5] =
    [(LATEST, 1), (EARLIEST, 1), (MAX_TIMESTAMP, 7), (EARLIEST_LOCAL, 8), (LATEST_TIERED, 9)];
/// The first version that tells the leader epoch of an offset.
const EPOCH_VERSION_MIN: i16 = 4;
/// The isolation level that sees committed transactions only.
const READ_COMMITTED: i8 = 1;
/// What stands for no offset or time.
const NONE: i64 = -1;

/// An offset and the time that belongs to it, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    offset: i64,
    timestamp_ms: i64,
}

const NOTHING: Found = Found { offset: NONE, timestamp_ms: NONE };

/// Handles a request.
pub(super) async fn handle(
    broker: Arc<Broker>,
    context: Arc<RequestContext>,
    request: ListOffsetsRequest,
) -> ListOffsetsResponse {
    let is_committed = request.isolation_level == READ_COMMITTED;
    let lookup = Lookup { broker: &broker, context: &context, is_committed };
    let topics = on_disk(|| {
        let repeated = repeated(&request.topics);
        request.topics.iter().map(|topic| lookup.topic(topic, &repeated)).collect()
    });
    ListOffsetsResponse::default().with_topics(topics)
}

/// Partitions that are asked for more than once, which Kafka does not answer.
fn repeated(topics: &[ListOffsetsTopic]) -> HashSet<(&str, i32)> {
    let mut seen = HashSet::new();
    let all = topics.iter().flat_map(|topic| {
        topic.partitions.iter().map(|partition| (topic.name.as_str(), partition.partition_index))
    });
    all.filter(|partition| !seen.insert(*partition)).collect()
}

struct Lookup<'a> {
    broker: &'a Broker,
    context: &'a RequestContext,
    is_committed: bool,
}

impl Lookup<'_> {
    fn topic(
        &self,
        topic: &ListOffsetsTopic,
        repeated: &HashSet<(&str, i32)>,
    ) -> ListOffsetsTopicResponse {
        let resource = Resource::Topic(&topic.name);
        let name = match self.broker.security.allows(self.context, Operation::Describe, resource) {
            true => Ok(Arc::from(topic.name.as_str())),
            false => Err(ResponseError::TopicAuthorizationFailed),
        };
        let partition = |partition: &ListOffsetsPartition| {
            let found = name.clone().and_then(|name: Arc<str>| {
                if repeated.contains(&(topic.name.as_str(), partition.partition_index)) {
                    return Err(ResponseError::InvalidRequest);
                }
                let at = TopicPartition::new(name, partition.partition_index);
                self.partition(&at, partition)
            });
            self.response(partition.partition_index, found)
        };
        ListOffsetsTopicResponse::default()
            .with_name(topic.name.clone())
            .with_partitions(topic.partitions.iter().map(partition).collect())
    }

    fn response(
        &self,
        index: i32,
        found: Result<Found, ResponseError>,
    ) -> ListOffsetsPartitionResponse {
        let (found, code) = match found {
            Ok(found) => (found, 0),
            Err(error) => (NOTHING, error.code()),
        };
        let has_epoch = found != NOTHING && self.context.version >= EPOCH_VERSION_MIN;
        ListOffsetsPartitionResponse::default()
            .with_partition_index(index)
            .with_error_code(code)
            .with_offset(found.offset)
            .with_timestamp(found.timestamp_ms)
            .with_leader_epoch(if has_epoch { LEADER_EPOCH } else { leader_epoch::NONE })
    }

    fn partition(
        &self,
        at: &TopicPartition,
        wanted: &ListOffsetsPartition,
    ) -> Result<Found, ResponseError> {
        let log = &self.broker.log;
        let failed = |error: commitlog::Error| error::code(&error);
        leader_epoch::check(wanted.current_leader_epoch)?;
        let offsets = log.offsets(at).map_err(failed)?;
        // What lies beyond this does not exist for the client yet.
        let end = if self.is_committed { offsets.stable } else { offsets.durable_end };
        let timeless = |offset: Offset| Ok(Found { offset: offset.0, timestamp_ms: NONE });
        match wanted.timestamp {
            special if special < 0 && !self.knows(special) => {
                Err(ResponseError::UnsupportedVersion)
            }
            LATEST => timeless(end),
            EARLIEST | EARLIEST_LOCAL => timeless(offsets.start),
            LATEST_TIERED => Ok(NOTHING),
            MAX_TIMESTAMP => Ok(before(end, log.max_timestamp(at).map_err(failed)?)),
            timestamp_ms => {
                Ok(before(end, log.offset_for_timestamp(at, timestamp_ms).map_err(failed)?))
            }
        }
    }

    fn knows(&self, special: i64) -> bool {
        SPECIALS.iter().any(|(known, since)| *known == special && self.context.version >= *since)
    }
}

fn before(end: Offset, found: Option<TimestampedOffset>) -> Found {
    match found {
        Some(TimestampedOffset { offset, timestamp_ms }) if offset < end => {
            Found { offset: offset.0, timestamp_ms }
        }
        _ => NOTHING,
    }
}
