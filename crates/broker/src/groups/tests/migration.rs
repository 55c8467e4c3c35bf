//! Groups change their protocol while they have members.

use kafka_protocol::ResponseError;
use kafka_protocol::messages::leave_group_request::MemberIdentity;
use kafka_protocol::messages::{
    ConsumerGroupDescribeRequest, ConsumerGroupHeartbeatResponse, GroupId, JoinGroupRequest,
    JoinGroupResponse, LeaveGroupRequest, ListGroupsRequest,
};
use testkit::disk::Crash;

use super::consumer_member::*;
use super::member::*;
use crate::tests::harness::{Client, Harness};

const REBALANCE: i16 = ResponseError::RebalanceInProgress.code();

/// A classic group whose only member has everything, in generation 1.
async fn classic_group(client: &mut Client) -> JoinGroupResponse {
    only_member_with(client, &join_request(""), given(&[0, 1, 2])).await
}

async fn group_type(client: &mut Client) -> String {
    client.ask(5, ListGroupsRequest::default()).await.groups[0].group_type.to_string()
}

async fn heartbeat(client: &mut Client, joined: &JoinGroupResponse) -> i16 {
    client.ask(4, heartbeat_request(joined)).await.error_code
}

/// A member that is told to joins anew, and gets its share.
async fn rejoin(client: &mut Client, joined: &mut JoinGroupResponse) -> Vec<i32> {
    assert_eq!(heartbeat(client, joined).await, REBALANCE);
    *joined = client.ask(9, join_request(&joined.member_id)).await;
    assert_eq!((joined.error_code, &*joined.leader), (0, ""));
    let synced = client.ask(5, sync_request(joined, &[])).await;
    assert_eq!(synced.error_code, 0);
    read_assignment(&synced.assignment)
}

async fn commit_in(client: &mut Client, member: &JoinGroupResponse, generation: i32) -> i16 {
    let request = commit_request(7).with_generation_id_or_member_epoch(generation);
    // Clients of the classic protocol know no epochs.
    let request = request.with_member_id(member.member_id.clone());
    client.ask(8, request).await.topics[0].partitions[0].error_code
}

/// A classic member and one of the consumer protocol, who share three partitions in epoch 2.
async fn mixed_group(client: &mut Client) -> (JoinGroupResponse, ConsumerGroupHeartbeatResponse) {
    let mut classic = classic_group(client).await;
    let mut consumer = client.ask(1, consumer_join("c")).await;
    assert_eq!((consumer.error_code, consumer.member_epoch), (0, 2));
    assert!(partitions(&consumer).is_empty(), "the classic member still has everything");
    let kept = rejoin(client, &mut classic).await;
    beat(client, &mut consumer).await;
    let mut all = [kept, partitions(&consumer)].concat();
    all.sort_unstable();
    assert_eq!((all, classic.generation_id), (vec![0, 1, 2], 2));
    (classic, consumer)
}

async fn leave(client: &mut Client, consumer: &ConsumerGroupHeartbeatResponse) {
    let leave = consumer_beat(consumer).with_member_epoch(-1);
    assert_eq!(client.ask(1, leave).await.member_epoch, -1);
}

