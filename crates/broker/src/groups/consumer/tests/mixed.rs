//! Members of both protocols in one group.

use std::time::Duration;

use kafka_protocol::ResponseError;
use testkit::random::SeededRandom;

use super::classic_client::*;
use super::driver::*;
use crate::groups::classic::{Identity, Protocol};
use crate::groups::consumer::*;

const REJOIN: Result<(), ResponseError> = Err(ResponseError::RebalanceInProgress);

/// Lets everybody take steps until nothing changes any more.
fn settle(driver: &mut Driver, classic: &mut [ClassicClient], consumers: &mut [Client]) {
    for _ in 0..12 {
        classic.iter_mut().for_each(|client| client.step(driver));
        for client in consumers.iter_mut() {
            let answer = driver.beat(&client.beat()).expect("its heartbeat is in order");
            client.follow(answer);
        }
    }
    assert_eq!(driver.group.state(), State::Stable);
}

#[test]
fn an_eager_member_takes_what_is_free_when_it_joins() {
    let mut driver = Driver::new(4);
    let mut consumer = driver.client("a");
    let mut classic = ClassicClient::new("b", Way::Eager);
    classic.step(&mut driver);
    assert_eq!((classic.generation, classic.owned.len()), (2, 0));
    assert_eq!(classic.heartbeat(&mut driver), Ok(()), "what it waits for is not free yet");
    for _ in 0..2 {
        let answer = driver.beat(&consumer.beat()).unwrap();
        consumer.follow(answer);
    }
    assert_eq!(classic.heartbeat(&mut driver), REJOIN);
    classic.join(&mut driver).unwrap();
    classic.sync(&mut driver).unwrap();
    assert_eq!((classic.owned.len(), consumer.owned.len()), (2, 2));
    assert_eq!(driver.group.state(), State::Stable);
}

#[test]
fn a_cooperative_member_lets_go_before_others_get() {
    let mut driver = Driver::new(2);
    let mut classic = ClassicClient::new("a", Way::Cooperative);
    classic.step(&mut driver);
    assert_eq!(classic.owned.len(), 2);
    let mut consumer = driver.client("b");
    assert_eq!(classic.heartbeat(&mut driver), REJOIN);
    // It says that it has both, and is given one of them in its old generation.
    classic.join(&mut driver).unwrap();
    assert_eq!(classic.generation, 1);
    let had = classic.owned.clone();
    classic.sync(&mut driver).unwrap();
    assert!(classic.owned.len() == 1 && classic.owned.is_within(&had));
    let now = driver.now;
    assert_eq!(driver.group.check_commit("a", 1, false, |_| false, now), Ok(()));
    assert_eq!(driver.beat(&consumer.beat()).unwrap().assignment, None);
    // Then it has let go, and says so.
    classic.join(&mut driver).unwrap();
    classic.sync(&mut driver).unwrap();
    assert_eq!(classic.generation, 2);
    let old = driver.group.check_commit("a", 1, false, |_| false, now);
    assert_eq!(old, Err(ResponseError::IllegalGeneration));
    let answer = driver.beat(&consumer.beat()).unwrap();
    consumer.follow(answer);
    assert_eq!(consumer.owned.len(), 1);
}

#[test]
fn members_must_have_a_protocol_in_common() {
    let mut driver = Driver::new(1);
    let mut first = ClassicClient::new("a", Way::Eager);
    first.step(&mut driver);
    let second = ClassicClient::new("b", Way::Eager).join_request();
    let sticky = Protocol { name: "sticky".into(), metadata: second.protocols[0].metadata.clone() };
    let garbage = Protocol { name: "range".into(), metadata: Default::default() };
    let other_type =
        crate::groups::classic::Join { protocol_type: "connect".into(), ..second.clone() };
    for join in [
        crate::groups::classic::Join { protocols: vec![sticky], ..second.clone() },
        crate::groups::classic::Join { protocols: vec![garbage], ..second.clone() },
        crate::groups::classic::Join { protocols: Vec::new(), ..second.clone() },
        other_type,
    ] {
        let refused = driver.group.join_classic(&join, &driver.topics, driver.now).unwrap_err();
        assert_eq!(refused.error, ResponseError::InconsistentGroupProtocol);
    }
    let newcomer = crate::groups::classic::Join { member_id: "".into(), ..second };
    let told = driver.group.join_classic(&newcomer, &driver.topics, driver.now).unwrap_err();
    assert_eq!((told.error, &*told.member_id), (ResponseError::MemberIdRequired, "unused"));
}

