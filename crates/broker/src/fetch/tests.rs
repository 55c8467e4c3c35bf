//! What fetches and questions for offsets are answered, as a consumer sees it.

use std::time::Duration;

use bytes::Bytes;
use commitlog::{Commit, Log as _, Marker, Outcome, Producer, TopicConfig};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::fetch_request::ForgottenTopic;
use kafka_protocol::messages::fetch_response::PartitionData;
use kafka_protocol::messages::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use kafka_protocol::messages::offset_for_leader_epoch_request::{
    OffsetForLeaderPartition, OffsetForLeaderTopic,
};
use kafka_protocol::messages::{
    BrokerId, FetchRequest, FetchResponse, ListOffsetsRequest, OffsetForLeaderEpochRequest,
};
use records::{Builder, Compression};
use tokio::time::Instant;
use types::TopicPartition;
use uuid::Uuid;

use crate::tests::batches::{batch, fetch, fetch_request, fill, produce, topic_name, values};
use crate::tests::harness::{Client, Harness};

/// A producer of transactions.
const PRODUCER: Producer = Producer { id: 5, epoch: 0 };

fn harness() -> Harness {
    let harness = Harness::new();
    harness.broker.log.create_topic("t", &TopicConfig::with_partitions(4)).unwrap();
    harness
}

fn topic_id(harness: &Harness) -> Uuid {
    Uuid::from_u128(harness.broker.log.topic("t").unwrap().id)
}

fn partitions(response: &FetchResponse) -> Vec<&PartitionData> {
    response.responses.iter().flat_map(|topic| &topic.partitions).collect()
}

fn found(partition: &PartitionData) -> Vec<(i64, String)> {
    values(partition.records.as_ref().unwrap_or(&Bytes::new()))
}

/// A fetch of `topic` that waits for at least one byte.
fn patient(partitions: &[(i32, i64)], wait_ms: i32) -> FetchRequest {
    fetch_request("t", partitions).with_min_bytes(1).with_max_wait_ms(wait_ms)
}

