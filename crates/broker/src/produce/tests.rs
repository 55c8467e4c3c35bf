//! What becomes of produce requests, as a producer sees it.

use bytes::Bytes;
use commitlog::{Log as _, Producer, TimestampType, TopicConfig};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::produce_request::TopicProduceData;
use kafka_protocol::messages::{
    ApiVersionsRequest, InitProducerIdRequest, ProduceRequest, ProduceResponse,
};
use kafka_protocol::protocol::StrBytes;
use records::{Batch, Builder, Compression};
use testkit::disk::Crash;
use tokio::io::AsyncReadExt as _;
use types::TopicPartition;
use uuid::Uuid;

use crate::tests::batches::{
    batch, fetch, fill, packed, produce, produce_request, topic_name, values,
};
use crate::tests::harness::{Client, Harness, START_MS};

fn harness(config: TopicConfig) -> Harness {
    let harness = Harness::new();
    harness.broker.log.create_topic("t", &config).unwrap();
    harness
}

fn plain() -> Harness {
    harness(TopicConfig::with_partitions(2))
}

fn other(name: &str, value: &str) -> TopicConfig {
    let mut config = TopicConfig::with_partitions(1);
    config.other.insert(name.to_owned(), value.to_owned());
    config
}

#[tokio::test(start_paused = true)]
async fn every_version_appends_and_tells_the_offset() {
    let harness = plain();
    let id = Uuid::from_u128(harness.broker.log.topic("t").unwrap().id);
    let mut client = harness.client();
    for version in 3..=13 {
        let mut request = produce_request("t", -1, &[(0, batch(&["a", "b"]))]);
        if version >= 13 {
            request.topic_data[0].name = topic_name("");
            request.topic_data[0].topic_id = id;
        }
        let response = client.ask(version, request).await;
        let topic = &response.responses[0];
        let partition = &topic.partition_responses[0];
        assert_eq!(partition.error_code, 0, "version {version}");
        assert_eq!(partition.base_offset, 2 * i64::from(version - 3));
        assert_eq!(partition.log_append_time_ms, -1);
        assert_eq!(topic.topic_id, if version >= 13 { id } else { Uuid::nil() });
    }
    assert_eq!(fetch(&mut client, "t", 0, 20).await, [(20, "a".into()), (21, "b".into())]);
}

#[tokio::test(start_paused = true)]
async fn what_is_acknowledged_by_all_survives_a_loss_of_power() {
    let mut harness = plain();
    let mut client = harness.client();
    assert_eq!(produce(&mut client, "t", 1, batch(&["kept"])).await.error_code, 0);
    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    assert_eq!(fetch(&mut client, "t", 1, 0).await, [(0, "kept".into())]);
}

#[tokio::test(start_paused = true)]
async fn requests_in_flight_share_a_sync_and_keep_their_order() {
    let harness = plain();
    let mut client = harness.client();
    let mut sent = Vec::new();
    for number in 0..20 {
        let request = produce_request("t", -1, &[(0, batch(&[&number.to_string()]))]);
        sent.push(client.send(9, &request).await);
    }
    for (number, correlation_id) in sent.into_iter().enumerate() {
        let response = client.receive::<ProduceRequest>(9, correlation_id).await;
        let offset = response.responses[0].partition_responses[0].base_offset;
        assert_eq!(offset, number as i64);
    }
}

#[tokio::test(start_paused = true)]
async fn without_acknowledgement_nothing_is_answered() {
    let harness = plain();
    let mut client = harness.client();
    client.send(9, &produce_request("t", 0, &[(0, batch(&["a"]))])).await;
    // The next answer is that of the next request.
    client.ask(0, ApiVersionsRequest::default()).await;
    client.send(9, &produce_request("unknown", 0, &[(0, batch(&["a"]))])).await;
    let mut rest = Vec::new();
    client.stream.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty(), "a failure closes the connection");
}

