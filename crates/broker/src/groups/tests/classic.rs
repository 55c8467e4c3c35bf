//! Members of the classic protocol.

use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::txn_offset_commit_request::{
    TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic,
};
use kafka_protocol::messages::{
    InitProducerIdRequest, JoinGroupRequest, LeaveGroupRequest, SyncGroupRequest, TransactionalId,
    TxnOffsetCommitRequest,
};
use testkit::disk::Crash;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::member::*;
use crate::tests::harness::Client;

#[tokio::test(start_paused = true)]
async fn members_join_sync_and_leave() {
    let harness = harness();
    let (mut first, mut second) = (harness.client(), harness.client());
    let alone = only_member(&mut first).await;
    // The second one waits until the first has joined anew.
    let told = second.ask(9, join_request("")).await;
    assert_eq!(told.error_code, ResponseError::MemberIdRequired.code());
    let waiting = second.send(9, &join_request(&told.member_id)).await;
    let beat = heartbeat_request(&alone);
    loop {
        let beat = first.ask(4, beat.clone()).await;
        if beat.error_code == ResponseError::RebalanceInProgress.code() {
            break;
        }
    }
    let leader = first.ask(9, join_request(&alone.member_id)).await;
    let follower = second.receive::<JoinGroupRequest>(9, waiting).await;
    assert_eq!((leader.generation_id, follower.generation_id), (2, 2));
    assert_eq!((leader.members.len(), follower.members.len()), (2, 0));
    assert_eq!(leader.leader, follower.leader);
    // So does the follower's sync for the leader's.
    let waiting = second.send(5, &sync_request(&follower, &[])).await;
    let given = [(leader.member_id.as_str(), "left"), (follower.member_id.as_str(), "right")];
    let left = first.ask(5, sync_request(&leader, &given)).await;
    let right = second.receive::<SyncGroupRequest>(5, waiting).await;
    assert_eq!((&left.assignment[..], &right.assignment[..]), (&b"left"[..], &b"right"[..]));
    let leaving = MemberIdentity::default().with_member_id(follower.member_id.clone());
    let request = LeaveGroupRequest::default().with_group_id(group_id());
    let left = second.ask(5, request.with_members(vec![leaving])).await;
    assert_eq!((left.error_code, left.members[0].error_code), (0, 0));
    let beat = first.ask(4, heartbeat_request(&leader)).await;
    assert_eq!(beat.error_code, ResponseError::RebalanceInProgress.code());
}

