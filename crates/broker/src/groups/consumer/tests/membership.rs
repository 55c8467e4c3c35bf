//! Members come, go, and come back.

use kafka_protocol::ResponseError;

use super::driver::*;
use crate::groups::consumer::*;

fn static_beat(client: &Client, beat: Beat) -> Beat {
    Beat { member_id: client.id.clone(), instance_id: Some("i1".into()), ..beat }
}

/// A static member `a` that has the only partition.
fn with_static() -> (Driver, Client) {
    let mut driver = Driver::new(1);
    let mut client = Client::new("a");
    let answer = driver.beat(&static_beat(&client, client.join())).unwrap();
    client.follow(answer);
    (driver, client)
}

#[test]
fn who_leaves_makes_room() {
    let mut driver = Driver::new(2);
    let mut first = driver.client("a");
    let mut second = driver.client("b");
    driver.settle(&mut [&mut first, &mut second]);
    driver.group.leave("b", None).unwrap();
    driver.settle(&mut [&mut first]);
    assert_eq!(first.owned.len(), 2);
    assert_eq!(driver.group.leave("b", None), Err(ResponseError::UnknownMemberId.into()));
    driver.group.leave("a", None).unwrap();
    assert_eq!((driver.group.state(), driver.group.deadline()), (State::Empty, None));
}

#[test]
fn an_instance_id_belongs_to_one_member() {
    let (mut driver, client) = with_static();
    let other = Client::new("b");
    let joining = driver.beat(&static_beat(&other, other.join()));
    assert_eq!(joining, Err(ResponseError::UnreleasedInstanceId));
    let beat = Beat { epoch: client.epoch, ..other.beat() };
    let stolen = driver.beat(&static_beat(&other, beat));
    assert_eq!(stolen, Err(ResponseError::FencedInstanceId));
    let left = driver.group.leave("b", Some("i1"));
    assert_eq!(left, Err(ResponseError::FencedInstanceId.into()));
}

#[test]
fn a_static_member_that_comes_back_has_what_it_had() {
    let (mut driver, client) = with_static();
    let mut other = driver.client("z");
    let epoch = driver.group.epoch();
    driver.group.go_away("a", "i1").unwrap();
    let answer = driver.beat(&other.beat()).unwrap();
    other.follow(answer);
    assert!(other.owned.is_empty());
    let mut back = Client::new("b");
    let answer = driver.beat(&static_beat(&back, back.join())).unwrap();
    back.follow(answer);
    assert_eq!(back.owned, client.owned);
    assert_eq!(driver.group.epoch(), epoch, "nothing has changed for the others");
    let gone = driver.beat(&static_beat(&client, client.beat()));
    assert_eq!(gone, Err(ResponseError::FencedInstanceId));
}

#[test]
fn a_static_member_that_stays_away_is_given_up() {
    let (mut driver, _) = with_static();
    driver.group.go_away("a", "i1").unwrap();
    driver.pass(SESSION);
    assert_eq!(driver.group.state(), State::Empty);
    let client = driver.client("z");
    assert_eq!(client.owned.len(), 1);
}

#[test]
fn a_full_group_takes_nobody() {
    let mut driver = Driver::new(1);
    driver.group.limits.members_max = 1;
    let client = driver.client("a");
    let other = Client::new("b");
    assert_eq!(driver.beat(&other.join()), Err(ResponseError::GroupMaxSizeReached));
    assert!(driver.beat(&client.join()).is_ok());
}

#[test]
fn the_assignor_that_most_want_is_used() {
    let mut driver = Driver::new(1);
    let client = driver.client("a");
    assert_eq!(driver.group.assignor(), Assignor::Uniform);
    let beat = Beat { assignor: Assignor::named("range"), ..client.beat() };
    driver.beat(&beat).unwrap();
    assert_eq!(driver.group.assignor(), Assignor::Range);
    assert_eq!(Assignor::named("sticky"), None);
}
