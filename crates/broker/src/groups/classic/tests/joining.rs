//! Joins, votes, and who is waited for.

use std::time::Duration;

use kafka_protocol::ResponseError;

use super::driver::*;
use crate::groups::classic::*;

#[test]
fn the_first_members_of_a_group_gather() {
    let mut driver = Driver::new();
    let first = driver.join(newcomer("a"));
    driver.pass(Duration::from_secs(2));
    let second = driver.join(newcomer("b"));
    driver.pass(Duration::from_secs(2));
    // The second one has prolonged the wait.
    assert!(driver.waits(first) && driver.waits(second));
    driver.pass(Duration::from_secs(2));
    let (first, second) = (driver.joined(first), driver.joined(second));
    assert_eq!((first.generation, second.generation), (1, 1));
    assert_eq!((first.members.len(), second.members.len()), (2, 0));
    assert_eq!(first.leader, second.leader);
}

#[test]
fn gathering_ends_with_the_rebalance_timeout() {
    let mut driver = Driver::new();
    let first = driver.join(newcomer("a"));
    for number in 0..29 {
        driver.pass(Duration::from_secs(2));
        driver.join(newcomer(&format!("b{number}")));
    }
    assert!(driver.waits(first));
    driver.pass(Duration::from_secs(3));
    assert_eq!(driver.joined(first).members.len(), 30);
}

#[test]
fn without_a_delay_the_first_join_is_answered_at_once() {
    let limits = Limits { initial_delay: Duration::ZERO, members_max: 100 };
    let mut driver = Driver::with_limits(limits);
    let ticket = driver.join(newcomer("a"));
    assert_eq!(driver.joined(ticket).generation, 1);
}

#[test]
fn newcomers_are_told_their_id_first() {
    let mut driver = Driver::new();
    let ticket = driver.join(Join { needs_known_id: true, ..newcomer("a") });
    assert_eq!(driver.join_error(ticket), ResponseError::MemberIdRequired);
    assert!(!driver.group.is_unused(), "somebody is expected");
    let ticket = driver.join(member("a"));
    driver.pass(DELAY);
    assert_eq!(&*driver.joined(ticket).member_id, "a");
}

#[test]
fn an_id_that_is_not_used_lapses() {
    let mut driver = Driver::new();
    driver.join(Join { needs_known_id: true, ..newcomer("a") });
    driver.pass(SESSION);
    assert!(driver.group.is_unused());
    let ticket = driver.join(member("a"));
    assert_eq!(driver.join_error(ticket), ResponseError::UnknownMemberId);
}

#[test]
fn who_was_told_an_id_is_waited_for() {
    let mut driver = Driver::stable(&["a"]);
    driver.join(Join { needs_known_id: true, ..newcomer("b") });
    let again = driver.join(member("a"));
    assert!(driver.waits(again));
    let late = driver.join(member("b"));
    assert_eq!(driver.joined(again).members.len(), 2);
    assert_eq!(driver.joined(late).generation, 2);
}

#[test]
fn everybody_joins_anew_when_somebody_comes() {
    let mut driver = Driver::stable(&["a", "b"]);
    let third = driver.join(newcomer("c"));
    assert_eq!(driver.heartbeat("a"), Err(ResponseError::RebalanceInProgress));
    let first = driver.join(member("a"));
    assert!(driver.waits(first) && driver.waits(third));
    let second = driver.join(member("b"));
    for ticket in [first, second, third] {
        assert_eq!(driver.joined(ticket).generation, 2);
    }
}

#[test]
fn who_does_not_join_anew_in_time_is_out() {
    let mut driver = Driver::stable(&["a", "b"]);
    let first = driver.join(member("a"));
    // The second one lives, but does not join.
    for _ in 0..12 {
        driver.pass(Duration::from_secs(5));
        let _alive = driver.heartbeat("b");
    }
    assert_eq!(driver.joined(first).members.len(), 1);
    assert_eq!(driver.heartbeat("b"), Err(ResponseError::UnknownMemberId));
}

#[test]
fn a_follower_that_joins_again_gets_the_same_answer() {
    let mut driver = Driver::stable(&["a", "b"]);
    let again = driver.join(member("b"));
    assert_eq!(driver.joined(again).generation, 1);
    assert_eq!(*driver.group.state(), State::Stable);
    // One that changed its mind starts a rebalance, and so does the leader.
    let other = driver.join(Join { protocols: protocols(&["range", "other"]), ..member("b") });
    assert!(driver.waits(other));
    driver.join(member("a"));
    assert_eq!(driver.joined(other).generation, 2);
}

#[test]
fn a_repeated_join_replaces_the_first() {
    let mut driver = Driver::stable(&["a", "b"]);
    let first = driver.join(member("a"));
    let second = driver.join(member("a"));
    assert_eq!(driver.join_error(first), ResponseError::RebalanceInProgress);
    driver.join(member("b"));
    assert_eq!(driver.joined(second).generation, 2);
}

#[test]
fn the_protocol_that_all_understand_and_most_prefer_wins() {
    let mut driver = Driver::new();
    let with = |id: &str, names: &[&str]| Join { protocols: protocols(names), ..newcomer(id) };
    let ticket = driver.join(with("a", &["mine", "range", "sticky"]));
    driver.join(with("b", &["sticky", "range"]));
    driver.join(with("c", &["sticky", "range"]));
    let stranger = driver.join(with("d", &["mine"]));
    assert_eq!(driver.join_error(stranger), ResponseError::InconsistentGroupProtocol);
    let other = driver.join(Join { protocol_type: "connect".into(), ..newcomer("e") });
    assert_eq!(driver.join_error(other), ResponseError::InconsistentGroupProtocol);
    driver.gather();
    assert_eq!(driver.joined(ticket).protocol.as_deref(), Some("sticky"));
}

#[test]
fn a_group_needs_a_protocol() {
    let mut driver = Driver::new();
    let none = driver.join(Join { protocols: Vec::new(), ..newcomer("a") });
    assert_eq!(driver.join_error(none), ResponseError::InconsistentGroupProtocol);
    assert!(driver.group.is_unused());
}

#[test]
fn a_full_group_takes_nobody() {
    let limits = Limits { initial_delay: DELAY, members_max: 2 };
    let mut driver = Driver::with_limits(limits);
    let first = driver.join(newcomer("a"));
    driver.join(newcomer("b"));
    let third = driver.join(newcomer("c"));
    assert_eq!(driver.join_error(third), ResponseError::GroupMaxSizeReached);
    driver.gather();
    assert_eq!(driver.joined(first).members.len(), 2);
    let fourth = driver.join(newcomer("d"));
    assert_eq!(driver.join_error(fourth), ResponseError::GroupMaxSizeReached);
}
