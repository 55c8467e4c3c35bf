//! The broker ends in the middle of transactions, and another one goes on over the same disk.

use std::sync::Arc;
use std::time::Duration;

use commitlog::{Append, Commit, EmbeddedLog, Log as _, Producer};
use kafka_protocol::ResponseError;
use records::{Builder, Compression};
use testkit::clock::FakeClock;
use testkit::disk::Crash;
use types::seams::Clock;
use types::{Offset, TopicPartition};

use super::application::{
    Application, Speaks, TIMEOUT_MS, TOPIC, Version1, Version2, committed, harness,
};
use crate::Config;
use crate::tests::batches::fill;
use crate::tests::harness::{Harness, START_MS};
use crate::transactions::coordinator::Coordinator;
use crate::transactions::transaction::Transaction;
use crate::transactions::{State, topic};

const CRASHES: [Crash; 4] = [
    Crash::Process,
    Crash::LoseUnsynced,
    Crash::TearUnsynced { seed: 1 },
    Crash::TearUnsynced { seed: 2 },
];
/// How often the runtime's other tasks run before the broker dies: not at all, until somewhere in the
/// middle of a request, and until it waits for the disk.
const PATIENCES: [usize; 3] = [0, 6, 60];
const GROUP: &str = "group";
const STEPS: usize = 4;

/// One step of a transaction: two records, a position, the end.
async fn step(application: &mut Application, number: usize, speaks: Speaks) -> i16 {
    match number {
        0 | 1 => {
            let partition = number as i32;
            if speaks == Version1 && application.add(partition).await != 0 {
                return -1;
            }
            application.write(partition, "x").await
        }
        2 => {
            if speaks == Version1 && application.add_offsets(GROUP).await != 0 {
                return -1;
            }
            application.move_position(GROUP, 0, 5).await
        }
        _ => application.end(true).await,
    }
}

async fn yields(count: usize) {
    for _ in 0..count {
        tokio::task::yield_now().await;
    }
}

fn position(harness: &Harness) -> Option<Offset> {
    harness.broker.log.position(GROUP, &TopicPartition::new(TOPIC, 0))
}

/// Opens the log as `crash` would leave it and checks that every open transaction in it belongs to a
/// transactional id that knows of it.
fn check_no_strays(harness: &Harness, crash: Crash) {
    let clock: Arc<dyn Clock> = Arc::new(FakeClock::new(START_MS));
    let config = commitlog::Config { background: false, ..commitlog::Config::default() };
    let disk = Arc::new(harness.disk.restart(crash));
    let log = Arc::new(EmbeddedLog::open(disk, Arc::clone(&clock), config).expect("sound"));
    let coordinator = Coordinator::load(&log, &clock, &Config::default()).expect("readable");
    assert_eq!(coordinator.stray_markers().expect("readable"), []);
}

#[tokio::test(start_paused = true)]
async fn a_transaction_is_whole_or_nothing_wherever_the_broker_dies() {
    for speaks in [Version1, Version2] {
        let mut wholes = 0;
        for last in 0..STEPS {
            for patience in PATIENCES {
                for crash in CRASHES {
                    let is_whole = die_within(speaks, last, patience, crash).await;
                    assert!(!is_whole || last == STEPS - 1);
                    wholes += usize::from(is_whole);
                }
            }
        }
        let ends = PATIENCES.len() * CRASHES.len();
        assert!(0 < wholes && wholes < ends, "{wholes} of {ends} ends were in time for {speaks:?}");
    }
}

/// Says whether the transaction had ended.
async fn die_within(speaks: Speaks, last: usize, patience: usize, crash: Crash) -> bool {
    let context = format!("{speaks:?}, step {last}, patience {patience}, {crash:?}");
    let mut harness = harness();
    let mut application = Application::start(&harness, "app", speaks).await;
    for number in 0..last {
        assert_eq!(step(&mut application, number, speaks).await, 0, "{context}");
    }
    let answered = tokio::select! {
        biased;
        code = step(&mut application, last, speaks) => Some(code),
        () = yields(patience) => None,
    };
    assert!(answered.is_none_or(|code| code == 0), "{context}");
    check_no_strays(&harness, crash);
    harness.crash(crash);
    let mut next = Application::start(&harness, "app", speaks).await;
    let mut shown = Vec::new();
    for partition in 0..2 {
        let (values, waits) = committed(&harness, partition).await;
        assert!(!waits, "readers wait for nobody: {context}");
        shown.push(values.len());
    }
    let is_whole = shown == [1, 1] && position(&harness) == Some(Offset(5));
    let is_nothing = shown == [0, 0] && position(&harness).is_none();
    assert!(is_whole || is_nothing, "{shown:?}, {:?}: {context}", position(&harness));
    let has_ended = last == STEPS - 1 && answered.is_some();
    assert!(is_whole || !has_ended, "an acknowledged commit is lost: {context}");
    assert!(harness.broker.log.pending_offsets(GROUP).is_empty(), "{context}");
    next.send(2, "next").await;
    assert_eq!(next.end(true).await, 0, "{context}");
    assert_eq!(committed(&harness, 2).await, (vec!["next".to_owned()], false), "{context}");
    is_whole
}