#[tokio::test(start_paused = true)]
async fn a_group_goes_from_protocol_to_protocol_and_back() {
    let harness = harness();
    let mut client = harness.client();
    let (classic, consumer) = mixed_group(&mut client).await;
    assert_eq!(group_type(&mut client).await, "consumer");
    assert_eq!(heartbeat(&mut client, &classic).await, 0);
    assert_eq!(commit_in(&mut client, &classic, 2).await, 0);
    let old = commit_in(&mut client, &classic, 1).await;
    assert_eq!(old, ResponseError::IllegalGeneration.code());
    let request = ConsumerGroupDescribeRequest::default().with_group_ids(vec![group_id()]);
    let described = client.ask(1, request).await;
    let types: Vec<i8> = described.groups[0].members.iter().map(|it| it.member_type).collect();
    assert_eq!(types, [1, 0], "one speaks the consumer protocol, the other the classic one");
    leave(&mut client, &consumer).await;
    // The generation is still the member's, so that it can commit before it joins anew.
    assert_eq!(group_type(&mut client).await, "classic");
    assert_eq!(commit_in(&mut client, &classic, 2).await, 0);
    assert_eq!(heartbeat(&mut client, &classic).await, REBALANCE);
    let joined = client.ask(9, join_request(&classic.member_id)).await;
    assert_eq!((joined.generation_id, &joined.leader), (3, &classic.member_id));
    assert_eq!(joined.members.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_restart_in_the_middle_disturbs_nobody() {
    let mut harness = harness();
    let mut client = harness.client();
    let (classic, mut consumer) = mixed_group(&mut client).await;
    let (before, epoch) = (partitions(&consumer), consumer.member_epoch);
    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    assert_eq!(heartbeat(&mut client, &classic).await, 0);
    beat(&mut client, &mut consumer).await;
    assert_eq!((partitions(&consumer), consumer.member_epoch), (before, epoch));
    assert_eq!(heartbeat(&mut client, &classic).await, 0, "no rebalance was needed");
    let again = client.ask(5, sync_request(&classic, &[])).await;
    assert_eq!(read_assignment(&again.assignment).len(), 3 - partitions(&consumer).len());
    // Nobody has what the member that leaves had, and a restart does not forget that.
    leave(&mut client, &consumer).await;
    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    assert_eq!(group_type(&mut client).await, "classic");
    assert_eq!(heartbeat(&mut client, &classic).await, REBALANCE);
}

#[tokio::test(start_paused = true)]
async fn who_waits_while_the_group_is_upgraded_comes_again() {
    let harness = harness();
    let (mut first, mut second) = (harness.client(), harness.client());
    let mut alone = classic_group(&mut first).await;
    let told = second.ask(9, join_request("")).await;
    let waiting = second.send(9, &join_request(&told.member_id)).await;
    while heartbeat(&mut first, &alone).await != REBALANCE {}
    let consumer = first.ask(1, consumer_join("c")).await;
    assert_eq!(consumer.error_code, 0);
    let refused = second.receive::<JoinGroupRequest>(9, waiting).await;
    assert_eq!(refused.error_code, REBALANCE);
    // It was never told that it is a member, but knows its id.
    let joined = second.ask(9, join_request(&told.member_id)).await;
    assert_eq!((joined.error_code, joined.generation_id), (0, 3));
    assert_eq!(rejoin(&mut first, &mut alone).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_a_member_has_yet_to_let_go_of_is_given_to_nobody() {
    let harness = harness();
    let mut client = harness.client();
    let alone = classic_group(&mut client).await;
    // The cooperative way: it works on everything, and is told to keep one partition.
    let mut classic = client.ask(9, join_request_with(&alone.member_id, &[0, 1, 2])).await;
    let sync = sync_request_with(&classic, &[(classic.member_id.as_str(), given(&[0]))]);
    assert_eq!(client.ask(5, sync).await.error_code, 0);
    let mut consumer = client.ask(1, consumer_join("c")).await;
    assert_eq!(consumer.error_code, 0);
    assert!(partitions(&consumer).is_empty(), "the member has not joined anew yet");
    // It joins with none of them, and so is given its share at once.
    let kept = rejoin(&mut client, &mut classic).await;
    beat(&mut client, &mut consumer).await;
    let mut all = [kept, partitions(&consumer)].concat();
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2]);
}

/// Asks for a join of the consumer protocol where a classic group is, and the other way round.
async fn mixes(policy: &str) -> (bool, bool) {
    let harness = harness_with(&[("group.consumer.migration.policy", policy)]);
    let mut client = harness.client();
    let classic = classic_group(&mut client).await;
    let joined = client.ask(1, consumer_join("c")).await;
    let is_upgraded = match joined.error_code {
        0 => true,
        code => {
            assert_eq!(code, ResponseError::GroupIdNotFound.code());
            let leave = LeaveGroupRequest::default().with_group_id(group_id());
            client.ask(2, leave.with_member_id(classic.member_id.clone())).await;
            assert_eq!(client.ask(1, consumer_join("c")).await.error_code, 0);
            false
        }
    };
    // Members of the classic protocol are taken by every policy.
    let told = client.ask(9, join_request("")).await;
    assert_eq!(told.error_code, ResponseError::MemberIdRequired.code());
    let joined = client.ask(9, join_request(&told.member_id)).await;
    assert_eq!(joined.error_code, 0);
    let leaving = consumer_join("c").with_member_epoch(-1);
    assert_eq!(client.ask(1, leaving).await.error_code, 0);
    if is_upgraded {
        let mut known = classic;
        known.generation_id = 1;
        assert_eq!(heartbeat(&mut client, &known).await, REBALANCE);
        client.ask(9, join_request(&known.member_id)).await;
    }
    (is_upgraded, group_type(&mut client).await == "classic")
}

#[tokio::test(start_paused = true)]
async fn the_policy_says_which_ways_are_open() {
    assert_eq!(mixes("disabled").await, (false, false));
    assert_eq!(mixes("upgrade").await, (true, false));
    assert_eq!(mixes("downgrade").await, (false, true));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_no_group_of_plain_consumers_is_not_upgraded() {
    let workers = join_request("").with_protocol_type(text("connect"));
    let mut custom = join_request("");
    custom.protocols[0].name = text("mine");
    for (join, given) in [(workers, given(&[0])), (custom, given_with(&[0], b"custom"))] {
        let harness = harness();
        let mut client = harness.client();
        let joined = only_member_with(&mut client, &join, given).await;
        let refused = client.ask(1, consumer_join("c")).await;
        assert_eq!(refused.error_code, ResponseError::GroupIdNotFound.code());
        assert_eq!(heartbeat(&mut client, &joined).await, 0, "the member is not disturbed");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_put_beside_the_assignment_of_a_plain_assignor_is_no_obstacle() {
    let harness = harness();
    let mut client = harness.client();
    only_member_with(&mut client, &join_request(""), given_with(&[0], b"state")).await;
    assert_eq!(client.ask(1, consumer_join("c")).await.error_code, 0);
}

fn static_join(member_id: &str) -> JoinGroupRequest {
    join_request(member_id).with_group_instance_id(Some(text("i")))
}

async fn static_group(harness: &Harness) -> (Client, JoinGroupResponse) {
    let mut client = harness.client();
    let joined = client.ask(9, static_join("")).await;
    assert_eq!(joined.error_code, 0);
    let all = given(&[0, 1, 2]);
    let sync = sync_request_with(&joined, &[(joined.member_id.as_str(), all)]);
    let synced = client.ask(5, sync.with_group_instance_id(Some(text("i")))).await;
    assert_eq!(synced.error_code, 0);
    (client, joined)
}

#[tokio::test(start_paused = true)]
async fn a_static_member_is_rolled_without_a_rebalance() {
    let harness = harness();
    let (mut client, classic) = static_group(&harness).await;
    let rolled = consumer_join("c").with_instance_id(Some(text("i")));
    let consumer = client.ask(1, rolled).await;
    assert_eq!((consumer.member_epoch, partitions(&consumer)), (1, vec![0, 1, 2]));
    let request = heartbeat_request(&classic).with_group_instance_id(Some(text("i")));
    let fenced = client.ask(4, request).await.error_code;
    assert_eq!(fenced, ResponseError::FencedInstanceId.code());
    // And back: it goes for a while, and comes as a classic member.
    let away = consumer_beat(&consumer).with_instance_id(Some(text("i")));
    assert_eq!(client.ask(1, away.with_member_epoch(-2)).await.member_epoch, -2);
    let back = client.ask(9, static_join("")).await;
    assert_eq!((back.error_code, back.generation_id), (0, 1));
    assert_eq!(group_type(&mut client).await, "classic");
    let leader = client.ask(9, static_join(&back.member_id)).await;
    assert_eq!((leader.generation_id, leader.members.len()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn an_administrator_takes_classic_members_out() {
    let harness = harness();
    let (mut client, _) = static_group(&harness).await;
    assert_eq!(client.ask(1, consumer_join("c")).await.error_code, 0);
    let member = |id: &str| MemberIdentity::default().with_group_instance_id(Some(text(id)));
    let request = LeaveGroupRequest::default()
        .with_group_id(group_id())
        .with_members(vec![member("i"), member("nobody")]);
    let left = client.ask(5, request).await;
    let codes: Vec<i16> = left.members.iter().map(|member| member.error_code).collect();
    assert_eq!(codes, [0, ResponseError::UnknownMemberId.code()]);
    let mut consumer = client.ask(1, consumer_join("c")).await;
    beat(&mut client, &mut consumer).await;
    assert_eq!(partitions(&consumer), [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_classic_member_that_does_not_join_anew_is_given_up() {
    let harness = harness();
    let mut client = harness.client();
    let classic = classic_group(&mut client).await;
    let mut consumer = client.ask(1, consumer_join("c")).await;
    // It hears of the rebalance for a minute, and does nothing about it.
    for _ in 0..12 {
        assert_eq!(heartbeat(&mut client, &classic).await, REBALANCE);
        beat(&mut client, &mut consumer).await;
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    }
    let late = heartbeat(&mut client, &classic).await;
    assert_eq!(late, ResponseError::UnknownMemberId.code());
    beat(&mut client, &mut consumer).await;
    assert_eq!(partitions(&consumer), [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_was_given_up_may_come_again() {
    let harness = harness();
    let mut client = harness.client();
    let (classic, consumer) = mixed_group(&mut client).await;
    for _ in 0..10 {
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        heartbeat(&mut client, &classic).await;
    }
    assert_eq!(group_type(&mut client).await, "classic");
    let late = client.ask(1, consumer_beat(&consumer)).await.error_code;
    assert_eq!(late, ResponseError::UnknownMemberId.code());
    let again = client.ask(1, consumer_join("c")).await;
    assert_eq!((again.error_code, again.member_epoch), (0, 3));
    assert_eq!(group_type(&mut client).await, "consumer");
}

#[tokio::test(start_paused = true)]
async fn members_that_only_know_their_ids_are_no_obstacle() {
    let harness = harness();
    let (mut first, mut second) = (harness.client(), harness.client());
    // Workers that gather for their first generation are no consumers.
    let worker = join_request("").with_protocol_type(text("connect"));
    let worker = worker.with_group_id(GroupId(text("workers")));
    let told = first.ask(9, worker.clone()).await;
    let other = second.ask(9, worker.clone()).await;
    let waiting = first.send(9, &worker.clone().with_member_id(told.member_id)).await;
    let joined = consumer_join("c").with_group_id(GroupId(text("workers")));
    let refused = harness.client().ask(1, joined).await.error_code;
    assert_eq!(refused, ResponseError::GroupIdNotFound.code());
    let done = second.send(9, &worker.with_member_id(other.member_id)).await;
    let alone = first.receive::<JoinGroupRequest>(9, waiting).await;
    let both = second.receive::<JoinGroupRequest>(9, done).await;
    assert_eq!((alone.error_code, both.error_code), (0, 0));
    // A consumer that has been told its id and nothing else comes again with it.
    let told = first.ask(9, join_request("")).await;
    assert_eq!(first.ask(1, consumer_join("c")).await.error_code, 0);
    let joined = first.ask(9, join_request(&told.member_id)).await;
    assert_eq!((joined.error_code, joined.generation_id), (0, 2));
}
