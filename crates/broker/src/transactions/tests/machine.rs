//! What each request makes of a transactional id, without a broker.

use commitlog::{Outcome, Producer};
use kafka_protocol::ResponseError;
use types::TopicPartition;

use crate::transactions::State;
use crate::transactions::transaction::{StepResult, Transaction, TransactionVersion};

use TransactionVersion::{V1, V2};

const NOW_MS: i64 = 1_000;
const TIMEOUT_MS: i32 = 500;
const EPOCH_LAST: i16 = i16::MAX - 1;

fn producer(id: i64, epoch: i16) -> Producer {
    Producer { id, epoch }
}

fn at(partition: i32) -> TopicPartition {
    TopicPartition::new("t", partition)
}

/// The state behind a step that must be one.
fn next(outcome: StepResult) -> Transaction {
    outcome.expect("accepted").expect("a step").next
}

/// An id whose owner is producer 7 at `epoch`.
fn owned(epoch: i16) -> Transaction {
    let mut transaction = next(Transaction::new(7).initialised(None, TIMEOUT_MS, None, 0));
    transaction.producer.epoch = epoch;
    transaction
}

/// The same with an open transaction in two partitions.
fn open(epoch: i16, version: TransactionVersion) -> Transaction {
    next(owned(epoch).extended(producer(7, epoch), &[at(0), at(1)], version, 100))
}

#[test]
fn a_new_id_starts_at_epoch_0_whatever_the_client_believes() {
    let fresh = Transaction::new(7);
    for expected in [None, Some(producer(3, 9))] {
        let transaction = next(fresh.initialised(expected, TIMEOUT_MS, None, NOW_MS));
        assert_eq!(transaction.producer, producer(7, 0));
        assert_eq!((transaction.state, transaction.timeout_ms), (State::Empty, TIMEOUT_MS));
    }
}

#[test]
fn initialising_again_fences_and_aborts() {
    let step = open(4, V1).initialised(None, TIMEOUT_MS, None, NOW_MS).unwrap().unwrap();
    assert_eq!(step.next.producer, producer(7, 5));
    assert_eq!(step.next.state, State::Empty);
    assert!(step.next.partitions.is_empty());
    let marked: Vec<_> = step.markers.iter().map(|marker| marker.partition.clone()).collect();
    assert_eq!(marked, [at(0), at(1)]);
    for marker in &step.markers {
        assert_eq!((marker.producer, marker.outcome), (producer(7, 5), Outcome::Abort));
    }
    for version in [V1, V2] {
        let zombie = step.next.ended(producer(7, 4), Outcome::Commit, version, None, NOW_MS);
        assert_eq!(zombie, Err(ResponseError::ProducerFenced));
        let zombie = step.next.ended(producer(7, 4), Outcome::Abort, version, None, NOW_MS);
        assert_eq!(zombie, Err(ResponseError::ProducerFenced));
    }
    let zombie = step.next.extended(producer(7, 4), &[at(0)], V1, NOW_MS);
    assert_eq!(zombie, Err(ResponseError::ProducerFenced));
    let stranger = step.next.extended(producer(8, 5), &[at(0)], V1, NOW_MS);
    assert_eq!(stranger, Err(ResponseError::InvalidProducerIdMapping));
}

#[test]
fn an_owner_goes_on_after_an_error() {
    let transaction = owned(4);
    let raised = next(transaction.initialised(Some(producer(7, 4)), TIMEOUT_MS, None, NOW_MS));
    assert_eq!(raised.producer, producer(7, 5));
    // The same request again, its answer was lost.
    assert_eq!(raised.initialised(Some(producer(7, 4)), TIMEOUT_MS, None, NOW_MS), Ok(None));
    let fenced = Err(ResponseError::ProducerFenced);
    for stranger in [producer(7, 3), producer(7, 6), producer(8, 5)] {
        assert_eq!(raised.initialised(Some(stranger), TIMEOUT_MS, None, NOW_MS), fenced);
    }
    // Another one has taken over: the old owner learns that it lost.
    let taken = next(raised.initialised(None, TIMEOUT_MS, None, NOW_MS));
    assert_eq!(taken.initialised(Some(producer(7, 5)), TIMEOUT_MS, None, NOW_MS), fenced);
    // A late repetition does no harm to the transaction begun meanwhile.
    let begun = next(raised.extended(producer(7, 5), &[at(0)], V1, NOW_MS));
    assert_eq!(begun.initialised(Some(producer(7, 4)), TIMEOUT_MS, None, NOW_MS), fenced);
}

#[test]
fn epochs_that_are_used_up_lead_to_a_new_id() {
    let transaction = owned(EPOCH_LAST);
    assert!(transaction.is_exhausted() && !owned(EPOCH_LAST - 1).is_exhausted());
    let old = producer(7, EPOCH_LAST);
    let rotated = next(transaction.initialised(Some(old), TIMEOUT_MS, Some(8), NOW_MS));
    assert_eq!((rotated.producer, rotated.previous_id), (producer(8, 0), 7));
    assert_eq!(rotated.initialised(Some(old), TIMEOUT_MS, None, NOW_MS), Ok(None));
    let step = open(EPOCH_LAST, V1).initialised(None, TIMEOUT_MS, Some(8), NOW_MS);
    let step = step.unwrap().unwrap();
    assert_eq!(step.next.producer, producer(8, 0));
    assert_eq!(step.markers[0].producer, producer(7, i16::MAX));
}

