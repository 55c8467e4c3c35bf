//! Epochs: who is behind, who is ahead, and who may commit.

use kafka_protocol::ResponseError;

use super::driver::*;
use crate::groups::consumer::*;

#[test]
fn an_answer_may_be_lost() {
    let mut driver = Driver::new(2);
    let mut first = driver.client("a");
    driver.client("b");
    let asked = driver.beat(&first.beat()).unwrap();
    first.follow(asked);
    assert_eq!(driver.beat(&first.beat()).unwrap().epoch, 2);
    // It did not hear of epoch 2.
    assert_eq!(driver.beat(&first.beat()).unwrap().epoch, 2);
    // With partitions that it cannot have in that epoch it is fenced.
    let more = Beat { owned: Some(of_t(&[0, 1])), ..first.beat() };
    assert_eq!(driver.beat(&more), Err(ResponseError::FencedMemberEpoch));
    let silent = Beat { owned: None, ..first.beat() };
    assert_eq!(driver.beat(&silent), Err(ResponseError::FencedMemberEpoch));
}

#[test]
fn an_epoch_from_the_future_is_fenced() {
    let mut driver = Driver::new(1);
    let client = driver.client("a");
    let ahead = Beat { epoch: client.epoch + 1, ..client.beat() };
    assert_eq!(driver.beat(&ahead), Err(ResponseError::FencedMemberEpoch));
    let stranger = Beat { member_id: "z".into(), ..client.beat() };
    assert_eq!(driver.beat(&stranger), Err(ResponseError::UnknownMemberId));
}

#[test]
fn a_member_that_joins_again_is_told_everything() {
    let mut driver = Driver::new(2);
    let client = driver.client("a");
    assert_eq!(driver.beat(&client.beat()).unwrap().assignment, None);
    let again = driver.beat(&client.join()).unwrap();
    assert_eq!((again.epoch, again.assignment), (1, Some(of_t(&[0, 1]))));
    let full = Beat { owned: Some(client.owned.clone()), epoch: 1, ..client.join() };
    assert_eq!(driver.beat(&full).unwrap().assignment, Some(of_t(&[0, 1])));
}

#[test]
fn offsets_are_committed_in_the_members_epoch() {
    let mut driver = Driver::new(2);
    let now = driver.now;
    assert_eq!(driver.group.check_commit("", -1, true, |_| false, now), Ok(()), "nobody is there");
    driver.client("a");
    let group = &mut driver.group;
    assert_eq!(group.check_commit("a", 1, true, |_| false, now), Ok(()));
    let stale = Err(ResponseError::StaleMemberEpoch);
    assert_eq!(group.check_commit("a", 0, true, |_| false, now), stale);
    assert_eq!(
        group.check_commit("a", 1, false, |_| false, now),
        Err(ResponseError::UnsupportedVersion)
    );
    assert_eq!(
        group.check_commit("", -1, true, |_| false, now),
        Err(ResponseError::UnknownMemberId)
    );
    assert_eq!(group.check_fetch("a", 1), Ok(()));
    assert_eq!(group.check_fetch("a", 2), stale);
    assert_eq!(group.check_transactional_commit("", -1), Ok(()));
    assert_eq!(group.check_transactional_commit("a", 0), stale);
}

#[test]
fn who_is_about_to_hear_of_an_epoch_commits_for_what_it_has_kept() {
    let mut driver = Driver::new(2);
    let now = driver.now;
    let mut first = driver.client("a");
    driver.client("b");
    let asked = driver.beat(&first.beat()).unwrap();
    first.follow(asked);
    // The answer to this one is on its way.
    assert_eq!(driver.beat(&first.beat()).unwrap().epoch, 2);
    let group = &mut driver.group;
    let kept = first.owned.clone();
    assert_eq!(group.check_commit("a", 1, true, |assigned| *assigned == kept, now), Ok(()));
    let stale = Err(ResponseError::StaleMemberEpoch);
    assert_eq!(group.check_commit("a", 1, true, |_| false, now), stale);
    assert_eq!(group.check_commit("a", 0, true, |_| true, now), stale);
    assert_eq!(group.check_commit("a", 3, true, |_| true, now), stale);
}

#[test]
fn a_restored_group_goes_on() {
    let mut driver = Driver::new(4);
    let mut first = driver.client("a");
    let mut second = driver.client("b");
    driver.settle(&mut [&mut first, &mut second]);
    let kept = driver.group.snapshot();
    driver.group = Group::restore(kept.clone(), driver.group.limits, driver.now);
    assert_eq!(driver.group.snapshot(), kept);
    let before = (first.owned.clone(), second.owned.clone());
    driver.settle(&mut [&mut first, &mut second]);
    assert_eq!((first.owned, second.owned), before);
}

#[test]
fn only_changes_are_to_be_stored() {
    let mut driver = Driver::new(1);
    let client = driver.client("a");
    assert!(driver.group.is_changed());
    driver.group.stored();
    driver.beat(&client.beat()).unwrap();
    assert!(!driver.group.is_changed());
    driver.group.leave("a", None).unwrap();
    assert!(driver.group.is_changed());
}
