//! Which sessions stay when there are too many.

use testkit::random::SeededRandom;

use super::super::target::TopicKey;
use super::*;

fn key(partition: i32) -> PartitionKey {
    PartitionKey { topic: TopicKey::Name("t".into()), partition }
}

const WANTED: Wanted = Wanted { offset: 0, bytes_max: 1, leader_epoch: -1 };

/// As many as there may be.
const SESSIONS_MAX: usize = 100;

fn session(partitions: i32) -> Session {
    let mut session = Session::default();
    (0..partitions).for_each(|partition| session.set(key(partition), WANTED));
    session
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn next(session_id: i32, epoch: i32) -> Changes {
    Changes { session_id, epoch, by_id: false, set: Vec::new(), forgotten: Vec::new() }
}

#[test]
fn idle_sessions_go_first_and_then_smaller_ones() {
    let (sessions, random) = (Sessions::default(), SeededRandom::new(1));
    let open = |partitions, seconds| {
        sessions
            .open(session(partitions), false, at(seconds), &random, SESSIONS_MAX)
            .map(|(id, _)| id)
    };
    let ids: Vec<i32> = (0..SESSIONS_MAX).map(|_| open(2, 0).unwrap()).collect();
    assert_eq!(open(9, 119), None, "everybody is safe for two minutes");
    for id in &ids[1..] {
        sessions.resume(next(*id, 1), at(60)).unwrap();
    }
    assert!(open(1, 130).is_some(), "the idle one goes");
    assert_eq!(
        sessions.resume(next(ids[0], 1), at(130)).unwrap_err(),
        ResponseError::FetchSessionIdNotFound
    );
    for id in &ids[1..] {
        sessions.resume(next(*id, 2), at(131)).unwrap();
    }
    assert_eq!(open(2, 140), None, "nobody is smaller");
    assert!(open(3, 140).is_some(), "a smaller one goes");
}

#[test]
fn all_sessions_together_hold_a_bounded_number_of_partitions() {
    let (sessions, random) = (Sessions::default(), SeededRandom::new(1));
    let half = PARTITIONS_MAX as i32 / 2;
    assert!(sessions.open(session(half), false, at(0), &random, SESSIONS_MAX).is_some());
    assert!(sessions.open(session(half), false, at(0), &random, SESSIONS_MAX).is_some());
    assert!(sessions.open(session(1), false, at(0), &random, SESSIONS_MAX).is_none());
}

#[test]
fn epochs_begin_anew_after_the_last() {
    let (sessions, random) = (Sessions::default(), SeededRandom::new(1));
    let (id, _) = sessions.open(session(1), false, at(0), &random, SESSIONS_MAX).unwrap();
    sessions.entries().get_mut(&id).unwrap().epoch = i32::MAX;
    sessions.resume(next(id, i32::MAX), at(0)).unwrap();
    sessions.resume(next(id, 1), at(0)).unwrap();
}

#[test]
fn a_session_that_grows_too_large_ends() {
    let (sessions, random) = (Sessions::default(), SeededRandom::new(2));
    let (id, _) = sessions.open(session(1), false, at(0), &random, SESSIONS_MAX).unwrap();
    let set = (0..=PARTITIONS_MAX as i32).map(|partition| (key(partition), WANTED)).collect();
    let grown = sessions.resume(Changes { set, ..next(id, EPOCH_FIRST) }, at(1));
    assert_eq!(grown.unwrap_err(), ResponseError::FetchSessionIdNotFound);
    assert!(sessions.resume(next(id, EPOCH_FIRST + 1), at(2)).is_err());
}