#[test]
fn partitions_join_once() {
    let begun = open(0, V1);
    assert_eq!((begun.state, begun.start_ms), (State::Ongoing, 100));
    assert_eq!(begun.extended(producer(7, 0), &[at(1)], V1, NOW_MS), Ok(None));
    let more = next(begun.extended(producer(7, 0), &[at(1), at(2)], V1, NOW_MS));
    assert_eq!(more.partitions, [at(0), at(1), at(2)].into());
    assert_eq!((more.start_ms, more.updated_ms), (100, NOW_MS));
}

#[test]
fn version_1_keeps_the_epoch_and_repeats_harmlessly() {
    for (outcome, state) in
        [(Outcome::Commit, State::CompleteCommit), (Outcome::Abort, State::CompleteAbort)]
    {
        let owner = producer(7, 3);
        let step = open(3, V1).ended(owner, outcome, V1, None, NOW_MS).unwrap().unwrap();
        assert_eq!((step.next.state, step.next.producer), (state, owner));
        assert_eq!(step.markers.len(), 2);
        assert!(step.markers.iter().all(|marker| marker.producer == owner));
        assert_eq!(step.next.ended(owner, outcome, V1, None, NOW_MS), Ok(None));
        let other = match outcome {
            Outcome::Commit => Outcome::Abort,
            Outcome::Abort => Outcome::Commit,
        };
        let contradiction = step.next.ended(owner, other, V1, None, NOW_MS);
        assert_eq!(contradiction, Err(ResponseError::InvalidTxnState));
        let begun = next(step.next.extended(owner, &[at(5)], V1, NOW_MS));
        assert_eq!(begun.start_ms, NOW_MS);
    }
    let nothing = owned(3).ended(producer(7, 3), Outcome::Commit, V1, None, NOW_MS);
    assert_eq!(nothing, Err(ResponseError::InvalidTxnState));
}

#[test]
fn version_2_raises_the_epoch_with_every_end() {
    let owner = producer(7, 3);
    let step = open(3, V2).ended(owner, Outcome::Commit, V2, None, NOW_MS).unwrap().unwrap();
    assert_eq!(step.next.producer, producer(7, 4));
    assert!(step.markers.iter().all(|marker| marker.producer == producer(7, 4)));
    // The answer was lost: the same end again tells the new epoch, the other one is a mistake.
    assert_eq!(step.next.ended(owner, Outcome::Commit, V2, None, NOW_MS), Ok(None));
    let contradiction = step.next.ended(owner, Outcome::Abort, V2, None, NOW_MS);
    assert_eq!(contradiction, Err(ResponseError::InvalidTxnState));
    // At the new epoch it is the end of the next transaction: there is nothing to commit, but an abort
    // is always possible.
    let nothing = step.next.ended(producer(7, 4), Outcome::Commit, V2, None, NOW_MS);
    assert_eq!(nothing, Err(ResponseError::InvalidTxnState));
    let aborted = step.next.ended(producer(7, 4), Outcome::Abort, V2, None, NOW_MS);
    let aborted = aborted.unwrap().unwrap();
    assert_eq!((aborted.next.producer, aborted.markers.len()), (producer(7, 5), 0));
    let late = step.next.extended(owner, &[at(0)], V2, NOW_MS);
    assert_eq!(late, Err(ResponseError::ProducerFenced));
}

#[test]
fn version_2_goes_on_with_a_new_id_behind_the_last_epoch() {
    let owner = producer(7, EPOCH_LAST);
    let step = open(EPOCH_LAST, V2).ended(owner, Outcome::Commit, V2, Some(8), NOW_MS);
    let step = step.unwrap().unwrap();
    assert_eq!(step.next.producer, producer(8, 0));
    assert!(step.markers.iter().all(|marker| marker.producer == producer(7, i16::MAX)));
    assert_eq!(step.next.ended(owner, Outcome::Commit, V2, None, NOW_MS), Ok(None));
}

#[test]
fn what_takes_too_long_is_aborted() {
    let transaction = open(3, V2);
    assert_eq!(transaction.timeout_at_ms(), Some(100 + i64::from(TIMEOUT_MS)));
    assert_eq!(owned(3).timeout_at_ms(), None);
    let step = transaction.timed_out(None, NOW_MS);
    assert_eq!((step.next.state, step.next.producer), (State::CompleteAbort, producer(7, 4)));
    assert!(step.markers.iter().all(|marker| marker.producer == producer(7, 4)));
    let owner = producer(7, 3);
    let commit = step.next.ended(owner, Outcome::Commit, V2, None, NOW_MS);
    assert_eq!(commit, Err(ResponseError::InvalidTxnState));
    assert_eq!(step.next.ended(owner, Outcome::Abort, V2, None, NOW_MS), Ok(None));
    for outcome in [Outcome::Commit, Outcome::Abort] {
        let fenced = step.next.ended(owner, outcome, V1, None, NOW_MS);
        assert_eq!(fenced, Err(ResponseError::ProducerFenced));
    }
    let rotated = open(EPOCH_LAST, V1).timed_out(Some(8), NOW_MS);
    assert_eq!(rotated.next.producer, producer(8, 0));
}

#[test]
fn decisions_of_other_brokers_are_carried_out() {
    let mut decided = open(3, V1);
    decided.state = State::PrepareCommit;
    let step = decided.carried_out(NOW_MS).expect("a decision");
    assert_eq!((step.next.state, step.next.producer), (State::CompleteCommit, producer(7, 3)));
    assert!(step.markers.iter().all(|marker| marker.outcome == Outcome::Commit));
    decided.state = State::PrepareAbort;
    decided.next_id = 9;
    let step = decided.carried_out(NOW_MS).expect("a decision");
    assert_eq!((step.next.state, step.next.producer), (State::CompleteAbort, producer(9, 0)));
    assert_eq!(open(3, V1).carried_out(NOW_MS), None);
}