#[test]
fn sessions_are_as_long_as_each_protocol_says() {
    let mut driver = Driver::new(2);
    let mut classic = ClassicClient::new("a", Way::Eager);
    classic.step(&mut driver);
    let kept = driver.group.snapshot();
    let mut consumer = driver.client("b");
    driver.pass(SESSION / 2 - Duration::from_secs(1));
    let answer = driver.beat(&consumer.beat()).unwrap();
    consumer.follow(answer);
    driver.pass(Duration::from_secs(1));
    assert_eq!(classic.heartbeat(&mut driver), Err(ResponseError::UnknownMemberId));
    assert_eq!(driver.group.members().count(), 1);
    // A restart knows them as well, and that the member need not join anew.
    driver.group = Group::restore(kept.clone(), driver.group.limits, driver.now);
    assert_eq!(driver.group.snapshot(), kept);
    assert_eq!(classic.heartbeat(&mut driver), Ok(()));
    driver.pass(SESSION / 2);
    assert_eq!(driver.group.state(), State::Empty);
}

#[test]
fn a_group_is_left_to_classic_members_when_they_have_caught_up() {
    let mut driver = Driver::new(2);
    let mut classic = ClassicClient::new("a", Way::Eager);
    classic.step(&mut driver);
    assert!(driver.group.is_left_to_classic_members());
    driver.client("b");
    assert!(!driver.group.is_left_to_classic_members());
    driver.group.leave("b", None).unwrap();
    // The target is made for a generation that the member has not heard of yet.
    assert!(!driver.group.is_left_to_classic_members());
    classic.step(&mut driver);
    classic.step(&mut driver);
    assert!(driver.group.is_left_to_classic_members());
    let who = Identity { member_id: "a", instance_id: None };
    assert_eq!(driver.group.leave_classic(&[who]), [Ok(())]);
    assert!(!driver.group.is_left_to_classic_members(), "nobody is left");
}

#[test]
fn classic_members_hear_of_new_partitions() {
    let mut driver = Driver::new(1);
    let mut classic = [ClassicClient::new("a", Way::Eager)];
    settle(&mut driver, &mut classic, &mut []);
    driver.add_topic("t", 1, 3);
    settle(&mut driver, &mut classic, &mut []);
    assert_eq!(classic[0].owned.len(), 3);
}

/// What clients work on themselves.
fn check(classic: &[ClassicClient], consumers: &[Client]) {
    let owned = || {
        let consumers = consumers.iter().map(|client| &client.owned);
        classic.iter().map(|client| &client.owned).chain(consumers)
    };
    let all: Partitions = owned().flat_map(Partitions::iter).collect();
    assert_eq!(all.len(), owned().map(Partitions::len).sum::<usize>(), "with two");
}

#[test]
fn no_partition_is_with_two() {
    for seed in 0..60 {
        let random = SeededRandom::new(seed);
        let mut driver = Driver::new(7);
        let mut classic = vec![ClassicClient::new("first", Way::Eager)];
        let mut consumers = vec![driver.client("second")];
        for number in 0..200 {
            let (id, way) = (format!("m{number}"), random.one_in(2));
            let way = if way { Way::Eager } else { Way::Cooperative };
            match random.below(14) {
                0 if classic.len() < 4 => classic.push(ClassicClient::new(&id, way)),
                1 if consumers.len() < 4 => consumers.push(driver.client(&id)),
                2 if classic.len() > 1 => {
                    let gone = classic.remove(random.below(classic.len() as u64) as usize);
                    let who = Identity { member_id: &gone.id, instance_id: None };
                    driver.group.leave_classic(&[who]);
                }
                3 if consumers.len() > 1 => {
                    let gone = consumers.remove(random.below(consumers.len() as u64) as usize);
                    driver.group.leave(&gone.id, None).unwrap();
                }
                4 => {
                    let kept = driver.group.snapshot();
                    driver.group = Group::restore(kept, driver.group.limits, driver.now);
                }
                5..10 => {
                    let index = random.below(classic.len() as u64) as usize;
                    classic[index].step(&mut driver);
                }
                _ => {
                    let index = random.below(consumers.len() as u64) as usize;
                    let answer = driver.beat(&consumers[index].beat()).unwrap();
                    consumers[index].follow(answer);
                }
            }
            driver.pass(Duration::from_millis(10));
            check(&classic, &consumers);
        }
        settle(&mut driver, &mut classic, &mut consumers);
        check(&classic, &consumers);
        let sizes = classic.iter().map(|client| client.owned.len());
        let sizes: Vec<usize> =
            sizes.chain(consumers.iter().map(|client| client.owned.len())).collect();
        assert_eq!(sizes.iter().sum::<usize>(), 7, "everything is with somebody");
        assert!(sizes.iter().max() <= sizes.iter().min().map(|least| least + 1).as_ref());
    }
}
