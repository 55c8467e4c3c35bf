//! Partitions travel from member to member without ever being with two.

use std::time::Duration;

use kafka_protocol::ResponseError;

use super::driver::*;
use crate::groups::consumer::*;

#[test]
fn the_first_member_gets_everything() {
    let mut driver = Driver::new(3);
    let client = driver.client("a");
    assert_eq!((client.epoch, &client.owned), (1, &of_t(&[0, 1, 2])));
    assert_eq!(driver.group.state(), State::Stable);
}

#[test]
fn a_partition_is_given_only_after_it_was_let_go() {
    let mut driver = Driver::new(2);
    let mut first = driver.client("a");
    let mut second = driver.client("b");
    assert_eq!((second.epoch, second.owned.len()), (2, 0));
    assert_eq!(driver.group.state(), State::Reconciling);
    // The first one is asked to let go, in its old epoch.
    let asked = driver.beat(&first.beat()).unwrap();
    assert_eq!((asked.epoch, asked.assignment.as_ref().map(Partitions::len)), (1, Some(1)));
    // It still owns both, so nothing moves.
    let still = driver.beat(&first.beat()).unwrap();
    assert_eq!(still.epoch, 1);
    assert_eq!(driver.beat(&second.beat()).unwrap().assignment, None);
    // Now it has let go.
    first.follow(asked);
    let done = driver.beat(&first.beat()).unwrap();
    assert_eq!(done.epoch, 2);
    first.follow(done);
    let got = driver.beat(&second.beat()).unwrap();
    second.follow(got);
    assert_eq!(second.owned.len(), 1);
    assert!(!first.owned.iter().any(|(topic, number)| second.owned.contains(topic, number)));
    assert_eq!(driver.group.state(), State::Stable);
}

#[test]
fn who_does_not_let_go_in_time_is_out() {
    let mut driver = Driver::new(2);
    let first = driver.client("a");
    let mut second = driver.client("b");
    driver.beat(&first.beat()).unwrap();
    for _ in 0..4 {
        driver.pass(REBALANCE / 4);
        let _alive = driver.beat(&first.beat());
    }
    assert_eq!(driver.beat(&first.beat()), Err(ResponseError::UnknownMemberId));
    driver.settle(&mut [&mut second]);
    assert_eq!(second.owned.len(), 2);
}

#[test]
fn nobody_who_stays_loses_more_than_needed() {
    let mut driver = Driver::new(12);
    let mut clients: Vec<Client> = ["a", "b", "c"].map(|id| driver.client(id)).into();
    driver.settle(&mut clients.iter_mut().collect::<Vec<_>>());
    let before: Vec<Partitions> = clients.iter().map(|client| client.owned.clone()).collect();
    clients.push(driver.client("d"));
    driver.settle(&mut clients.iter_mut().collect::<Vec<_>>());
    for (client, before) in clients.iter().zip(before) {
        assert_eq!(client.owned.len(), 3);
        assert!(client.owned.iter().all(|(topic, number)| before.contains(topic, number)));
    }
    assert_eq!(clients[3].owned.len(), 3);
}

#[test]
fn new_partitions_and_topics_are_assigned() {
    let mut driver = Driver::new(2);
    let mut client = driver.client("a");
    driver.add_topic("t", 1, 3);
    driver.settle(&mut [&mut client]);
    assert_eq!((client.epoch, client.owned.len()), (2, 3));
    let both = Beat { topics: Some(["t".into(), "u".into()].into()), ..client.beat() };
    driver.beat(&both).unwrap();
    driver.add_topic("u", 2, 1);
    driver.settle(&mut [&mut client]);
    assert!(client.owned.contains(2, 0));
    // A topic that is created anew is another one.
    driver.add_topic("u", 3, 1);
    driver.settle(&mut [&mut client]);
    assert!(!client.owned.contains(2, 0) && client.owned.contains(3, 0));
}

