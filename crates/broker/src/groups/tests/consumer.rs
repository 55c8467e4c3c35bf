//! Members of the consumer protocol.

use std::time::Duration;

use kafka_protocol::ResponseError;
use testkit::disk::Crash;

use super::consumer_member::*;
use super::member::*;

#[tokio::test(start_paused = true)]
async fn partitions_move_to_a_second_member() {
    let harness = harness();
    let mut client = harness.client();
    let mut first = client.ask(1, consumer_join("a")).await;
    assert_eq!((first.member_epoch, first.heartbeat_interval_ms), (1, 5_000));
    assert_eq!(partitions(&first), [0, 1, 2]);
    let mut second = client.ask(1, consumer_join("b")).await;
    assert_eq!((second.member_epoch, partitions(&second).len()), (2, 0));
    for _ in 0..3 {
        beat(&mut client, &mut first).await;
        beat(&mut client, &mut second).await;
    }
    let mut all = [partitions(&first), partitions(&second)].concat();
    all.sort_unstable();
    assert_eq!((first.member_epoch, second.member_epoch), (2, 2));
    assert_eq!(all, [0, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_restart_fences_nobody() {
    let mut harness = harness();
    let mut client = harness.client();
    let mut member = client.ask(1, consumer_join("a")).await;
    let request = commit_request(7).with_generation_id_or_member_epoch(member.member_epoch);
    assert_eq!(commit(&mut client, request.with_member_id(text("a"))).await, 0);
    harness.crash(Crash::LoseUnsynced);
    let mut client = harness.client();
    beat(&mut client, &mut member).await;
    assert_eq!(partitions(&member), [0, 1, 2]);
    let request = commit_request(8).with_generation_id_or_member_epoch(member.member_epoch);
    assert_eq!(commit(&mut client, request.with_member_id(text("a"))).await, 0);
}

#[tokio::test(start_paused = true)]
async fn stale_epochs_do_not_commit() {
    let harness = harness();
    let mut client = harness.client();
    client.ask(1, consumer_join("a")).await;
    let request = commit_request(7).with_generation_id_or_member_epoch(0);
    let stale = commit(&mut client, request.with_member_id(text("a"))).await;
    assert_eq!(stale, ResponseError::StaleMemberEpoch.code());
    let request = commit_request(7).with_generation_id_or_member_epoch(1);
    let old = client.ask(8, request.with_member_id(text("a"))).await;
    assert_eq!(old.topics[0].partitions[0].error_code, ResponseError::UnsupportedVersion.code());
}

#[tokio::test(start_paused = true)]
async fn sessions_end_without_a_request() {
    let harness = harness();
    let mut client = harness.client();
    let member = client.ask(1, consumer_join("a")).await;
    tokio::time::sleep(Duration::from_secs(46)).await;
    let late = client.ask(1, consumer_beat(&member)).await;
    assert_eq!(late.error_code, ResponseError::UnknownMemberId.code());
}

#[tokio::test(start_paused = true)]
async fn a_group_that_nobody_uses_may_change_its_protocol() {
    let harness = harness_with(&[("group.consumer.migration.policy", "disabled")]);
    let mut client = harness.client();
    let joined = only_member(&mut client).await;
    let refused = client.ask(1, consumer_join("a")).await;
    assert_eq!(refused.error_code, ResponseError::GroupIdNotFound.code());
    tokio::time::sleep(Duration::from_secs(11)).await;
    let member = client.ask(1, consumer_join("a")).await;
    assert_eq!(member.error_code, 0);
    let beat = client.ask(4, heartbeat_request(&joined)).await;
    assert_eq!(beat.error_code, ResponseError::UnknownMemberId.code());
    let leave = consumer_beat(&member).with_member_epoch(-1);
    assert_eq!(client.ask(1, leave).await.member_epoch, -1);
    only_member(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn requests_are_checked() {
    let harness = harness();
    let mut client = harness.client();
    let invalid = [
        consumer_join(""),
        consumer_join("a").with_group_id(Default::default()),
        consumer_join("a").with_instance_id(Some(text(""))),
        consumer_join("a").with_rebalance_timeout_ms(-1),
        consumer_join("a").with_topic_partitions(None),
        consumer_join("a").with_subscribed_topic_names(None),
        consumer_join("a").with_member_epoch(-2),
        consumer_join("a").with_member_epoch(-3),
    ];
    for request in invalid {
        let answer = client.ask(1, request).await;
        assert_eq!(answer.error_code, ResponseError::InvalidRequest.code());
        assert!(answer.error_message.is_some());
    }
    let assignor = consumer_join("a").with_server_assignor(Some(text("mine")));
    let answer = client.ask(1, assignor).await;
    assert_eq!(answer.error_code, ResponseError::UnsupportedAssignor.code());
    let pattern = consumer_join("a").with_subscribed_topic_regex(Some(text("(")));
    let answer = client.ask(1, pattern).await;
    assert_eq!(answer.error_code, ResponseError::InvalidRegularExpression.code());
    // Members of the first version are given their ids.
    let named = client.ask(0, consumer_join("")).await;
    assert!(named.member_id.is_some_and(|id| !id.is_empty()));
}
