//! Batches against the end of their transaction, on real threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use commitlog::{Append, Commit, EmbeddedLog, Log as _, Outcome, Producer, TopicConfig};
use kafka_protocol::ResponseError;
use records::{Builder, Compression};
use testkit::clock::FakeClock;
use testkit::disk::FakeDirectory;
use types::seams::Clock;
use types::{Offset, TopicPartition};

use crate::Config;
use crate::tests::harness::START_MS;
use crate::transactions::coordinator::Coordinator;
use crate::transactions::transaction::TransactionVersion;
use crate::transactions::{Membership, Verified, Write};

const ROUNDS: usize = 300;
const WRITERS: usize = 3;
const ID: &str = "app";

fn at() -> TopicPartition {
    TopicPartition::new("t", 0)
}

fn batch(producer: Producer, sequence: i32) -> Append {
    let mut builder = Builder::new(Compression::None)
        .producer(producer.id, producer.epoch, sequence)
        .transactional();
    builder.append(START_MS, None, Some(b"x"), &[]);
    Append { partition: at(), batch: builder.build() }
}

/// Writes one batch if the transaction is open. `sequence` is only touched while nothing else happens
/// to the transaction, so the batches of all threads keep its order.
fn write(coordinator: &Coordinator, log: &EmbeddedLog, producer: Producer, sequence: &AtomicI32) {
    let write = Write {
        transactional_id: ID,
        producer,
        partitions: &[at()],
        membership: Membership::Declared(ResponseError::InvalidTxnState),
    };
    let written = coordinator.write_within(&write, |Verified { refused, mut appends }| {
        if !refused.is_empty() {
            return None;
        }
        appends.push(batch(producer, sequence.fetch_add(1, Ordering::Relaxed)));
        let commit = Commit { appends, ..Commit::default() };
        Some(log.commit(commit).expect("the disk is sound").id)
    });
    written.expect("the owner writes");
}

/// Where transactions are open in the partition.
fn open_transactions(log: &EmbeddedLog) -> Vec<Offset> {
    let producers = log.producers(&at()).expect("it exists");
    producers.iter().filter_map(|state| state.transaction_start).collect()
}

#[test]
fn no_batch_gets_behind_the_end_of_its_transaction() {
    let clock: Arc<dyn Clock> = Arc::new(FakeClock::new(START_MS));
    let config = commitlog::Config { background: false, ..commitlog::Config::default() };
    let disk = Arc::new(FakeDirectory::new());
    let log = Arc::new(EmbeddedLog::open(disk, Arc::clone(&clock), config).expect("empty"));
    log.create_topic("t", &TopicConfig::default()).expect("a new topic");
    let coordinator = Coordinator::open(&log, &clock, &Config::default()).expect("empty");
    let producer = coordinator.initialise(ID, None, 60_000).expect("a new id").producer;
    let (is_over, sequence) = (AtomicBool::new(false), AtomicI32::new(0));
    let left_open = std::thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    write(&coordinator, &log, producer, &sequence);
                }
            });
        }
        let mut left_open = Vec::new();
        for round in 0..ROUNDS {
            let outcome = if round % 2 == 0 { Outcome::Commit } else { Outcome::Abort };
            let begun = coordinator.extend(ID, producer, &[at()]);
            let ended = coordinator.end(ID, producer, outcome, TransactionVersion::V1);
            left_open.extend(begun.and(ended).err().map(|error| (round, error.code())));
            left_open.extend(open_transactions(&log).into_iter().map(|_| (round, 0)));
        }
        is_over.store(true, Ordering::Relaxed);
        left_open
    });
    assert_eq!(left_open, [], "rounds whose end was not the end");
    log.sync().expect("the disk is sound");
    let offsets = log.offsets(&at()).expect("it exists");
    assert_eq!(offsets.stable, offsets.end);
    assert_eq!(offsets.end.0, ROUNDS as i64 + i64::from(sequence.into_inner()));
}