#[tokio::test(start_paused = true)]
async fn one_bad_partition_stops_no_other() {
    let harness = plain();
    let mut client = harness.client();
    let mut damaged = batch(&["x"]).to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    let batches =
        [(7, batch(&["x"])), (0, Bytes::from(damaged)), (1, batch(&["good"])), (-1, batch(&["x"]))];
    let response = client.ask(9, produce_request("t", -1, &batches)).await;
    let codes: Vec<i16> =
        response.responses[0].partition_responses.iter().map(|p| p.error_code).collect();
    let unknown = ResponseError::UnknownTopicOrPartition.code();
    assert_eq!(codes, [unknown, ResponseError::CorruptMessage.code(), 0, unknown]);
    assert_eq!(fetch(&mut client, "t", 1, 0).await, [(0, "good".into())]);
}

#[tokio::test(start_paused = true)]
async fn many_bad_partitions_stop_no_other_either() {
    let harness = harness(TopicConfig::with_partitions(20));
    let mut client = harness.client();
    let batches: Vec<(i32, Bytes)> = (0..20)
        .map(|partition| {
            // Sequence numbers of a producer that nobody knows may begin anywhere, but not go back.
            let sequenced =
                |sequence| fill(Builder::new(Compression::None).producer(5, 0, sequence), &["a"]);
            (partition, if partition % 2 == 0 { sequenced(0) } else { batch(&["a"]) })
        })
        .collect();
    client.ask(9, produce_request("t", -1, &batches)).await;
    let gap = |partition: i32| match partition % 2 {
        0 => fill(Builder::new(Compression::None).producer(5, 0, 9), &["b"]),
        _ => batch(&["b"]),
    };
    let batches: Vec<(i32, Bytes)> = (0..20).map(|partition| (partition, gap(partition))).collect();
    let response = client.ask(9, produce_request("t", -1, &batches)).await;
    for partition in &response.responses[0].partition_responses {
        let expected = match partition.index % 2 {
            0 => ResponseError::OutOfOrderSequenceNumber.code(),
            _ => 0,
        };
        assert_eq!(partition.error_code, expected, "partition {}", partition.index);
    }
}

