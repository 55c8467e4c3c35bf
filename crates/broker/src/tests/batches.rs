//! Record batches and the requests that carry them, as clients of tests send them.

use bytes::Bytes;
use kafka_protocol::messages::fetch_request::{FetchPartition, FetchTopic};
use kafka_protocol::messages::produce_request::{PartitionProduceData, TopicProduceData};
use kafka_protocol::messages::produce_response::PartitionProduceResponse;
use kafka_protocol::messages::{BrokerId, FetchRequest, ProduceRequest, TopicName};
use kafka_protocol::protocol::StrBytes;
use records::{Batches, Builder, Compression};

use super::harness::{Client, START_MS};

/// A batch of records with these values, keyed by them.
pub(crate) fn batch(values: &[&str]) -> Bytes {
    packed(Compression::None, values)
}

/// The same, compressed.
pub(crate) fn packed(compression: Compression, values: &[&str]) -> Bytes {
    fill(Builder::new(compression), values)
}

/// Puts records with these values into `builder`.
pub(crate) fn fill(mut builder: Builder, values: &[&str]) -> Bytes {
    for value in values {
        builder.append(START_MS, Some(value.as_bytes()), Some(value.as_bytes()), &[]);
    }
    builder.build()
}

/// The values in concatenated batches, with their offsets.
pub(crate) fn values(batches: &Bytes) -> Vec<(i64, String)> {
    let mut values = Vec::new();
    for batch in Batches::new(batches) {
        let records = batch.expect("a sound batch").records().expect("sound records");
        let text = |value: Option<&[u8]>| {
            String::from_utf8(value.unwrap_or_default().to_vec()).expect("text")
        };
        values.extend(records.iter().map(|record| (record.offset, text(record.value))));
    }
    values
}

/// The name of a topic in requests.
pub(crate) fn topic_name(topic: &str) -> TopicName {
    TopicName(StrBytes::from_string(topic.to_owned()))
}

/// A request that appends `batches` to partitions of `topic`.
pub(crate) fn produce_request(topic: &str, acks: i16, batches: &[(i32, Bytes)]) -> ProduceRequest {
    let partition = |(index, batch): &(i32, Bytes)| {
        PartitionProduceData::default().with_index(*index).with_records(Some(batch.clone()))
    };
    let data = TopicProduceData::default()
        .with_name(topic_name(topic))
        .with_partition_data(batches.iter().map(partition).collect());
    ProduceRequest::default().with_acks(acks).with_timeout_ms(30_000).with_topic_data(vec![data])
}

/// Appends `batch` to a partition of `topic`, acknowledged from stable storage.
pub(crate) async fn produce(
    client: &mut Client,
    topic: &str,
    partition: i32,
    batch: Bytes,
) -> PartitionProduceResponse {
    let request = produce_request(topic, -1, &[(partition, batch)]);
    let mut response = client.ask(9, request).await;
    response.responses.remove(0).partition_responses.remove(0)
}

/// A request that reads partitions of `topic` from offsets on, at once.
pub(crate) fn fetch_request(topic: &str, partitions: &[(i32, i64)]) -> FetchRequest {
    let partition = |(number, offset): &(i32, i64)| {
        FetchPartition::default()
            .with_partition(*number)
            .with_fetch_offset(*offset)
            .with_partition_max_bytes(1 << 20)
    };
    let topic = FetchTopic::default()
        .with_topic(topic_name(topic))
        .with_partitions(partitions.iter().map(partition).collect());
    FetchRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_session_epoch(-1)
        .with_max_bytes(50 << 20)
        .with_topics(vec![topic])
}

/// What a partition of `topic` holds from an offset on.
pub(crate) async fn fetch(
    client: &mut Client,
    topic: &str,
    partition: i32,
    from: i64,
) -> Vec<(i64, String)> {
    let response = client.ask(12, fetch_request(topic, &[(partition, from)])).await;
    let partition = &response.responses[0].partitions[0];
    assert_eq!(partition.error_code, 0, "cannot fetch {topic}");
    values(partition.records.as_ref().unwrap_or(&Bytes::new()))
}