#[tokio::test(start_paused = true)]
async fn the_first_join_waits_for_others() {
    let harness = harness_with(&[("group.initial.rebalance.delay.ms", "3000")]);
    let mut client = harness.client();
    let told = client.ask(9, join_request("")).await;
    let started = Instant::now();
    client.ask(9, join_request(&told.member_id)).await;
    assert!(started.elapsed() >= Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn a_join_waits_no_longer_than_its_connection() {
    let harness = harness();
    let (stop, stopped) = oneshot::channel::<()>();
    let mut leaves = harness.client();
    let mut is_stopped = harness.client_until(async { drop(stopped.await) });
    let alone = only_member(&mut harness.client()).await;
    let started = Instant::now();
    for client in [&mut leaves, &mut is_stopped] {
        let told = client.ask(9, join_request("")).await;
        client.send(9, &join_request(&told.member_id)).await;
    }
    // Time goes on when both wait for the first member, which never joins anew.
    tokio::time::sleep(Duration::from_millis(1)).await;
    let beat = harness.client().ask(4, heartbeat_request(&alone)).await;
    assert_eq!(beat.error_code, ResponseError::RebalanceInProgress.code());
    leaves.stream.shutdown().await.unwrap();
    stop.send(()).unwrap();
    for mut client in [leaves, is_stopped] {
        let given_up = client.receive::<JoinGroupRequest>(9, 2).await;
        assert_eq!(given_up.error_code, ResponseError::CoordinatorNotAvailable.code());
        client.connection.await.unwrap();
    }
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_sync_waits_no_longer_than_its_connection() {
    let harness = harness();
    let mut client = harness.client();
    let alone = only_member(&mut client).await;
    let mut other = harness.client();
    let told = other.ask(9, join_request("")).await;
    let waiting = other.send(9, &join_request(&told.member_id)).await;
    client.ask(9, join_request(&alone.member_id)).await;
    let follower = other.receive::<JoinGroupRequest>(9, waiting).await;
    let started = Instant::now();
    let waiting = other.send(5, &sync_request(&follower, &[])).await;
    other.stream.shutdown().await.unwrap();
    let given_up = other.receive::<SyncGroupRequest>(5, waiting).await;
    assert_eq!(given_up.error_code, ResponseError::CoordinatorNotAvailable.code());
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_static_member_that_came_back_is_known_after_a_loss_of_power() {
    let mut harness = harness();
    let mut client = harness.client();
    let request = join_request("").with_group_instance_id(Some(text("i")));
    let first = client.ask(9, request.clone()).await;
    let given = [(first.member_id.as_str(), "all")];
    let sync = sync_request(&first, &given).with_group_instance_id(Some(text("i")));
    assert_eq!(client.ask(5, sync).await.error_code, 0);
    harness.slow_syncs(5_000);
    let back = harness.client().ask(9, request).await;
    assert_eq!((back.error_code, back.generation_id), (0, first.generation_id));
    assert_ne!(back.member_id, first.member_id);
    harness.crash(Crash::LoseUnsynced);
    let beat = heartbeat_request(&back).with_group_instance_id(Some(text("i")));
    assert_eq!(harness.client().ask(4, beat).await.error_code, 0);
}

#[tokio::test(start_paused = true)]
async fn sessions_end_without_a_request() {
    let harness = harness();
    let mut client = harness.client();
    let joined = only_member(&mut client).await;
    tokio::time::sleep(Duration::from_secs(9)).await;
    assert_eq!(client.ask(4, heartbeat_request(&joined)).await.error_code, 0);
    tokio::time::sleep(Duration::from_secs(11)).await;
    let late = client.ask(4, heartbeat_request(&joined)).await;
    assert_eq!(late.error_code, ResponseError::UnknownMemberId.code());
}

#[tokio::test(start_paused = true)]
async fn a_restart_needs_no_rebalance() {
    let mut harness = harness();
    let mut client = harness.client();
    let joined = only_member(&mut client).await;
    // What is acknowledged after the generation covers the generation as well.
    let request = commit_request(7)
        .with_generation_id_or_member_epoch(joined.generation_id)
        .with_member_id(joined.member_id.clone());
    assert_eq!(commit(&mut client, request).await, 0);
    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    assert_eq!(client.ask(4, heartbeat_request(&joined)).await.error_code, 0);
    let synced = client.ask(5, sync_request(&joined, &[])).await;
    assert_eq!(&synced.assignment[..], b"all");
    assert_eq!(fetch(&mut client).await, (7, "note".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn sessions_have_bounds() {
    let harness = harness();
    let mut client = harness.client();
    for session_ms in [0, 5_999, 1_800_001] {
        let request = join_request("").with_session_timeout_ms(session_ms);
        let joined = client.ask(9, request).await;
        assert_eq!(joined.error_code, ResponseError::InvalidSessionTimeout.code());
    }
    let nameless = join_request("").with_group_id(Default::default());
    let joined = client.ask(9, nameless).await;
    assert_eq!(joined.error_code, ResponseError::InvalidGroupId.code());
    let unknown = client.ask(9, join_request("nobody")).await;
    assert_eq!(unknown.error_code, ResponseError::UnknownMemberId.code());
}

/// Moves an offset of the group in a transaction that stays open.
async fn leave_undecided(client: &mut Client) {
    let id = TransactionalId(text("app"));
    let request = InitProducerIdRequest::default()
        .with_transactional_id(Some(id.clone()))
        .with_transaction_timeout_ms(60_000);
    let producer = client.ask(5, request).await;
    let partition = TxnOffsetCommitRequestPartition::default().with_committed_offset(7);
    let topic = TxnOffsetCommitRequestTopic::default()
        .with_name(topic_name())
        .with_partitions(vec![partition]);
    let request = TxnOffsetCommitRequest::default()
        .with_transactional_id(id)
        .with_group_id(group_id())
        .with_producer_id(producer.producer_id)
        .with_producer_epoch(producer.producer_epoch)
        .with_generation_id(-1)
        .with_topics(vec![topic]);
    let moved = client.ask(5, request).await;
    assert_eq!(moved.topics[0].partitions[0].error_code, 0);
}

#[tokio::test(start_paused = true)]
async fn a_restart_knows_generations_behind_an_open_transaction() {
    let mut harness = harness();
    let mut client = harness.client();
    leave_undecided(&mut client).await;
    let joined = only_member(&mut client).await;
    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    assert_eq!(client.ask(4, heartbeat_request(&joined)).await.error_code, 0);
}
