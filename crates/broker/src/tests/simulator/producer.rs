//! An idempotent producer with several requests in flight. It sends again what was not answered, in
//! order, and never gives up.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::{
    InitProducerIdRequest, ProduceRequest, ProduceResponse, ProducerId, TopicName, TransactionalId,
};
use kafka_protocol::protocol::StrBytes;
use records::{Builder, Compression};
use types::TopicPartition;

use super::ledger::Ledger;
use super::link::{Broken, Link, Way, pause};
use super::world::{PARTITIONS, PLAIN, World};

/// Version of Produce that names topics.
pub(super) const PRODUCE: i16 = 12;
/// Requests in flight.
const WINDOW: usize = 3;
/// Records of one batch.
const RECORDS: usize = 2;

/// A batch that was sent or will be.
struct Batch {
    values: Vec<String>,
    bytes: Bytes,
}

/// Produces until the faults end and everything is acknowledged.
pub(super) async fn run(world: Arc<World>, ledger: Arc<Ledger>, number: i32) -> Result<(), String> {
    let mut way = Way::new(&world);
    let (id, epoch) = producer_id(&mut way).await;
    let at = TopicPartition::new(PLAIN, number % PARTITIONS);
    let name = format!("producer-{number}");
    let mut waiting: VecDeque<Batch> = VecDeque::new();
    let mut sent = 0;
    loop {
        // A broker that does not know the producer yet takes any sequence number, so the first batch
        // goes alone, as that of Kafka's own client.
        let window = if ledger.has_acknowledged(&at, &name) { WINDOW } else { 1 };
        while waiting.len() < window && !world.is_healed() {
            let values: Vec<String> =
                (0..RECORDS).map(|record| format!("{name}:{}", sent + record)).collect();
            let bytes = batch(&values, Some((id, epoch, sent as i32)), false);
            waiting.push_back(Batch { values, bytes });
            sent += RECORDS;
        }
        if waiting.is_empty() {
            return Ok(());
        }
        let (offsets, problem) = send_all(way.link(), &at, &waiting).await;
        for offset in offsets {
            let Some(batch) = waiting.pop_front() else { break };
            ledger.note(format!("{name} {offset}"));
            acknowledge(&ledger, &at, &name, &batch, offset);
        }
        match problem {
            None => {}
            Some(Problem::Again(why)) => {
                ledger.told().troubles.insert(name.clone(), why);
                way.hang_up().await;
            }
            Some(Problem::Wrong(problem)) => return Err(format!("{name}: {problem}")),
        }
    }
}

enum Problem {
    /// Try again on another connection.
    Again(String),
    /// That must not happen.
    Wrong(String),
}

/// Sends every batch, then takes the answers; what was acknowledged before the first problem counts.
async fn send_all(
    link: &mut Link,
    at: &TopicPartition,
    waiting: &VecDeque<Batch>,
) -> (Vec<i64>, Option<Problem>) {
    let mut ids = Vec::new();
    for batch in waiting {
        match link.send(PRODUCE, &request(at, batch.bytes.clone(), None)).await {
            Ok(id) => ids.push(id),
            Err(Broken) => break,
        }
    }
    let mut offsets = Vec::new();
    for id in &ids {
        let Ok(answer) = link.receive::<ProduceRequest>(PRODUCE, *id).await else {
            return (offsets, Some(Problem::Again("no answer".to_owned())));
        };
        match outcome(&answer) {
            Ok(offset) => offsets.push(offset),
            Err(error) if error.is_retriable() => {
                return (offsets, Some(Problem::Again(error.to_string())));
            }
            Err(error) => return (offsets, Some(Problem::Wrong(error.to_string()))),
        }
    }
    let is_broken = ids.len() < waiting.len();
    (offsets, is_broken.then(|| Problem::Again("the connection broke".to_owned())))
}

fn acknowledge(ledger: &Ledger, at: &TopicPartition, name: &str, batch: &Batch, offset: i64) {
    let mut told = ledger.told();
    let of_producer = told.produced.entry(at.clone()).or_default().entry(name.to_owned());
    let of_producer = of_producer.or_default();
    for (value, offset) in batch.values.iter().zip(offset..) {
        of_producer.push((value.clone(), offset));
    }
}

/// A batch of `values`, by a producer's id, epoch and first sequence number.
pub(super) fn batch(
    values: &[String],
    producer: Option<(i64, i16, i32)>,
    is_transactional: bool,
) -> Bytes {
    let mut builder = Builder::new(Compression::None);
    if let Some((id, epoch, sequence)) = producer {
        builder = builder.producer(id, epoch, sequence);
    }
    if is_transactional {
        builder = builder.transactional();
    }
    for value in values {
        builder.append(1_700_000_000_000, None, Some(value.as_bytes()), &[]);
    }
    builder.build()
}

/// A request with one batch.
pub(super) fn request(
    at: &TopicPartition,
    batch: Bytes,
    transactional_id: Option<&str>,
) -> ProduceRequest {
    let id = transactional_id.map(|id| TransactionalId(StrBytes::from_string(id.to_owned())));
    let partition =
        PartitionProduceData::default().with_index(at.partition).with_records(Some(batch));
    let topic = TopicProduceData::default()
        .with_name(TopicName(StrBytes::from_string(at.topic.to_string())))
        .with_partition_data(vec![partition]);
    ProduceRequest::default()
        .with_transactional_id(id)
        .with_acks(-1)
        .with_timeout_ms(5_000)
        .with_topic_data(vec![topic])
}

/// The offset that the only batch of the request got.
pub(super) fn outcome(answer: &ProduceResponse) -> Result<i64, ResponseError> {
    let partition = &answer.responses[0].partition_responses[0];
    match ResponseError::try_from_code(partition.error_code) {
        None => Ok(partition.base_offset),
        Some(error) => Err(error),
    }
}

async fn producer_id(way: &mut Way<'_>) -> (i64, i16) {
    let request = InitProducerIdRequest::default()
        .with_transactional_id(None)
        .with_producer_id(ProducerId(-1))
        .with_producer_epoch(-1);
    loop {
        let answer = way.insist(4, request.clone()).await;
        if answer.error_code == 0 {
            return (answer.producer_id.0, answer.producer_epoch);
        }
        pause().await;
    }
}
