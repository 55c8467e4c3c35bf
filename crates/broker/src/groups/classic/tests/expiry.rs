//! Sessions and patience.

use std::time::Duration;

use kafka_protocol::ResponseError;

use super::driver::*;
use crate::groups::classic::*;

#[test]
fn a_silent_member_is_given_up() {
    let mut driver = Driver::stable(&["a", "b"]);
    driver.pass(Duration::from_secs(9));
    assert_eq!(driver.heartbeat("a"), Ok(()));
    driver.pass(Duration::from_secs(2));
    assert_eq!(driver.heartbeat("b"), Err(ResponseError::UnknownMemberId));
    assert_eq!(driver.heartbeat("a"), Err(ResponseError::RebalanceInProgress));
    let again = driver.join(member("a"));
    assert_eq!(driver.joined(again).members.len(), 1);
}

#[test]
fn a_group_whose_members_are_silent_is_empty() {
    let mut driver = Driver::stable(&["a", "b"]);
    driver.pass(SESSION);
    assert_eq!(*driver.group.state(), State::Empty);
    assert_eq!(driver.group.deadline(), None);
}

#[test]
fn who_waits_needs_no_heartbeat() {
    let mut driver = Driver::stable(&["a", "b"]);
    let again = driver.join(member("a"));
    for _ in 0..5 {
        driver.pass(Duration::from_secs(9));
        assert_eq!(driver.heartbeat("b"), Err(ResponseError::RebalanceInProgress));
    }
    assert!(driver.waits(again), "its session has not ended");
    driver.join(member("b"));
    assert_eq!(driver.joined(again).members.len(), 2);
}

#[test]
fn who_never_asks_for_its_assignment_is_given_up() {
    let mut driver = Driver::new();
    driver.join(newcomer("a"));
    driver.join(newcomer("b"));
    driver.gather();
    let leader = driver.sync("a", &[("a", "all")]);
    assert_eq!(driver.assignment(leader), b"all");
    for _ in 0..12 {
        assert_eq!(driver.heartbeat("a"), Ok(()));
        assert_eq!(driver.heartbeat("b"), Ok(()));
        driver.pass(Duration::from_secs(5));
    }
    assert_eq!(driver.heartbeat("b"), Err(ResponseError::UnknownMemberId));
    assert_eq!(driver.heartbeat("a"), Err(ResponseError::RebalanceInProgress));
}

#[test]
fn a_newcomer_is_waited_with_for_five_minutes_at_most() {
    let mut driver = Driver::new();
    driver.join(Join { rebalance_timeout: Duration::from_secs(1_000), ..newcomer("a") });
    driver.gather();
    driver.sync("a", &[]);
    let patient = driver.join(newcomer("b"));
    for _ in 0..59 {
        driver.pass(Duration::from_secs(5));
        assert_eq!(driver.heartbeat("a"), Err(ResponseError::RebalanceInProgress));
    }
    assert!(driver.waits(patient));
    driver.pass(Duration::from_secs(5));
    assert_eq!(driver.join_error(patient), ResponseError::UnknownMemberId);
}
