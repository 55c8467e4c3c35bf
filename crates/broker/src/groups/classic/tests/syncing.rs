//! Assignments, and what comes between.

use kafka_protocol::ResponseError;

use super::driver::*;
use crate::groups::classic::*;

#[test]
fn followers_wait_for_the_leader() {
    let mut driver = Driver::new();
    driver.join(newcomer("a"));
    driver.join(newcomer("b"));
    driver.gather();
    let follower = driver.sync("b", &[]);
    assert!(driver.waits(follower));
    let leader = driver.sync("a", &[("a", "left"), ("b", "right")]);
    assert_eq!(driver.assignment(leader), b"left");
    assert_eq!(driver.assignment(follower), b"right");
    assert_eq!(driver.stored, 1);
    let again = driver.sync("b", &[]);
    assert_eq!(driver.assignment(again), b"right");
}

#[test]
fn who_joins_during_the_sync_starts_over() {
    let mut driver = Driver::new();
    driver.join(newcomer("a"));
    driver.join(newcomer("b"));
    driver.gather();
    let follower = driver.sync("b", &[]);
    let third = driver.join(newcomer("c"));
    assert_eq!(driver.sync_error(follower), ResponseError::RebalanceInProgress);
    let late = driver.sync("a", &[("a", "old")]);
    assert_eq!(driver.sync_error(late), ResponseError::RebalanceInProgress);
    driver.join(member("a"));
    driver.join(member("b"));
    assert_eq!(driver.joined(third).generation, 2);
    let stale = driver.sync_in("a", 1, &[("a", "old")]);
    assert_eq!(driver.sync_error(stale), ResponseError::IllegalGeneration);
}

#[test]
fn an_assignment_that_cannot_be_stored_is_not_given_out() {
    let mut driver = Driver::new();
    driver.join(newcomer("a"));
    driver.join(newcomer("b"));
    driver.gather();
    let follower = driver.sync("b", &[]);
    driver.log = Err(ResponseError::CoordinatorNotAvailable);
    let leader = driver.sync("a", &[("a", "left"), ("b", "right")]);
    assert_eq!(driver.sync_error(leader), ResponseError::CoordinatorNotAvailable);
    assert_eq!(driver.sync_error(follower), ResponseError::CoordinatorNotAvailable);
    assert_eq!(driver.group.state().name(), "PreparingRebalance");
    driver.log = Ok(());
    driver.join(member("a"));
    let ticket = driver.join(member("b"));
    assert_eq!(driver.joined(ticket).generation, 2);
}

#[test]
fn the_wrong_protocol_is_noticed_unless_another_may_come_anyway() {
    let mut driver = Driver::stable(&["a"]);
    let sync = Sync {
        member_id: "a".into(),
        instance_id: None,
        generation: 1,
        protocol_type: Some("connect".into()),
        protocol: None,
        assignments: Default::default(),
    };
    let effects = driver.group.sync(sync.clone(), Ticket(99), driver.now);
    driver.apply(effects);
    assert_eq!(driver.sync_error(Ticket(99)), ResponseError::InconsistentGroupProtocol);
    driver.join(newcomer("b"));
    let effects = driver.group.sync(sync, Ticket(100), driver.now);
    driver.apply(effects);
    assert_eq!(driver.sync_error(Ticket(100)), ResponseError::RebalanceInProgress);
}

#[test]
fn a_leader_that_leaves_is_followed_by_another() {
    let mut driver = Driver::new();
    driver.join(newcomer("a"));
    driver.join(newcomer("b"));
    driver.gather();
    let follower = driver.sync("b", &[]);
    assert_eq!(driver.leave("a"), Ok(()));
    assert_eq!(driver.sync_error(follower), ResponseError::RebalanceInProgress);
    let again = driver.join(member("b"));
    assert_eq!(&*driver.joined(again).leader, "b");
    assert_eq!(driver.joined(again).members.len(), 1);
}

#[test]
fn the_last_one_to_leave_empties_the_group() {
    let mut driver = Driver::stable(&["a"]);
    assert_eq!(driver.leave("a"), Ok(()));
    assert_eq!(driver.leave("a"), Err(ResponseError::UnknownMemberId));
    assert_eq!(*driver.group.state(), State::Empty);
    assert_eq!(driver.stored, 2, "the log knows that nobody is left");
    let snapshot = driver.group.snapshot();
    assert_eq!((snapshot.generation, snapshot.members.len()), (2, 0));
}

#[test]
fn a_restored_group_goes_on() {
    let driver = Driver::stable(&["a", "b"]);
    let kept = driver.group.snapshot();
    let mut restored = Driver::new();
    restored.now = driver.now;
    restored.group = Group::restore(kept.clone(), restored.group.limits, driver.now);
    assert_eq!(restored.group.snapshot(), kept);
    assert_eq!(restored.heartbeat("a"), Ok(()));
    let again = restored.sync("b", &[]);
    assert_eq!(restored.assignment(again), b"some");
    restored.pass(SESSION);
    assert_eq!(restored.heartbeat("b"), Err(ResponseError::UnknownMemberId));
}
