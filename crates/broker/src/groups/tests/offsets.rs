//! Committed offsets.

use std::sync::Arc;
use std::time::Duration;

use commitlog::{Commit, Log as _, Marker, Outcome, Position, Producer, TopicConfig};
use kafka_protocol::ResponseError;
use kafka_protocol::messages::offset_fetch_request::OffsetFetchRequestGroup;
use kafka_protocol::messages::{OffsetFetchRequest, TopicName};
use testkit::disk::Crash;
use types::{Offset, TopicPartition};

use super::member::*;
use crate::tests::harness::{Client, Harness};

#[tokio::test(start_paused = true)]
async fn a_committed_offset_survives() {
    let mut harness = harness();
    let mut client = harness.client();
    assert_eq!(fetch(&mut client).await, (-1, String::new()));
    assert_eq!(commit(&mut client, commit_request(42)).await, 0);
    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    assert_eq!(fetch(&mut client).await, (42, "note".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_offset_that_was_seen_survives() {
    let mut harness = harness();
    let mut client = harness.client();
    let at = TopicPartition::new(TOPIC, 0);
    let positions = vec![Position::new(GROUP, at, Offset(5))];
    harness.broker.log.commit(Commit { positions, ..Commit::default() }).unwrap();
    // It is not on stable storage yet, so the answer waits.
    assert_eq!(fetch(&mut client).await.0, 5);
    harness.crash(Crash::LoseUnsynced);
    assert_eq!(fetch(&mut harness.client()).await.0, 5);
}

#[tokio::test(start_paused = true)]
async fn partitions_fail_for_themselves() {
    let harness = harness();
    let mut client = harness.client();
    let mut request = commit_request(1);
    let known = request.topics[0].partitions[0].clone();
    let too_long = known.clone().with_partition_index(1);
    let too_long = too_long.with_committed_metadata(Some(text(&"x".repeat(4097))));
    request.topics[0].partitions =
        vec![known.clone(), too_long, known.clone().with_partition_index(3)];
    let unknown = request.topics[0].clone().with_name(TopicName(text("unknown")));
    request.topics.push(unknown.with_partitions(vec![known]));
    let response = client.ask(9, request).await;
    let codes: Vec<i16> =
        response.topics.iter().flat_map(|it| &it.partitions).map(|it| it.error_code).collect();
    let unknown = ResponseError::UnknownTopicOrPartition.code();
    let too_large = ResponseError::OffsetMetadataTooLarge.code();
    assert_eq!(codes, [0, too_large, unknown, unknown]);
    assert_eq!(fetch(&mut client).await.0, 1);
}

#[tokio::test(start_paused = true)]
async fn only_members_commit_for_a_group_that_has_some() {
    let harness = harness();
    let mut client = harness.client();
    let of = |generation, member: &str| {
        commit_request(1)
            .with_generation_id_or_member_epoch(generation)
            .with_member_id(text(member))
    };
    let unknown = commit(&mut client, of(1, "m")).await;
    assert_eq!(unknown, ResponseError::GroupIdNotFound.code());
    let old = client.ask(8, of(1, "m")).await.topics[0].partitions[0].error_code;
    assert_eq!(old, ResponseError::IllegalGeneration.code());
    let joined = only_member(&mut client).await;
    let id = joined.member_id.as_str();
    assert_eq!(commit(&mut client, of(1, id)).await, 0);
    assert_eq!(commit(&mut client, of(2, id)).await, ResponseError::IllegalGeneration.code());
    assert_eq!(commit(&mut client, of(1, "m")).await, ResponseError::UnknownMemberId.code());
    assert_eq!(commit(&mut client, of(-1, "")).await, ResponseError::UnknownMemberId.code());
}

async fn fetch_all(client: &mut Client, require_stable: bool) -> Vec<(i32, i64, i16)> {
    let group = OffsetFetchRequestGroup::default().with_group_id(group_id()).with_member_epoch(-1);
    let group = group.with_topics(None);
    let request = OffsetFetchRequest::default().with_groups(vec![group]);
    let response = client.ask(9, request.with_require_stable(require_stable)).await;
    let partitions = response.groups[0].topics.iter().flat_map(|topic| &topic.partitions);
    partitions.map(|it| (it.partition_index, it.committed_offset, it.error_code)).collect()
}

#[tokio::test(start_paused = true)]
async fn offsets_of_an_open_transaction_are_not_stable() {
    let harness = harness();
    let mut client = harness.client();
    commit(&mut client, commit_request(1)).await;
    let log = &harness.broker.log;
    let producer = Producer { id: log.allocate_producer_id().unwrap(), epoch: 0 };
    let positions = vec![
        Position::new(GROUP, TopicPartition::new(TOPIC, 0), Offset(9)),
        Position::new(GROUP, TopicPartition::new(TOPIC, 1), Offset(9)),
    ];
    let transaction = Some(producer);
    log.commit(Commit { positions, transaction, ..Commit::default() }).unwrap();
    let unstable = ResponseError::UnstableOffsetCommit.code();
    let seen = fetch_all(&mut client, true).await;
    assert_eq!(seen, [(0, -1, unstable), (1, -1, unstable)]);
    assert_eq!(fetch_all(&mut client, false).await, [(0, 1, 0)]);
    let partition = log.offsets_partition(GROUP);
    let outcome = Outcome::Commit;
    let marker = Marker { partition, producer, outcome, coordinator_epoch: 0 };
    log.commit(Commit { markers: vec![marker], ..Commit::default() }).unwrap();
    assert_eq!(fetch_all(&mut client, true).await, [(0, 9, 0), (1, 9, 0)]);
}

fn expiring() -> Harness {
    harness_with(&[
        ("offsets.retention.minutes", "1"),
        ("offsets.retention.check.interval.ms", "1000"),
    ])
}

#[tokio::test(start_paused = true)]
async fn offsets_of_a_group_without_members_expire() {
    let harness = expiring();
    let mut client = harness.client();
    commit(&mut client, commit_request(1)).await;
    // A query's positions are nobody's to forget.
    let at = TopicPartition::new(TOPIC, 0);
    let positions = vec![Position::new("query", at.clone(), Offset(3))];
    harness.broker.log.commit(Commit { positions, ..Commit::default() }).unwrap();
    tokio::time::sleep(Duration::from_secs(58)).await;
    assert_eq!(fetch(&mut client).await.0, 1);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(fetch(&mut client).await.0, -1);
    assert_eq!(harness.broker.log.position("query", &at), Some(Offset(3)));
    assert!(!harness.broker.groups.names().contains(&Arc::from(GROUP)), "the group is gone");
}

#[tokio::test(start_paused = true)]
async fn offsets_of_a_group_with_members_stay() {
    let harness = expiring();
    let mut client = harness.client();
    harness.broker.log.create_topic("other", &TopicConfig::with_partitions(1)).unwrap();
    let other = TopicPartition::new("other", 0);
    let joined = only_member(&mut client).await;
    let mut request = commit_request(1)
        .with_generation_id_or_member_epoch(joined.generation_id)
        .with_member_id(joined.member_id.clone());
    let unsubscribed = request.topics[0].clone().with_name(TopicName(text("other")));
    request.topics.push(unsubscribed);
    assert_eq!(commit(&mut client, request).await, 0);
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(client.ask(4, heartbeat_request(&joined)).await.error_code, 0);
    }
    assert_eq!(fetch(&mut client).await.0, 1);
    assert_eq!(harness.broker.log.position(GROUP, &other), None, "nobody subscribes to it");
}

#[tokio::test(start_paused = true)]
async fn offsets_of_a_deleted_topic_are_gone() {
    let harness = harness();
    let mut client = harness.client();
    commit(&mut client, commit_request(1)).await;
    harness.broker.log.delete_topic(TOPIC).unwrap();
    harness.broker.log.create_topic(TOPIC, &TopicConfig::with_partitions(3)).unwrap();
    assert_eq!(fetch(&mut client).await.0, -1);
}
