//! Who may commit offsets when.

use kafka_protocol::ResponseError;

use super::driver::*;
use crate::groups::classic::*;

const NOBODY: Identity<'_> = Identity { member_id: "", instance_id: None };
const A: Identity<'_> = Identity { member_id: "a", instance_id: None };
const Z: Identity<'_> = Identity { member_id: "z", instance_id: None };

#[test]
fn only_members_of_this_generation_commit() {
    let mut driver = Driver::stable(&["a"]);
    let now = driver.now;
    assert_eq!(driver.group.check_commit(A, 1, now), Ok(()));
    assert_eq!(driver.group.check_commit(A, 0, now), Err(ResponseError::IllegalGeneration));
    assert_eq!(driver.group.check_commit(Z, 1, now), Err(ResponseError::UnknownMemberId));
    assert_eq!(driver.group.check_commit(NOBODY, -1, now), Err(ResponseError::UnknownMemberId));
}

#[test]
fn anybody_commits_for_a_group_without_members() {
    let mut driver = Driver::new();
    let now = driver.now;
    assert_eq!(driver.group.check_commit(NOBODY, -1, now), Ok(()));
    assert_eq!(driver.group.check_commit(A, 1, now), Err(ResponseError::UnknownMemberId));
}

#[test]
fn members_commit_until_the_next_generation_begins() {
    let mut driver = Driver::stable(&["a"]);
    driver.join(newcomer("b"));
    let now = driver.now;
    assert_eq!(driver.group.check_commit(A, 1, now), Ok(()), "before it joins anew");
    driver.join(member("a"));
    let completing = driver.group.check_commit(A, 2, now);
    assert_eq!(completing, Err(ResponseError::RebalanceInProgress));
    assert_eq!(driver.group.check_commit(A, 1, now), Err(ResponseError::IllegalGeneration));
    assert_eq!(driver.group.check_transactional_commit(A, 2), Ok(()));
}

#[test]
fn producers_of_old_clients_do_not_say_which_member_they_are() {
    let driver = Driver::stable(&["a"]);
    assert_eq!(driver.group.check_transactional_commit(NOBODY, -1), Ok(()));
    let unknown = driver.group.check_transactional_commit(Z, 1);
    assert_eq!(unknown, Err(ResponseError::UnknownMemberId));
    let old = driver.group.check_transactional_commit(A, 0);
    assert_eq!(old, Err(ResponseError::IllegalGeneration));
}

#[test]
fn a_commit_is_a_sign_of_life() {
    let mut driver = Driver::stable(&["a"]);
    for _ in 0..3 {
        driver.pass(SESSION * 9 / 10);
        assert_eq!(driver.group.check_commit(A, 1, driver.now), Ok(()));
    }
}
