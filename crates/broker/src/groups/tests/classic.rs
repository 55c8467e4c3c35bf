//! Members of the classic protocol.

use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::{JoinGroupRequest, LeaveGroupRequest};
use testkit::disk::Crash;

use super::member::*;

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
    let right = second.receive::<kafka_protocol::messages::SyncGroupRequest>(5, waiting).await;
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
    let started = tokio::time::Instant::now();
    client.ask(9, join_request(&told.member_id)).await;
    assert!(started.elapsed() >= Duration::from_secs(3));
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