#[tokio::test(start_paused = true)]
async fn every_version_reads_what_was_written() {
    let harness = harness();
    let mut client = harness.client();
    produce(&mut client, "t", 1, batch(&["a", "b"])).await;
    produce(&mut client, "t", 1, batch(&["x".repeat(9000).as_str()])).await;
    for version in 4..=18 {
        let mut request = fetch_request("t", &[(0, 0), (1, 0)]);
        if version >= 13 {
            request.topics[0].topic = topic_name("");
            request.topics[0].topic_id = topic_id(&harness);
        }
        let response = client.ask(version, request).await;
        assert_eq!(response.responses.len(), 1, "version {version}");
        let partitions = partitions(&response);
        assert_eq!(found(partitions[0]), []);
        assert_eq!(found(partitions[1])[..2], [(0, "a".into()), (1, "b".into())]);
        assert_eq!(found(partitions[1]).len(), 3);
        assert_eq!(partitions[1].high_watermark, 3);
        assert_eq!(partitions[1].last_stable_offset, 3);
        assert_eq!(partitions[1].aborted_transactions, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_fetch_waits_for_records_and_no_longer() {
    let harness = harness();
    let mut reader = harness.client();
    let mut writer = harness.client();
    let started = Instant::now();
    let waiting = reader.send(12, &patient(&[(0, 0), (1, 0)], 60_000)).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    produce(&mut writer, "t", 1, batch(&["at last"])).await;
    let response = reader.receive::<FetchRequest>(12, waiting).await;
    assert_eq!(found(partitions(&response)[1]), [(0, "at last".into())]);
    assert!(started.elapsed() < Duration::from_secs(4));
    let response = reader.ask(12, patient(&[(0, 0)], 500)).await;
    assert_eq!(found(partitions(&response)[0]), []);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_waits_for_as_much_as_it_wants() {
    let harness = harness();
    let mut reader = harness.client();
    let mut writer = harness.client();
    let request = patient(&[(0, 0)], 60_000).with_min_bytes(1000);
    let waiting = reader.send(12, &request).await;
    for _ in 0..3 {
        produce(&mut writer, "t", 0, batch(&["x".repeat(200).as_str()])).await;
    }
    let response = reader.receive::<FetchRequest>(12, waiting).await;
    assert_eq!(found(partitions(&response)[0]).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn limits_hold_but_the_first_batch_always_goes_out() {
    let harness = harness();
    let mut client = harness.client();
    let large = "x".repeat(5000);
    for partition in 0..3 {
        for _ in 0..3 {
            produce(&mut client, "t", partition, batch(&[&large])).await;
        }
    }
    let counts = async |client: &mut Client, bytes_max: i32, partition_bytes_max: i32| {
        let mut request = fetch_request("t", &[(0, 0), (1, 0), (2, 0)]).with_max_bytes(bytes_max);
        for partition in &mut request.topics[0].partitions {
            partition.partition_max_bytes = partition_bytes_max;
        }
        let response = client.ask(12, request).await;
        partitions(&response).iter().map(|p| found(p).len()).collect::<Vec<_>>()
    };
    assert_eq!(counts(&mut client, 1, 1).await, [1, 0, 0]);
    assert_eq!(counts(&mut client, 1 << 20, 1).await, [1, 0, 0]);
    assert_eq!(counts(&mut client, 1 << 20, 12_000).await, [1, 1, 1]);
    assert_eq!(counts(&mut client, 1 << 20, 24_000).await, [2, 2, 2]);
    assert_eq!(counts(&mut client, 25_000, 24_000).await, [2, 0, 0]);
    assert_eq!(counts(&mut client, 1 << 20, 1 << 20).await, [3, 3, 3]);
}

#[tokio::test(start_paused = true)]
async fn each_partition_has_its_own_error() {
    let harness = harness();
    let mut client = harness.client();
    produce(&mut client, "t", 0, batch(&["a"])).await;
    let mut request = patient(&[(0, 5), (9, 0), (1, 0), (2, 0)], 60_000);
    request.topics[0].partitions[3].current_leader_epoch = 3;
    request.topics.push(fetch_request("unknown", &[(0, 0)]).topics.remove(0));
    let response = client.ask(12, request).await;
    let codes: Vec<i16> = partitions(&response).iter().map(|p| p.error_code).collect();
    let expected = [
        ResponseError::OffsetOutOfRange.code(),
        ResponseError::UnknownTopicOrPartition.code(),
        0,
        ResponseError::UnknownLeaderEpoch.code(),
        ResponseError::UnknownTopicOrPartition.code(),
    ];
    assert_eq!(codes, expected);
    let mut request = fetch_request("", &[(0, 0)]);
    request.topics[0].topic_id = Uuid::from_u128(1);
    let response = client.ask(13, request).await;
    assert_eq!(partitions(&response)[0].error_code, ResponseError::UnknownTopicId.code());
}

#[tokio::test(start_paused = true)]
async fn transactions_show_when_they_are_decided() {
    let harness = harness();
    let mut client = harness.client();
    let transactional = |sequence, value| {
        let builder = Builder::new(Compression::None)
            .producer(PRODUCER.id, PRODUCER.epoch, sequence)
            .transactional();
        fill(builder, &[value])
    };
    let append = |partition, bytes| Commit {
        appends: vec![commitlog::Append {
            partition: TopicPartition::new("t", partition),
            batch: bytes,
        }],
        ..Commit::default()
    };
    harness.broker.log.commit(append(0, transactional(0, "undecided"))).unwrap();
    produce(&mut client, "t", 0, batch(&["plain"])).await;
    let committed = |from| fetch_request("t", &[(0, from)]).with_isolation_level(1);
    let response = client.ask(12, committed(0)).await;
    let partition = partitions(&response)[0];
    assert_eq!(found(partition), []);
    assert_eq!((partition.high_watermark, partition.last_stable_offset), (2, 0));
    assert_eq!(fetch(&mut client, "t", 0, 0).await.len(), 2, "uncommitted readers see all");
    let mut waiting_client = harness.client();
    let waiting = committed(0).with_min_bytes(1).with_max_wait_ms(60_000);
    let waiting = waiting_client.send(12, &waiting).await;
    let marker = Marker {
        partition: TopicPartition::new("t", 0),
        producer: PRODUCER,
        outcome: Outcome::Abort,
        coordinator_epoch: 0,
    };
    harness.broker.log.commit(Commit { markers: vec![marker], ..Commit::default() }).unwrap();
    let response = waiting_client.receive::<FetchRequest>(12, waiting).await;
    let partition = partitions(&response)[0];
    let aborted = partition.aborted_transactions.as_ref().unwrap();
    assert_eq!((aborted[0].producer_id.0, aborted[0].first_offset), (5, 0));
    assert_eq!((partition.high_watermark, partition.last_stable_offset), (3, 3));
}

/// A fetch of `partitions` within session `id`, answered at once.
fn in_session(id: i32, epoch: i32, partitions: &[(i32, i64)]) -> FetchRequest {
    let mut request = fetch_request("t", partitions).with_session_id(id).with_session_epoch(epoch);
    request.topics.retain(|topic| !topic.partitions.is_empty());
    request
}

#[tokio::test(start_paused = true)]
async fn sessions_answer_only_what_is_new() {
    let harness = harness();
    let mut client = harness.client();
    let response = client.ask(12, in_session(0, 0, &[(0, 0), (1, 0), (2, 0)])).await;
    let id = response.session_id;
    assert_ne!(id, 0);
    assert_eq!(partitions(&response).len(), 3, "the first answer has all");
    let response = client.ask(12, in_session(id, 1, &[])).await;
    assert_eq!((response.session_id, partitions(&response).len()), (id, 0));
    produce(&mut client, "t", 1, batch(&["a"])).await;
    let response = client.ask(12, in_session(id, 2, &[])).await;
    assert_eq!(partitions(&response).len(), 1);
    assert_eq!(found(partitions(&response)[0]), [(0, "a".into())]);
    let response = client.ask(12, in_session(id, 3, &[(1, 1), (9, 0)])).await;
    let told: Vec<_> =
        partitions(&response).iter().map(|p| (p.partition_index, p.error_code)).collect();
    assert_eq!(told, [(9, ResponseError::UnknownTopicOrPartition.code())]);
    let forget = |epoch, partitions: &[i32]| {
        let topic = ForgottenTopic::default()
            .with_topic(topic_name("t"))
            .with_partitions(partitions.to_vec());
        in_session(id, epoch, &[]).with_forgotten_topics_data(vec![topic])
    };
    let response = client.ask(12, forget(4, &[9, 1])).await;
    assert_eq!(partitions(&response).len(), 0);
    produce(&mut client, "t", 1, batch(&["forgotten"])).await;
    let response = client.ask(12, in_session(id, 5, &[])).await;
    assert_eq!(partitions(&response).len(), 0);
    let response = client.ask(12, forget(6, &[0, 2])).await;
    assert_eq!(response.session_id, 0, "a session without partitions has ended");
    let response = client.ask(12, in_session(id, 7, &[])).await;
    assert_eq!(response.error_code, ResponseError::FetchSessionIdNotFound.code());
}

#[tokio::test(start_paused = true)]
async fn sessions_rotate_and_refuse_wrong_epochs() {
    let harness = harness();
    let mut client = harness.client();
    for partition in 0..3 {
        produce(&mut client, "t", partition, batch(&["x".repeat(5000).as_str()])).await;
    }
    let first = in_session(0, 0, &[(0, 0), (1, 0), (2, 0)]).with_max_bytes(1);
    let response = client.ask(12, first).await;
    let id = response.session_id;
    let mut seen = Vec::new();
    for epoch in 1..=3 {
        let response = client.ask(12, in_session(id, epoch, &[]).with_max_bytes(1)).await;
        let with_records = partitions(&response).into_iter().find(|p| !found(p).is_empty());
        seen.push(with_records.unwrap().partition_index);
    }
    assert_eq!(seen, [1, 2, 0], "whoever had records goes behind the others");
    let response = client.ask(12, in_session(id, 3, &[])).await;
    assert_eq!(response.error_code, ResponseError::InvalidFetchSessionEpoch.code());
    let response = client.ask(13, in_session(id, 4, &[])).await;
    assert_eq!(response.error_code, ResponseError::FetchSessionTopicIdError.code());
    // A full fetch closes the session it names.
    client.ask(12, in_session(id, -1, &[(0, 0)])).await;
    let response = client.ask(12, in_session(id, 4, &[])).await;
    assert_eq!(response.error_code, ResponseError::FetchSessionIdNotFound.code());
}

async fn offset_of(
    client: &mut Client,
    version: i16,
    partition: i32,
    timestamp: i64,
    isolation: i8,
) -> (i16, i64, i64) {
    let partition = ListOffsetsPartition::default()
        .with_partition_index(partition)
        .with_current_leader_epoch(if version >= 4 { 0 } else { -1 })
        .with_timestamp(timestamp);
    let topic =
        ListOffsetsTopic::default().with_name(topic_name("t")).with_partitions(vec![partition]);
    let request = ListOffsetsRequest::default()
        .with_replica_id(BrokerId(-1))
        .with_isolation_level(if version >= 2 { isolation } else { 0 })
        .with_topics(vec![topic]);
    let response = client.ask(version, request).await;
    let found = &response.topics[0].partitions[0];
    (found.error_code, found.offset, found.timestamp)
}

#[tokio::test(start_paused = true)]
async fn offsets_are_found_by_place_and_time() {
    let harness = harness();
    let mut client = harness.client();
    let mut builder = Builder::new(Compression::None);
    for timestamp_ms in [100, 300, 200] {
        builder.append(timestamp_ms, None, Some(b"v"), &[]);
    }
    produce(&mut client, "t", 0, builder.build()).await;
    for version in 1..=10 {
        let client = &mut client;
        assert_eq!(offset_of(client, version, 0, -2, 0).await, (0, 0, -1));
        assert_eq!(offset_of(client, version, 0, -1, 1).await, (0, 3, -1));
        assert_eq!(offset_of(client, version, 0, 150, 0).await, (0, 1, 300));
        assert_eq!(offset_of(client, version, 0, 301, 0).await, (0, -1, -1));
        assert_eq!(offset_of(client, version, 1, 0, 0).await, (0, -1, -1));
        let unsupported = (ResponseError::UnsupportedVersion.code(), -1, -1);
        let since = |first, answer| if version >= first { answer } else { unsupported };
        assert_eq!(offset_of(client, version, 0, -3, 0).await, since(7, (0, 1, 300)));
        assert_eq!(offset_of(client, version, 0, -4, 0).await, since(8, (0, 0, -1)));
        assert_eq!(offset_of(client, version, 0, -5, 0).await, since(9, (0, -1, -1)));
        assert_eq!(offset_of(client, version, 0, -99, 0).await, unsupported);
        let unknown = (ResponseError::UnknownTopicOrPartition.code(), -1, -1);
        assert_eq!(offset_of(client, version, 9, -1, 0).await, unknown);
    }
}

#[tokio::test(start_paused = true)]
async fn a_leader_epoch_ends_where_the_log_does() {
    let harness = harness();
    let mut client = harness.client();
    produce(&mut client, "t", 0, batch(&["a", "b"])).await;
    for version in 2..=4 {
        for (epoch, expected) in [(0, (0, 2)), (1, (-1, -1)), (-1, (-1, -1))] {
            let partition = OffsetForLeaderPartition::default()
                .with_current_leader_epoch(0)
                .with_leader_epoch(epoch);
            let topic = OffsetForLeaderTopic::default()
                .with_topic(topic_name("t"))
                .with_partitions(vec![partition]);
            let request = OffsetForLeaderEpochRequest::default().with_topics(vec![topic]);
            let response = client.ask(version, request).await;
            let end = &response.topics[0].partitions[0];
            assert_eq!((end.leader_epoch, end.end_offset), expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_does_not_keep_its_fetch_waiting() {
    let harness = harness();
    let mut client = harness.client();
    client.send(12, &patient(&[(0, 0)], i32::MAX)).await;
    tokio::io::AsyncWriteExt::shutdown(&mut client.stream).await.unwrap();
    let mut rest = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut client.stream, &mut rest).await.unwrap();
    assert!(!rest.is_empty(), "a client that only stops sending still gets its answer");
    client.connection.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn old_clients_are_not_given_zstandard() {
    let harness = Harness::new();
    let compression = Some(Compression::Zstd);
    let config = TopicConfig { compression, ..TopicConfig::with_partitions(1) };
    harness.broker.log.create_topic("t", &config).unwrap();
    let mut client = harness.client();
    produce(&mut client, "t", 0, batch(&["a"])).await;
    let response = client.ask(9, fetch_request("t", &[(0, 0)])).await;
    let code = partitions(&response)[0].error_code;
    assert_eq!(code, ResponseError::UnsupportedCompressionType.code());
    let response = client.ask(10, fetch_request("t", &[(0, 0)])).await;
    assert_eq!(found(partitions(&response)[0]), [(0, "a".into())]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_in_a_session_leaves_some_partitions_to_the_next() {
    let harness = harness();
    let mut client = harness.client();
    for partition in 0..3 {
        for _ in 0..4 {
            let large = batch(&["x".repeat(450_000).as_str()]);
            assert_eq!(produce(&mut client, "t", partition, large).await.error_code, 0);
        }
    }
    let roomy = |mut request: FetchRequest| {
        for partition in &mut request.topics[0].partitions {
            partition.partition_max_bytes = 50 << 20;
        }
        request
    };
    let all = [(0, 0), (1, 0), (2, 0)];
    let counts = |response: &FetchResponse| {
        let mut counts = [0; 3];
        for partition in partitions(response) {
            counts[partition.partition_index as usize] = found(partition).len();
        }
        counts
    };
    let response = client.ask(12, roomy(fetch_request("t", &all))).await;
    assert_eq!(counts(&response), [4, 4, 4], "without a session there is no next one");
    let response = client.ask(12, roomy(in_session(0, 0, &all))).await;
    assert_eq!(counts(&response), [4, 4, 1]);
    let id = response.session_id;
    let next = roomy(in_session(id, 1, &[(0, 4), (1, 4), (2, 1)]));
    let response = client.ask(12, next).await;
    assert_eq!(counts(&response), [0, 0, 3]);
    // Who waits for more gets more.
    let request = roomy(in_session(0, 0, &all)).with_min_bytes(10_000_000);
    assert_eq!(counts(&client.ask(12, request).await), [4, 4, 3]);
}

#[tokio::test(start_paused = true)]
async fn slow_readers_leave_others_smaller_answers() {
    let harness = harness();
    let mut client = harness.client();
    for _ in 0..4 {
        produce(&mut client, "t", 0, batch(&["x".repeat(50_000).as_str()])).await;
    }
    // All memory for answers but a little is on its way to others.
    let memory = &harness.broker.fetches.memory;
    let mut held = Vec::new();
    loop {
        let reserved = memory.reserve(16 << 20);
        if reserved.bytes < 1 << 20 {
            break;
        }
        held.push(reserved);
    }
    let response = client.ask(12, fetch_request("t", &[(0, 0)])).await;
    assert_eq!(found(partitions(&response)[0]).len(), 1, "nobody starves");
    drop(held);
    let response = client.ask(12, fetch_request("t", &[(0, 0)])).await;
    assert_eq!(found(partitions(&response)[0]).len(), 4);
}