#[tokio::test(start_paused = true)]
async fn an_application_goes_on_with_its_transaction() {
    for speaks in [Version1, Version2] {
        let mut harness = harness();
        let mut application = Application::start(&harness, "app", speaks).await;
        for number in 0..STEPS {
            harness.crash(Crash::LoseUnsynced);
            application.reconnect(&harness);
            assert_eq!(step(&mut application, number, speaks).await, 0, "{speaks:?} {number}");
        }
        harness.crash(Crash::LoseUnsynced);
        application.reconnect(&harness);
        assert_eq!(committed(&harness, 0).await, (vec!["x".to_owned()], false));
        assert_eq!(committed(&harness, 1).await, (vec!["x".to_owned()], false));
        assert_eq!(position(&harness), Some(Offset(5)));
        application.send(0, "y").await;
        assert_eq!(application.end(true).await, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_transaction_ends_after_the_restart() {
    let mut harness = harness();
    let mut application = Application::start(&harness, "app", Version2).await;
    application.send(0, "abandoned").await;
    assert_eq!(application.move_position(GROUP, 0, 5).await, 0);
    harness.crash(Crash::LoseUnsynced);
    assert_eq!(committed(&harness, 0).await, (vec![], true));
    tokio::time::sleep(Duration::from_millis(TIMEOUT_MS as u64 + 1_000)).await;
    assert_eq!(committed(&harness, 0).await, (vec![], false));
    assert!(harness.broker.log.pending_offsets(GROUP).is_empty());
    assert_eq!(position(&harness), None);
}

fn transactional_batch(producer: Producer) -> Append {
    let builder = Builder::new(Compression::None).producer(producer.id, producer.epoch, 0);
    let batch = fill(builder.transactional(), &["x"]);
    Append { partition: TopicPartition::new(TOPIC, 0), batch }
}

#[tokio::test(start_paused = true)]
async fn decisions_of_a_kafka_broker_are_carried_out() {
    for (state, expected, ended) in [
        (State::PrepareCommit, vec!["x".to_owned()], State::CompleteCommit),
        (State::PrepareAbort, vec![], State::CompleteAbort),
    ] {
        let mut harness = harness();
        // Its topic comes with the first transactional id.
        let _other = Application::start(&harness, "other", Version1).await;
        let producer = Producer { id: 4_000, epoch: 3 };
        let mut transaction = Transaction::new(producer.id);
        transaction.producer = producer;
        transaction.state = state;
        transaction.partitions.insert(TopicPartition::new(TOPIC, 0));
        let at = TopicPartition::new(topic::NAME, 0);
        let record = topic::append(at, "app", Some(&transaction), START_MS);
        let appends = vec![transactional_batch(producer), record];
        let committed_before = harness.broker.log.commit(Commit { appends, ..Commit::default() });
        harness.broker.durability.wait(committed_before.unwrap().id).await.unwrap();
        harness.crash(Crash::LoseUnsynced);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(committed(&harness, 0).await, (expected, false));
        assert_eq!(harness.broker.transactions.slots.find("app").expect("known").state, ended);
    }
}

#[tokio::test(start_paused = true)]
async fn transactions_of_nobody_are_aborted_at_the_start() {
    let mut harness = harness();
    let append = transactional_batch(Producer { id: 900, epoch: 0 });
    let commit = Commit { appends: vec![append], ..Commit::default() };
    let written = harness.broker.log.commit(commit).expect("the log asks no coordinator");
    harness.broker.durability.wait(written.id).await.unwrap();
    assert_eq!(committed(&harness, 0).await, (vec![], true));
    harness.crash(Crash::LoseUnsynced);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(committed(&harness, 0).await, (vec![], false));
}

#[tokio::test(start_paused = true)]
async fn without_its_topic_the_coordinator_starts_anew() {
    let mut harness = harness();
    let mut application = Application::start(&harness, "app", Version1).await;
    application.send(0, "lost").await;
    harness.broker.log.delete_topic(topic::NAME).expect("it exists");
    harness.crash(Crash::LoseUnsynced);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(committed(&harness, 0).await, (vec![], false));
    application.reconnect(&harness);
    assert_eq!(application.end(true).await, ResponseError::InvalidProducerIdMapping.code());
    let mut next = Application::start(&harness, "app", Version1).await;
    next.send(0, "next").await;
    // Also while it runs the topic may go; it comes back with the next change.
    harness.broker.log.delete_topic(topic::NAME).expect("it exists");
    assert_eq!(next.end(true).await, 0);
    assert_eq!(committed(&harness, 0).await, (vec!["next".to_owned()], false));
}
