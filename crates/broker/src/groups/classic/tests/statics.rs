//! Static members.

use kafka_protocol::ResponseError;

use super::driver::*;
use crate::groups::classic::*;

/// A stable group of two static members; the first one leads.
fn stable() -> Driver {
    let mut driver = Driver::new();
    driver.join(instance("i1", "a"));
    driver.join(instance("i2", "b"));
    driver.gather();
    driver.sync("b", &[]);
    driver.sync("a", &[("a", "left"), ("b", "right")]);
    driver
}

#[test]
fn a_restarted_member_keeps_its_assignment() {
    let mut driver = stable();
    let back = driver.join(instance("i2", "b2"));
    let joined = driver.joined(back);
    assert_eq!((joined.generation, &*joined.member_id, &*joined.leader), (1, "b2", "a"));
    assert!(!joined.skip_assignment && joined.members.is_empty());
    assert_eq!(*driver.group.state(), State::Stable);
    assert_eq!(driver.stored, 2, "a restart must know the new id");
    let sync = driver.sync("b2", &[]);
    assert_eq!(driver.assignment(sync), b"right");
    assert_eq!(driver.heartbeat("b"), Err(ResponseError::UnknownMemberId));
    let old = Identity { member_id: "b", instance_id: Some("i2") };
    let fenced = driver.group.heartbeat(old, 1, driver.now);
    assert_eq!(fenced, Err(ResponseError::FencedInstanceId));
}

#[test]
fn a_restarted_leader_does_not_assign() {
    let mut driver = stable();
    let back = driver.join(instance("i1", "a2"));
    let joined = driver.joined(back);
    assert_eq!((&*joined.leader, joined.skip_assignment), ("a2", true));
    assert_eq!(joined.members.len(), 2);
    // An old client does not know that it leads.
    let back = driver.join(Join { may_skip_assignment: false, ..instance("i1", "a3") });
    let joined = driver.joined(back);
    assert_eq!((&*joined.leader, joined.skip_assignment), ("a2", false));
    assert!(joined.members.is_empty());
    let sync = driver.sync("a3", &[]);
    assert_eq!(driver.assignment(sync), b"left");
}

#[test]
fn a_restart_starts_a_rebalance_only_if_another_protocol_wins() {
    let mut driver = stable();
    let other = Join { protocols: protocols(&["other", "range"]), ..instance("i1", "a2") };
    driver.join(other);
    assert_eq!(*driver.group.state(), State::Stable, "only one is understood by all");
    let mut driver = Driver::new();
    driver.join(instance("i1", "a"));
    driver.gather();
    driver.sync("a", &[("a", "all")]);
    let other = Join { protocols: protocols(&["other", "range"]), ..instance("i1", "a2") };
    let back = driver.join(other);
    let joined = driver.joined(back);
    assert_eq!((joined.generation, joined.protocol.as_deref()), (2, Some("other")));
}

#[test]
fn requests_of_the_replaced_member_are_fenced() {
    let mut driver = stable();
    let waiting = driver.join(Join { instance_id: Some("i1".into()), ..member("a") });
    assert!(driver.waits(waiting));
    driver.join(instance("i1", "a2"));
    assert_eq!(driver.join_error(waiting), ResponseError::FencedInstanceId);
    let old = driver.join(Join { instance_id: Some("i1".into()), ..member("a") });
    assert_eq!(driver.join_error(old), ResponseError::FencedInstanceId);
}

#[test]
fn a_replacement_during_the_sync_starts_over() {
    let mut driver = Driver::new();
    driver.join(instance("i1", "a"));
    driver.join(instance("i2", "b"));
    driver.gather();
    let follower = driver.sync("b", &[]);
    let back = driver.join(instance("i2", "b2"));
    assert_eq!(driver.sync_error(follower), ResponseError::FencedInstanceId);
    assert!(driver.waits(back));
    driver.join(Join { instance_id: Some("i1".into()), ..member("a") });
    assert_eq!(driver.joined(back).generation, 2);
}

#[test]
fn absent_static_members_keep_their_place_through_a_rebalance() {
    let mut driver = stable();
    let third = driver.join(newcomer("c"));
    driver.join(Join { instance_id: Some("i1".into()), ..member("a") });
    assert!(driver.waits(third));
    // The second one is restarted before its session ends, and joins the new generation.
    let back = driver.join(instance("i2", "b2"));
    assert_eq!(driver.joined(back).generation, 2);
    assert_eq!(driver.group.members().count(), 3);
}

#[test]
fn an_administrator_removes_by_instance_id() {
    let mut driver = stable();
    let instance_id = |id| Identity { member_id: "", instance_id: Some(id) };
    let fenced = Identity { member_id: "z", instance_id: Some("i1") };
    let leaving = [instance_id("i2"), instance_id("i3"), fenced];
    let (results, effects) = driver.group.leave(&leaving, driver.now);
    driver.apply(effects);
    assert_eq!(results[0], Ok(()));
    assert_eq!(results[1], Err(ResponseError::UnknownMemberId));
    assert_eq!(results[2], Err(ResponseError::FencedInstanceId));
    assert_eq!(driver.group.members().count(), 1);
}
