//! Random members against one group: whatever they do in whatever order, everybody is answered.

use std::collections::BTreeSet;
use std::time::Duration;

use testkit::random::SeededRandom;

use super::driver::*;
use crate::groups::classic::*;

/// What must hold after every event.
fn check(driver: &Driver, asked: &BTreeSet<Ticket>) {
    let group = &driver.group;
    let waiting: BTreeSet<Ticket> = group
        .members()
        .flat_map(|member| member.joining.into_iter().chain(member.syncing))
        .collect();
    let unanswered: BTreeSet<Ticket> =
        asked.iter().copied().filter(|ticket| driver.waits(*ticket)).collect();
    assert_eq!(waiting, unanswered, "who waits is known to the group, and nobody else is");
    let is_empty = group.members().next().is_none();
    assert_eq!(group.leader.is_none(), is_empty);
    assert!(group.leader.iter().all(|leader| group.members.contains_key(leader)));
    match group.state() {
        State::Empty => assert!(is_empty),
        State::Preparing(_) => {}
        State::Completing | State::Stable => assert!(!is_empty && waiting_only_syncs(group)),
    }
}

fn waiting_only_syncs(group: &Group) -> bool {
    group.members().all(|member| member.joining.is_none())
        && (*group.state() == State::Completing
            || group.members().all(|member| member.syncing.is_none()))
}

fn step(driver: &mut Driver, random: &SeededRandom, number: usize) -> Option<Ticket> {
    let known: Vec<String> = driver.group.members.keys().map(|id| id.to_string()).collect();
    let id = match known.is_empty() {
        true => "nobody".to_owned(),
        false => known[random.below(known.len() as u64) as usize].clone(),
    };
    match random.below(10) {
        0 => Some(driver.join(newcomer(&format!("m{number}")))),
        1 => {
            let name = format!("i{}", random.below(3));
            Some(driver.join(instance(&name, &format!("s{number}"))))
        }
        2 | 3 => Some(driver.join(member(&id))),
        4 | 5 => Some(driver.sync(&id, &[])),
        6 => {
            let leader = driver.group.leader.clone().unwrap_or_default();
            Some(driver.sync(&leader, &[]))
        }
        7 => {
            driver.leave(&id).ok();
            None
        }
        8 => {
            driver.heartbeat(&id).ok();
            None
        }
        _ => {
            driver.pass(Duration::from_secs(random.below(8)));
            None
        }
    }
}

#[test]
fn everybody_is_answered() {
    for seed in 0..60 {
        let random = SeededRandom::new(seed);
        let mut driver = Driver::new();
        let mut asked = BTreeSet::new();
        let mut generation = 0;
        for number in 0..200 {
            asked.extend(step(&mut driver, &random, number));
            check(&driver, &asked);
            assert!(driver.group.generation >= generation, "generations never go back");
            generation = driver.group.generation;
        }
        driver.pass(Duration::from_secs(24 * 60 * 60));
        check(&driver, &asked);
        assert!(driver.group.is_unused() && asked.iter().all(|ticket| !driver.waits(*ticket)));
    }
}
