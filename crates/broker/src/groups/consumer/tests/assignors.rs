//! What must hold for every assignment.

use std::collections::{BTreeMap, BTreeSet};

use testkit::random::SeededRandom;

use crate::groups::consumer::assignors::Subscriber;
use crate::groups::consumer::{Assignor, Partitions};

/// Everything of `topics` that somebody wants is with exactly one who wants it.
fn check(subscribers: &[Subscriber<'_>], topics: &BTreeMap<u128, i32>, assigned: &[Partitions]) {
    let mut seen = BTreeSet::new();
    for (subscriber, assigned) in subscribers.iter().zip(assigned) {
        for (topic, number) in assigned.iter() {
            assert!(subscriber.topics.contains(&topic) && number < topics[&topic]);
            assert!(seen.insert((topic, number)), "{topic}-{number} is with two");
        }
    }
    let is_wanted = |topic: &u128| subscribers.iter().any(|it| it.topics.contains(topic));
    let wanted = topics.iter().filter(|(topic, _)| is_wanted(topic));
    assert_eq!(seen.len(), wanted.map(|(_, count)| *count as usize).sum::<usize>());
}

fn subscriber<'a>(id: &'a str, topics: &[u128], has: &'a Partitions) -> Subscriber<'a> {
    Subscriber { id, instance_id: None, topics: topics.iter().copied().collect(), has }
}

#[test]
fn ranges_are_contiguous_and_meet() {
    let nothing = Partitions::default();
    let topics = BTreeMap::from([(1, 5), (2, 5), (3, 1)]);
    let mut subscribers = ["a", "b"].map(|id| subscriber(id, &[1, 2], &nothing));
    let assigned = Assignor::Range.assign(&subscribers, &topics);
    check(&subscribers, &topics, &assigned);
    let first: Vec<(u128, i32)> = assigned[0].iter().collect();
    assert_eq!(first, [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)]);
    // Static members come first.
    subscribers[1].instance_id = Some("i");
    let assigned = Assignor::Range.assign(&subscribers, &topics);
    assert!(assigned[1].contains(1, 0));
}

#[test]
fn uniform_is_even_when_all_want_the_same() {
    let random = SeededRandom::new(1);
    let ids: Vec<String> = (0..20).map(|number| format!("m{number:02}")).collect();
    let mut has = vec![Partitions::default(); ids.len()];
    for _ in 0..200 {
        let members = 1 + random.below(ids.len() as u64) as usize;
        let topics: BTreeMap<u128, i32> =
            (0..1 + random.below(4)).map(|id| (u128::from(id), random.below(20) as i32)).collect();
        let wanted: Vec<u128> = topics.keys().copied().collect();
        let subscribers: Vec<Subscriber<'_>> =
            (0..members).map(|index| subscriber(&ids[index], &wanted, &has[index])).collect();
        let assigned = Assignor::Uniform.assign(&subscribers, &topics);
        check(&subscribers, &topics, &assigned);
        let sizes = assigned.iter().map(Partitions::len);
        assert!(sizes.clone().max() <= sizes.min().map(|least| least + 1));
        has = assigned;
        has.resize(ids.len(), Partitions::default());
    }
}

#[test]
fn uniform_moves_nothing_when_nothing_changes() {
    let nothing = Partitions::default();
    let topics = BTreeMap::from([(1, 7), (2, 3)]);
    let subscribers = ["a", "b", "c"].map(|id| subscriber(id, &[1, 2], &nothing));
    let first = Assignor::Uniform.assign(&subscribers, &topics);
    let again: Vec<Subscriber<'_>> = ["a", "b", "c"]
        .into_iter()
        .zip(&first)
        .map(|(id, has)| subscriber(id, &[1, 2], has))
        .collect();
    assert_eq!(Assignor::Uniform.assign(&again, &topics), first);
}

#[test]
fn uniform_is_as_even_as_subscriptions_allow() {
    let random = SeededRandom::new(2);
    let ids: Vec<String> = (0..8).map(|number| format!("m{number}")).collect();
    let mut has = vec![Partitions::default(); ids.len()];
    for _ in 0..200 {
        let topics: BTreeMap<u128, i32> = (0..5).map(|id| (id, random.below(12) as i32)).collect();
        let wants: Vec<Vec<u128>> = ids
            .iter()
            .map(|_| topics.keys().copied().filter(|_| random.one_in(2)).collect())
            .collect();
        let subscribers: Vec<Subscriber<'_>> = (0..ids.len())
            .map(|index| subscriber(&ids[index], &wants[index], &has[index]))
            .collect();
        let assigned = Assignor::Uniform.assign(&subscribers, &topics);
        check(&subscribers, &topics, &assigned);
        for (from, theirs) in assigned.iter().enumerate() {
            for (to, other) in subscribers.iter().enumerate() {
                let could_move = theirs.by_topic().any(|(topic, _)| other.topics.contains(&topic));
                assert!(!could_move || theirs.len() <= assigned[to].len() + 1, "{from} -> {to}");
            }
        }
        has = assigned;
    }
}