#[test]
fn a_pattern_follows_the_topics() {
    let mut driver = Driver::new(1);
    driver.add_topic("orders.new", 2, 1);
    let mut client = driver.client("a");
    let pattern = Pattern::parse("orders\\..*").unwrap();
    let beat = Beat { topics: Some([].into()), pattern: Some(Some(pattern)), ..client.beat() };
    let answer = driver.beat(&beat).unwrap();
    client.follow(answer);
    driver.settle(&mut [&mut client]);
    assert_eq!(client.owned, [(2, 0)].into_iter().collect());
    driver.add_topic("orders.old", 3, 1);
    driver.add_topic("my.orders.old", 4, 1);
    driver.settle(&mut [&mut client]);
    assert_eq!(client.owned, [(2, 0), (3, 0)].into_iter().collect());
    let answer = driver.beat(&Beat { pattern: Some(None), ..client.beat() }).unwrap();
    client.follow(answer);
    driver.settle(&mut [&mut client]);
    assert!(client.owned.is_empty());
    assert!(Pattern::parse("(").is_err());
}

#[test]
fn a_silent_member_is_given_up() {
    let mut driver = Driver::new(2);
    let mut first = driver.client("a");
    let mut second = driver.client("b");
    driver.settle(&mut [&mut first, &mut second]);
    driver.pass(SESSION - Duration::from_secs(1));
    driver.settle(&mut [&mut first]);
    driver.pass(Duration::from_secs(1));
    assert_eq!(driver.beat(&second.beat()), Err(ResponseError::UnknownMemberId));
    driver.settle(&mut [&mut first]);
    assert_eq!(first.owned.len(), 2);
}

#[test]
fn a_pattern_is_matched_only_when_something_has_changed() {
    let mut driver = Driver::new(1);
    let pattern = || Pattern::parse("t.*").ok();
    let mut clients: Vec<Client> = ["a", "b"].map(Client::new).into();
    for client in &mut clients {
        let join = Beat { topics: None, pattern: Some(pattern()), ..client.join() };
        let answer = driver.beat(&join).unwrap();
        client.follow(answer);
    }
    let mut clients = clients.iter_mut().collect::<Vec<_>>();
    driver.settle(&mut clients);
    assert_eq!(driver.topics.listed.get(), 1, "once for both");
    driver.add_topic("t2", 2, 1);
    driver.settle(&mut clients);
    assert_eq!(driver.topics.listed.get(), 2);
    assert!(clients.iter().all(|client| client.owned.len() == 1));
    // What the client may know of can change as well.
    driver.pass(SESSION / 2);
    driver.settle(&mut clients);
    assert_eq!(driver.topics.listed.get(), 2);
    for _ in 0..30 {
        driver.pass(SESSION / 2);
        driver.settle(&mut clients);
    }
    assert_eq!(driver.topics.listed.get(), 3);
}

#[test]
fn a_restart_makes_no_member_of_a_pattern_lose_anything() {
    let mut driver = Driver::new(2);
    let mut clients: Vec<Client> = ["a", "b"].map(Client::new).into();
    for client in &mut clients {
        let pattern = Pattern::parse("t.*").ok();
        let join = Beat { topics: None, pattern: Some(pattern), ..client.join() };
        let answer = driver.beat(&join).unwrap();
        client.follow(answer);
    }
    driver.settle(&mut clients.iter_mut().collect::<Vec<_>>());
    let (epoch, kept) = (driver.group.epoch(), driver.group.snapshot());
    driver.group = Group::restore(kept, driver.group.limits, driver.now);
    driver.settle(&mut clients.iter_mut().collect::<Vec<_>>());
    assert_eq!(driver.group.epoch(), epoch, "nothing has changed");
    // What has changed meanwhile is noticed.
    let kept = driver.group.snapshot();
    driver.group = Group::restore(kept, driver.group.limits, driver.now);
    driver.add_topic("t", 1, 4);
    driver.settle(&mut clients.iter_mut().collect::<Vec<_>>());
    assert_eq!(clients.iter().map(|client| client.owned.len()).sum::<usize>(), 4);
}

#[test]
fn an_expression_that_takes_too_long_matches_nothing() {
    let mut driver = Driver::new(1);
    let long = "a".repeat(60);
    driver.add_topic(&long, 2, 1);
    // Looking ahead makes it try every way of dividing the name.
    let pattern = Pattern::parse("(?=(a+)+b)a*").ok();
    let client = Client::new("a");
    let join = Beat { topics: None, pattern: Some(pattern), ..client.join() };
    assert!(driver.beat(&join).unwrap().assignment.unwrap().is_empty());
}