#[tokio::test(start_paused = true)]
async fn a_repeated_batch_is_answered_with_its_first_offset() {
    let harness = plain();
    let mut client = harness.client();
    let sequenced =
        |sequence, value| fill(Builder::new(Compression::None).producer(5, 0, sequence), &[value]);
    for (sequence, offset) in [(0, 0), (1, 1), (0, 0), (1, 1), (2, 2)] {
        let response = produce(&mut client, "t", 0, sequenced(sequence, "v")).await;
        assert_eq!((response.error_code, response.base_offset), (0, offset));
    }
    assert_eq!(fetch(&mut client, "t", 0, 0).await.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn unsound_batches_are_refused_as_kafka_does() {
    let harness = plain();
    let mut client = harness.client();
    let edited = |edit: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = batch(&["a", "b"]).to_vec();
        edit(&mut bytes);
        let last_offset = i64::from(bytes[7]) + i64::from(bytes[26]);
        // Also renews the checksum.
        records::widen(&mut bytes, last_offset);
        Bytes::from(bytes)
    };
    let twice = [batch(&["a"]), batch(&["b"])].concat();
    let cases: [(&str, Bytes, ResponseError); 9] = [
        ("nothing", Bytes::new(), ResponseError::InvalidRecord),
        ("an old format", edited(&|b| b[16] = 1), ResponseError::InvalidRecord),
        ("two batches", twice.into(), ResponseError::InvalidRecord),
        ("a base offset", edited(&|b| b[7] = 1), ResponseError::InvalidRecord),
        ("a wrong count", edited(&|b| b[60] = 1), ResponseError::InvalidRecord),
        ("no records", Builder::new(Compression::None).build(), ResponseError::InvalidRecord),
        ("a broken record", edited(&|b| b[61] = 0x7f), ResponseError::InvalidRecord),
        (
            "a control batch",
            fill(Builder::new(Compression::None).control(), &["a"]),
            ResponseError::InvalidRecord,
        ),
        (
            "append time",
            fill(Builder::new(Compression::None).append_time(), &["a"]),
            ResponseError::InvalidTimestamp,
        ),
    ];
    for (name, bytes, expected) in cases {
        let response = produce(&mut client, "t", 0, bytes).await;
        assert_eq!(response.error_code, expected.code(), "{name}: {:?}", response.error_message);
        assert_eq!(response.base_offset, -1);
    }
    let zstd = packed(Compression::Zstd, &["a"]);
    let response = client.ask(6, produce_request("t", -1, &[(0, zstd.clone())])).await;
    let code = response.responses[0].partition_responses[0].error_code;
    assert_eq!(code, ResponseError::UnsupportedCompressionType.code());
    assert_eq!(
        produce(&mut client, "t", 0, zstd).await.base_offset,
        0,
        "nothing else was appended"
    );
}

#[tokio::test(start_paused = true)]
async fn compacted_topics_want_keys() {
    let harness = harness(TopicConfig::with_partitions(1).compacted());
    let mut client = harness.client();
    let mut builder = Builder::new(Compression::Lz4);
    builder.append(START_MS, Some(b"k"), Some(b"v"), &[]);
    builder.append(START_MS, None, Some(b"v"), &[]);
    let response = produce(&mut client, "t", 0, builder.build()).await;
    assert_eq!(response.error_code, ResponseError::InvalidRecord.code());
    assert_eq!(response.record_errors.len(), 1);
    assert_eq!(response.record_errors[0].batch_index, 1);
}

#[tokio::test(start_paused = true)]
async fn timestamps_are_held_against_the_clock() {
    let config = TopicConfig {
        message_timestamp_before_max_ms: Some(1000),
        message_timestamp_after_max_ms: Some(1000),
        ..TopicConfig::with_partitions(1)
    };
    let harness = harness(config);
    let mut client = harness.client();
    for (timestamp_ms, is_refused) in
        [(START_MS - 5000, true), (START_MS, false), (START_MS + 60_000, true)]
    {
        let mut builder = Builder::new(Compression::None);
        builder.append(timestamp_ms, None, Some(b"v"), &[]);
        let response = produce(&mut client, "t", 0, builder.build()).await;
        let expected = if is_refused { ResponseError::InvalidTimestamp.code() } else { 0 };
        assert_eq!(response.error_code, expected, "{timestamp_ms}");
        assert_eq!(response.record_errors.len(), usize::from(is_refused));
    }
}

#[tokio::test(start_paused = true)]
async fn topics_may_stamp_the_time_of_append() {
    let config = TopicConfig {
        message_timestamp_type: TimestampType::LogAppendTime,
        ..TopicConfig::with_partitions(1)
    };
    let harness = harness(config);
    let mut client = harness.client();
    let mut builder = Builder::new(Compression::None);
    builder.append(1, None, Some(b"v"), &[]);
    let response = produce(&mut client, "t", 0, builder.build()).await;
    assert!(response.log_append_time_ms >= START_MS);
}

#[tokio::test(start_paused = true)]
async fn topics_may_want_a_compression() {
    for (wanted, sent, stored) in [
        ("producer", Compression::Gzip, Compression::Gzip),
        ("zstd", Compression::Gzip, Compression::Zstd),
        ("uncompressed", Compression::Snappy, Compression::None),
        ("lz4", Compression::None, Compression::Lz4),
    ] {
        let compression = Compression::of_topic(wanted);
        let harness = harness(TopicConfig { compression, ..TopicConfig::with_partitions(1) });
        let mut client = harness.client();
        let sent = fill(Builder::new(sent).producer(9, 1, 4), &["a", "b"]);
        assert_eq!(produce(&mut client, "t", 0, sent).await.error_code, 0);
        let request = crate::tests::batches::fetch_request("t", &[(0, 0)]);
        let response = client.ask(12, request).await;
        let bytes = response.responses[0].partitions[0].records.clone().unwrap();
        let batch = Batch::parse(&bytes).unwrap();
        assert_eq!(batch.compression(), stored, "{wanted}");
        assert_eq!((batch.producer_id(), batch.producer_epoch(), batch.base_sequence()), (9, 1, 4));
        assert_eq!(values(&bytes), [(0, "a".into()), (1, "b".into())]);
    }
}

#[tokio::test(start_paused = true)]
async fn limits_of_topics_hold() {
    let config = TopicConfig { message_bytes_max: 200, ..TopicConfig::with_partitions(1) };
    let harness = harness(config);
    let mut client = harness.client();
    let response = produce(&mut client, "t", 0, batch(&["x".repeat(200).as_str()])).await;
    assert_eq!(response.error_code, ResponseError::MessageTooLarge.code());
    let replicated = self::harness(other("min.insync.replicas", "2"));
    let mut client = replicated.client();
    let response = produce(&mut client, "t", 0, batch(&["x"])).await;
    assert_eq!(response.error_code, ResponseError::NotEnoughReplicas.code());
    let response = client.ask(9, produce_request("t", 1, &[(0, batch(&["x"]))])).await;
    assert_eq!(response.responses[0].partition_responses[0].error_code, 0);
}

#[tokio::test(start_paused = true)]
async fn requests_that_may_not_be_are_refused() {
    let harness = plain();
    let mut client = harness.client();
    for (topic, acks, expected) in [
        ("t", 2, ResponseError::InvalidRequiredAcks),
        ("nowhere", 1, ResponseError::UnknownTopicOrPartition),
        ("__consumer_offsets", 1, ResponseError::InvalidTopicException),
    ] {
        let response = client.ask(9, produce_request(topic, acks, &[(0, batch(&["a"]))])).await;
        let code = response.responses[0].partition_responses[0].error_code;
        assert_eq!(code, expected.code(), "{topic}");
    }
    let mut request = ProduceRequest::default().with_acks(-1);
    let topic = TopicProduceData::default().with_topic_id(Uuid::from_u128(77));
    let by_name = produce_request("t", -1, &[(0, batch(&["a"]))]);
    let partitions = by_name.topic_data[0].partition_data.clone();
    request.topic_data.push(topic.with_partition_data(partitions));
    let response = client.ask(13, request).await;
    let code = response.responses[0].partition_responses[0].error_code;
    assert_eq!(code, ResponseError::UnknownTopicId.code());
}

/// Opens a producer of transactions under the id `tx`.
async fn open_transactions(client: &mut Client) -> Producer {
    let request = InitProducerIdRequest::default()
        .with_transactional_id(Some(StrBytes::from_static_str("tx").into()))
        .with_transaction_timeout_ms(60_000);
    let response = client.ask(4, request).await;
    assert_eq!(response.error_code, 0);
    Producer { id: response.producer_id.0, epoch: response.producer_epoch }
}

fn transactional(producer: Producer, sequence: i32, batches: &[i32]) -> ProduceRequest {
    let batch = || {
        let builder = Builder::new(Compression::None);
        fill(builder.producer(producer.id, producer.epoch, sequence).transactional(), &["v"])
    };
    let batches: Vec<_> = batches.iter().map(|partition| (*partition, batch())).collect();
    let id = StrBytes::from_static_str("tx").into();
    produce_request("t", -1, &batches).with_transactional_id(Some(id))
}

#[tokio::test(start_paused = true)]
async fn transactional_batches_need_their_transaction() {
    let harness = plain();
    let mut client = harness.client();
    let producer = open_transactions(&mut client).await;
    let codes = |response: ProduceResponse| -> Vec<i16> {
        let topic = response.responses.into_iter().next().unwrap();
        topic.partition_responses.iter().map(|partition| partition.error_code).collect()
    };
    let nameless = transactional(producer, 0, &[0]).with_transactional_id(None);
    let unauthorized = ResponseError::TransactionalIdAuthorizationFailed.code();
    assert_eq!(codes(client.ask(9, nameless).await), [unauthorized]);
    let response = client.ask(9, transactional(producer, 0, &[0])).await;
    assert_eq!(codes(response), [ResponseError::InvalidTxnState.code()]);
    let response = client.ask(11, transactional(producer, 0, &[0])).await;
    assert_eq!(codes(response), [ResponseError::TransactionAbortable.code()]);
    let old = Producer { epoch: producer.epoch - 1, ..producer };
    let response = client.ask(12, transactional(old, 0, &[0])).await;
    assert_ne!(codes(response), [0]);
    // From version 12 on, writing to a partition takes it into the transaction.
    let response = client.ask(12, transactional(producer, 0, &[0, 1])).await;
    assert_eq!(codes(response), [0, 0]);
    let at = TopicPartition::new("t", 0);
    assert_eq!(harness.broker.log.offsets(&at).unwrap().stable.0, 0, "not decided yet");
}
