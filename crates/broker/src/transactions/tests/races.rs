//! Batches against the end of their transaction, on real threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use commitlog::{Append, Commit, EmbeddedLog, Log as _, Outcome, Producer, TopicConfig};
use kafka_protocol::ResponseError;
use records::{Builder, Compression};
use testkit::clock::FakeClock;
use testkit::disk::FakeDirectory;
use types::TopicPartition;
use types::seams::Clock;

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

fn batch(producer: Producer) -> Append {
    let mut builder =
        Builder::new(Compression::None).producer(producer.id, producer.epoch, -1).transactional();
    builder.append(START_MS, None, Some(b"x"), &[]);
    Append { partition: at(), batch: builder.build() }
}

/// Writes one batch if the transaction is open; says whether it was.
fn write(coordinator: &Coordinator, log: &EmbeddedLog, producer: Producer) -> bool {
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
        appends.push(batch(producer));
        let commit = Commit { appends, ..Commit::default() };
        Some(log.commit(commit).expect("the disk is sound").id)
    });
    written.expect("the owner writes").is_some()
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
    let (is_over, written) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    if write(&coordinator, &log, producer) {
                        written.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        for round in 0..ROUNDS {
            let version = TransactionVersion::V1;
            let outcome = if round % 2 == 0 { Outcome::Commit } else { Outcome::Abort };
            coordinator.extend(ID, producer, &[at()]).expect("it is the owner");
            coordinator.end(ID, producer, outcome, version).expect("it is open");
            let open = log.producers(&at()).expect("it exists");
            let starts: Vec<_> = open.iter().filter_map(|state| state.transaction_start).collect();
            assert_eq!(starts, [], "round {round}");
        }
        is_over.store(true, Ordering::Relaxed);
    });
    log.sync().expect("the disk is sound");
    let offsets = log.offsets(&at()).expect("it exists");
    assert_eq!(offsets.stable, offsets.end);
    assert!(offsets.end.0 >= (ROUNDS + written.into_inner()) as i64);
}
