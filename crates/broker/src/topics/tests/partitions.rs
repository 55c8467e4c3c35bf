//! Partitions are added, cut, measured and described in portions.

use bytes::Bytes;
use commitlog::{Append, Commit, Log as _};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::alter_partition_reassignments_request::{
    ReassignablePartition, ReassignableTopic,
};
use kafka_protocol::messages::alter_replica_log_dirs_request::{
    AlterReplicaLogDir, AlterReplicaLogDirTopic,
};
use kafka_protocol::messages::create_partitions_request::{
    CreatePartitionsAssignment, CreatePartitionsTopic,
};
use kafka_protocol::messages::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsTopic,
};
use kafka_protocol::messages::describe_log_dirs_request::DescribableLogDirTopic;
use kafka_protocol::messages::describe_topic_partitions_request::{Cursor, TopicRequest};
use kafka_protocol::messages::elect_leaders_request::TopicPartitions;
use kafka_protocol::messages::{
    AlterPartitionReassignmentsRequest, AlterReplicaLogDirsRequest, BrokerId,
    CreatePartitionsRequest, DeleteRecordsRequest, DescribeLogDirsRequest,
    DescribeTopicPartitionsRequest, ElectLeadersRequest, ListPartitionReassignmentsRequest,
};
use kafka_protocol::protocol::StrBytes;
use records::{Builder, Compression};
use testkit::disk::Crash;
use types::TopicPartition;

use super::{create, topic_name, wanted, with_config};
use crate::tests::harness::Harness;

/// One batch of `count` records with keys.
fn batch(count: i64) -> Bytes {
    let mut builder = Builder::new(Compression::None);
    for number in 0..count {
        builder.append(1_700_000_000_000, Some(&number.to_be_bytes()), Some(b"value"), &[]);
    }
    builder.build()
}

fn append(harness: &Harness, topic: &str, count: i64) {
    let append = Append { partition: TopicPartition::new(topic, 0), batch: batch(count) };
    let log = &harness.broker.log;
    let commit = Commit { appends: vec![append], ..Commit::default() };
    log.commit(commit).expect("a sound batch");
    log.sync().expect("a sound disk");
}

#[tokio::test(start_paused = true)]
async fn topics_grow_but_never_shrink() {
    let harness = Harness::new();
    let mut client = harness.client();
    create(&mut client, vec![wanted("orders").with_num_partitions(2), wanted("laid.out")]).await;
    let grow = |name: &str, count| {
        CreatePartitionsTopic::default()
            .with_name(topic_name(name))
            .with_count(count)
            .with_assignments(None)
    };
    let on = |broker| {
        let assignment =
            CreatePartitionsAssignment::default().with_broker_ids(vec![BrokerId(broker)]);
        Some(vec![assignment])
    };
    let invalid = ResponseError::InvalidPartitions.code();
    let cases = [
        (grow("orders", 5), 0),
        (grow("orders", 5), invalid),
        (grow("orders", 4), invalid),
        (grow("none", 4), ResponseError::UnknownTopicOrPartition.code()),
        (grow("__consumer_offsets", 9), ResponseError::InvalidRequest.code()),
        (
            grow("laid.out", 3).with_assignments(on(1)),
            ResponseError::InvalidReplicaAssignment.code(),
        ),
        (
            grow("laid.out", 2).with_assignments(on(7)),
            ResponseError::InvalidReplicaAssignment.code(),
        ),
        (grow("laid.out", 2).with_assignments(on(1)), 0),
    ];
    for (topic, expected) in cases {
        let request = CreatePartitionsRequest::default().with_topics(vec![topic]);
        let response = client.ask(3, request.clone().with_validate_only(true)).await;
        assert_eq!(response.results[0].error_code, expected, "{request:?}");
        let response = client.ask(3, request.clone()).await;
        assert_eq!(response.results[0].error_code, expected, "{request:?}");
    }
    let partitions = |name| harness.broker.log.topic(name).expect("the topic").config.partitions;
    assert_eq!((partitions("orders"), partitions("laid.out")), (5, 2));
}

#[tokio::test(start_paused = true)]
async fn records_are_deleted_up_to_an_offset() {
    let harness = Harness::new();
    let mut client = harness.client();
    let compacted = with_config(wanted("latest"), "cleanup.policy", "compact");
    create(&mut client, vec![wanted("orders"), compacted]).await;
    append(&harness, "orders", 10);
    let request = |name: &str, index, offset| {
        let partition =
            DeleteRecordsPartition::default().with_partition_index(index).with_offset(offset);
        let topic = DeleteRecordsTopic::default()
            .with_name(topic_name(name))
            .with_partitions(vec![partition]);
        DeleteRecordsRequest::default().with_topics(vec![topic])
    };
    let out_of_range = ResponseError::OffsetOutOfRange.code();
    let cases = [
        (request("orders", 0, 4), (4, 0)),
        (request("orders", 0, 2), (4, 0)),
        (request("orders", 0, 11), (-1, out_of_range)),
        (request("orders", 0, -2), (-1, out_of_range)),
        (request("orders", 0, -1), (10, 0)),
        (request("orders", 1, 0), (-1, ResponseError::UnknownTopicOrPartition.code())),
        (request("none", 0, 0), (-1, ResponseError::UnknownTopicOrPartition.code())),
        (request("latest", 0, 0), (-1, ResponseError::PolicyViolation.code())),
        (request("__consumer_offsets", 0, -1), (-1, ResponseError::InvalidTopicException.code())),
    ];
    for (request, expected) in cases {
        let response = client.ask(2, request.clone()).await;
        let result = &response.topics[0].partitions[0];
        assert_eq!((result.low_watermark, result.error_code), expected, "{request:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn records_of_many_partitions_are_deleted_by_one_sync() {
    let mut harness = Harness::new();
    let mut client = harness.client();
    let names: Vec<String> = (0..9).map(|number| format!("topic.{number}")).collect();
    create(&mut client, names.iter().map(|name| wanted(name)).collect()).await;
    names.iter().for_each(|name| append(&harness, name, 10));
    let topic = |name: &String| {
        let partition = DeleteRecordsPartition::default().with_offset(7);
        DeleteRecordsTopic::default().with_name(topic_name(name)).with_partitions(vec![partition])
    };
    let request = DeleteRecordsRequest::default().with_topics(names.iter().map(topic).collect());
    let before = harness.disk.syncs();
    let deleted = client.ask(2, request.clone()).await.topics;
    assert!(deleted.iter().all(|topic| topic.partitions[0].low_watermark == 7));
    assert_eq!((deleted.len(), harness.disk.syncs() - before), (9, 1));
    harness.disk.fail_syncs(1);
    let further = request.topics.into_iter().map(|mut topic| {
        topic.partitions[0].offset = 8;
        topic
    });
    let request = DeleteRecordsRequest::default().with_topics(further.collect());
    let failed = client.ask(2, request).await.topics;
    let storage = ResponseError::KafkaStorageError.code();
    assert!(failed.iter().all(|topic| topic.partitions[0].error_code == storage));
    harness.crash(Crash::LoseUnsynced);
    for name in &names {
        let offsets =
            harness.broker.log.offsets(&TopicPartition::new(name.as_str(), 0)).expect(name);
        assert_eq!(offsets.start.0, 7);
    }
}

#[tokio::test(start_paused = true)]
async fn directories_are_told_with_the_sizes_of_partitions() {
    let harness = Harness::new();
    let mut client = harness.client();
    create(&mut client, vec![wanted("orders")]).await;
    append(&harness, "orders", 10);
    let all = DescribeLogDirsRequest::default().with_topics(None);
    let response = client.ask(4, all).await;
    assert_eq!(response.results.len(), 1);
    assert_eq!(response.results[0].topics.len(), 2);
    harness.disk.set_capacity(Some(1 << 20));
    let response = client.ask(4, DescribeLogDirsRequest::default().with_topics(None)).await;
    let told = (response.results[0].total_bytes, response.results[0].usable_bytes);
    assert_eq!(told, (1 << 20, (1 << 20) - harness.disk.used() as i64));
    let topic = |name, partitions| {
        DescribableLogDirTopic::default().with_topic(topic_name(name)).with_partitions(partitions)
    };
    let some = vec![topic("orders", vec![0, 7]), topic("none", vec![0])];
    let request = DescribeLogDirsRequest::default().with_topics(Some(some));
    let response = client.ask(1, request).await;
    let topics = &response.results[0].topics;
    assert_eq!((topics.len(), topics[0].partitions.len()), (1, 1));
    assert_eq!(topics[0].partitions[0].partition_size, batch(10).len() as i64);
}

#[tokio::test(start_paused = true)]
async fn partitions_move_only_to_the_directory_that_they_are_in() {
    let harness = Harness::new();
    let mut client = harness.client();
    create(&mut client, vec![wanted("orders")]).await;
    let all = DescribeLogDirsRequest::default().with_topics(None);
    let here = client.ask(4, all).await.results[0].log_dir.clone();
    let partitions = AlterReplicaLogDirTopic::default()
        .with_name(topic_name("orders"))
        .with_partitions(vec![0, 7]);
    for (path, codes) in [
        (here, [0, ResponseError::UnknownTopicOrPartition.code()]),
        (StrBytes::from_static_str("/elsewhere"), [ResponseError::LogDirNotFound.code(); 2]),
    ] {
        let directory =
            AlterReplicaLogDir::default().with_path(path).with_topics(vec![partitions.clone()]);
        let request = AlterReplicaLogDirsRequest::default().with_dirs(vec![directory]);
        let response = client.ask(2, request).await;
        let results = response.results[0].partitions.iter();
        assert_eq!(results.map(|result| result.error_code).collect::<Vec<_>>(), codes);
    }
}

#[tokio::test(start_paused = true)]
async fn replicas_are_where_they_are() {
    let harness = Harness::new();
    let mut client = harness.client();
    create(&mut client, vec![wanted("orders")]).await;
    let partitions =
        TopicPartitions::default().with_topic(topic_name("orders")).with_partitions(vec![0, 1]);
    let request = ElectLeadersRequest::default().with_topic_partitions(Some(vec![partitions]));
    let response = client.ask(2, request).await;
    let results = &response.replica_election_results[0].partition_result;
    let codes: Vec<i16> = results.iter().map(|result| result.error_code).collect();
    let unknown = ResponseError::UnknownTopicOrPartition.code();
    assert_eq!(codes, [ResponseError::ElectionNotNeeded.code(), unknown]);

    let moved = |replicas: Option<Vec<i32>>| {
        let replicas = replicas.map(|ids| ids.into_iter().map(BrokerId).collect());
        let partition = ReassignablePartition::default().with_replicas(replicas);
        let topic = ReassignableTopic::default()
            .with_name(topic_name("orders"))
            .with_partitions(vec![partition]);
        AlterPartitionReassignmentsRequest::default().with_topics(vec![topic])
    };
    for (replicas, expected) in [
        (Some(vec![1]), 0),
        (Some(vec![2]), ResponseError::InvalidReplicaAssignment.code()),
        (Some(vec![1, 2]), ResponseError::InvalidReplicationFactor.code()),
        (None, ResponseError::NoReassignmentInProgress.code()),
    ] {
        let response = client.ask(0, moved(replicas.clone())).await;
        assert_eq!(response.responses[0].partitions[0].error_code, expected, "{replicas:?}");
    }
    let request = ListPartitionReassignmentsRequest::default().with_topics(None);
    assert!(client.ask(0, request).await.topics.is_empty());
}

#[tokio::test(start_paused = true)]
async fn large_topics_are_described_in_portions() {
    let harness = Harness::new();
    let mut client = harness.client();
    let topics = vec![wanted("a").with_num_partitions(3), wanted("b").with_num_partitions(3)];
    create(&mut client, topics).await;
    let topic = |name| TopicRequest::default().with_name(topic_name(name));
    let mut request = DescribeTopicPartitionsRequest::default()
        .with_topics(vec![topic("b"), topic("a"), topic("none")])
        .with_response_partition_limit(2);
    let mut seen = Vec::new();
    loop {
        let response = client.ask(0, request.clone()).await;
        for topic in &response.topics {
            let name = topic.name.as_ref().map_or("", |name| name.as_str());
            let indices = topic.partitions.iter().map(|partition| partition.partition_index);
            seen.extend(indices.map(|index| (name.to_owned(), index)));
        }
        let Some(next) = response.next_cursor else {
            let none = response.topics.last().expect("the unknown topic");
            assert_eq!(none.error_code, ResponseError::UnknownTopicOrPartition.code());
            break;
        };
        let cursor = Cursor::default()
            .with_topic_name(next.topic_name)
            .with_partition_index(next.partition_index);
        request.cursor = Some(cursor);
    }
    let expected: Vec<(String, i32)> = ["a", "b"]
        .iter()
        .flat_map(|name| (0..3).map(|index| ((*name).to_owned(), index)))
        .collect();
    assert_eq!(seen, expected);
}
