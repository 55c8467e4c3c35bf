//! Producers with sequence numbers, and transactions, as Kafka's clients expect them.

use std::sync::Weak;

use super::*;
use crate::{
    Aborted, CommitId, CommittedOffset, Isolation, Listener, Marker, MemoryLog, Outcome, Producer,
};

/// A batch of one record for the first partition of `topic`, from a producer of transactions or not.
pub(super) fn produced(
    topic: &str,
    producer: Producer,
    sequence: i32,
    transactional: bool,
) -> Append {
    produced_at(at(topic, 0), producer, sequence, transactional)
}

/// The same for any partition.
pub(super) fn produced_at(
    partition: TopicPartition,
    producer: Producer,
    sequence: i32,
    transactional: bool,
) -> Append {
    let mut builder =
        Builder::new(Compression::None).producer(producer.id, producer.epoch, sequence);
    if transactional {
        builder = builder.transactional();
    }
    let value = format!("{} {sequence}", producer.id);
    builder.append(START_MS, Some(b"k"), Some(value.as_bytes()), &[]);
    Append { partition, batch: builder.build() }
}

pub(super) fn producer(id: i64, epoch: i16) -> Producer {
    Producer { id, epoch }
}

pub(super) fn marker(topic: &str, producer: Producer, outcome: Outcome) -> Marker {
    marker_at(at(topic, 0), producer, outcome)
}

pub(super) fn marker_at(partition: TopicPartition, producer: Producer, outcome: Outcome) -> Marker {
    Marker { partition, producer, outcome, coordinator_epoch: 0 }
}

pub(super) fn appends(appends: Vec<Append>) -> Commit {
    Commit { appends, ..Commit::default() }
}

pub(super) fn markers(markers: Vec<Marker>) -> Commit {
    Commit { markers, ..Commit::default() }
}

/// Commits and waits.
pub(super) fn durably(log: &dyn Log, commit: Commit) -> Vec<crate::Appended> {
    let committed = log.commit(commit).expect("committed");
    log.wait_durable(committed.id).expect("durable");
    committed.appended
}

/// What a read of committed records says, of each visibility.
fn seen(log: &dyn Log) -> [Vec<String>; 2] {
    [Visibility::Committed, Visibility::Durable].map(|visibility| {
        let rows = try_rows(log, &at("a", 0), visibility).expect("readable");
        rows.into_iter().filter_map(|row| row.value).collect()
    })
}

fn logs() -> [Box<dyn Log>; 3] {
    [
        Box::new(MemoryLog::new(Arc::new(FakeClock::new(START_MS)))),
        Box::new(Machine::new().open()),
        Box::new(Machine::flushing_at(1).open()),
    ]
}

#[test]
fn repeated_batches_are_answered_with_their_first_offsets() {
    for log in logs() {
        log.create_topic("a", &TopicConfig::default()).expect("created");
        for sequence in 0..6 {
            durably(&*log, appends(vec![produced("a", producer(7, 0), sequence, false)]));
        }
        for sequence in 1..6 {
            let again = produced("a", producer(7, 0), sequence, false);
            let new = append("a", 0, "k", "beside it");
            let answered = durably(&*log, appends(vec![again, new]));
            assert_eq!(answered[0].base_offset, Offset(i64::from(sequence)));
            assert_eq!((answered[0].is_duplicate, answered[1].is_duplicate), (true, false));
        }
        let alone = durably(&*log, appends(vec![produced("a", producer(7, 0), 5, false)]));
        assert!(alone[0].is_duplicate);
        let sixth = log.commit(appends(vec![produced("a", producer(7, 0), 0, false)]));
        assert!(
            matches!(sixth, Err(Error::OutOfOrderSequence { expected: 6, got: 0, .. })),
            "only the last five are remembered: {sixth:?}"
        );
        assert_eq!(log.offsets(&at("a", 0)).expect("there").end, Offset(11));
    }
}

#[test]
fn sequences_and_epochs_follow_kafkas_rules() {
    for log in logs() {
        log.create_topic("a", &TopicConfig::default()).expect("created");
        let commit = |producer, sequence| {
            log.commit(appends(vec![produced("a", producer, sequence, false)]))
        };
        commit(producer(1, 3), i32::MAX).expect("nothing known, so any number will do");
        commit(producer(1, 3), 0).expect("0 follows the greatest");
        let gap = commit(producer(1, 3), 2);
        assert!(matches!(gap, Err(Error::OutOfOrderSequence { expected: 1, got: 2, .. })));
        let fenced = commit(producer(1, 2), 1);
        let is_fenced = matches!(fenced, Err(Error::ProducerFenced { epoch: 2, current: 3, .. }));
        assert!(is_fenced, "{fenced:?}");
        let late = commit(producer(1, 4), 1);
        assert!(matches!(late, Err(Error::OutOfOrderSequence { expected: 0, got: 1, .. })));
        commit(producer(1, 4), 0).expect("a new epoch begins with 0");
        let together = |sequences: &[i32]| {
            let batches = sequences.iter().map(|s| produced("a", producer(2, 0), *s, false));
            log.commit(appends(batches.collect()))
        };
        assert!(together(&[0, 1, 3]).is_err(), "checked within one commit too");
        together(&[0, 1, 2]).expect("in order");
        let offsets = log.offsets(&at("a", 0)).expect("there");
        assert_eq!(offsets.end, Offset(6), "what was refused left no trace");
        let nameless = produced("a", producer(3, 0), -1, false);
        assert!(matches!(log.commit(appends(vec![nameless])), Err(Error::CorruptBatch { .. })));
    }
}

#[test]
fn only_committed_transactions_are_read() {
    for log in logs() {
        log.create_topic("a", &TopicConfig::default()).expect("created");
        let (first, second) = (producer(1, 0), producer(2, 0));
        durably(&*log, appends(vec![append("a", 0, "k", "before")]));
        durably(&*log, appends(vec![produced("a", first, 0, true)]));
        durably(&*log, appends(vec![append("a", 0, "k", "between")]));
        durably(&*log, appends(vec![produced("a", second, 0, true)]));
        assert_eq!(seen(&*log), [["before"], ["before"]]);
        let offsets = log.offsets(&at("a", 0)).expect("there");
        assert_eq!((offsets.stable, offsets.durable_end), (Offset(1), Offset(4)));
        let mixed = log.commit(appends(vec![produced("a", first, 1, false)]));
        assert!(matches!(mixed, Err(Error::InvalidTransaction { .. })));
        durably(&*log, markers(vec![marker("a", first, Outcome::Abort)]));
        assert_eq!(seen(&*log), [["before", "between"], ["before", "between"]]);
        durably(&*log, appends(vec![produced("a", first, 1, true)]));
        durably(&*log, markers(vec![marker("a", second, Outcome::Commit)]));
        let expected = ["before", "between", "2 0"];
        assert_eq!(seen(&*log), [expected, expected]);
        durably(&*log, markers(vec![marker("a", first, Outcome::Commit)]));
        assert_eq!(seen(&*log)[1].last().map(String::as_str), Some("1 1"));
        let end = log.offsets(&at("a", 0)).expect("there").end;
        let chunk = log.read(&at("a", 0), Offset(end.0 - 1), 1, Visibility::Durable);
        let chunk = chunk.expect("readable");
        assert_eq!((chunk.batches.len(), chunk.next), (0, end), "a marker is passed over");
    }
}

#[test]
fn markers_fence_and_are_fenced() {
    for log in logs() {
        log.create_topic("a", &TopicConfig::default()).expect("created");
        durably(&*log, appends(vec![produced("a", producer(1, 5), 0, true)]));
        let old = log.commit(markers(vec![marker("a", producer(1, 4), Outcome::Commit)]));
        assert!(matches!(old, Err(Error::ProducerFenced { current: 5, .. })));
        let decided =
            Marker { coordinator_epoch: 2, ..marker("a", producer(1, 6), Outcome::Abort) };
        durably(&*log, markers(vec![decided]));
        let zombie = log.commit(appends(vec![produced("a", producer(1, 5), 1, true)]));
        assert!(matches!(zombie, Err(Error::ProducerFenced { .. })));
        let older = log.commit(markers(vec![marker("a", producer(1, 6), Outcome::Commit)]));
        assert!(matches!(older, Err(Error::InvalidTransaction { .. })));
        durably(&*log, appends(vec![produced("a", producer(1, 6), 0, true)]));
        let nowhere = markers(vec![marker("b", producer(1, 6), Outcome::Abort)]);
        assert!(matches!(log.commit(nowhere), Err(Error::UnknownPartition(_))));
        let bare = Builder::new(Compression::None).transactional();
        let mut bare = bare;
        bare.append(START_MS, Some(b"k"), None, &[]);
        let bare = Append { partition: at("a", 0), batch: bare.build() };
        assert!(matches!(log.commit(appends(vec![bare])), Err(Error::InvalidTransaction { .. })));
    }
}

#[test]
fn a_decision_counts_outside_when_it_is_on_stable_storage() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    durably(&log, appends(vec![produced("a", producer(1, 0), 0, true)]));
    let decided = log.commit(markers(vec![marker("a", producer(1, 0), Outcome::Commit)]));
    assert_eq!(seen(&log), [vec!["1 0".to_owned()], vec![]]);
    assert_eq!(log.offsets(&at("a", 0)).expect("there").stable, Offset(0));
    let lost = machine.after(Crash::LoseUnsynced).open();
    assert_eq!(seen(&lost), [Vec::<String>::new(), vec![]], "the marker is gone");
    durably(&lost, markers(vec![marker("a", producer(1, 0), Outcome::Abort)]));
    assert_eq!(seen(&lost), [Vec::<String>::new(), vec![]]);
    assert_eq!(lost.offsets(&at("a", 0)).expect("there").stable, Offset(2));
    drop(decided);
}

#[test]
fn a_fetch_shows_everything_and_names_what_was_aborted() {
    for machine in [Machine::new(), Machine::flushing_at(1)] {
        let log = machine.open();
        let config = TopicConfig { segment_bytes_max: 1024, ..TopicConfig::default() };
        log.create_topic("a", &config).expect("created");
        let (first, second) = (producer(1, 0), producer(2, 0));
        for round in 0..10 {
            durably(&log, appends(vec![produced("a", first, round, true)]));
            durably(&log, appends(vec![produced("a", second, round, true)]));
            let outcome = if round % 2 == 0 { Outcome::Abort } else { Outcome::Commit };
            durably(&log, markers(vec![marker("a", first, outcome)]));
            durably(&log, markers(vec![marker("a", second, Outcome::Commit)]));
        }
        durably(&log, appends(vec![produced("a", second, 10, true)]));
        let log = if log.metrics().values.iter().any(|r| r.name.contains("flushes") && r.value > 0)
        {
            drop(log);
            machine.after(Crash::LoseUnsynced).open()
        } else {
            log
        };
        let fetch = |from, bytes_max, isolation| {
            log.fetch(&at("a", 0), Offset(from), bytes_max, isolation).expect("fetched")
        };
        let all = fetch(0, usize::MAX, Isolation::ReadUncommitted);
        assert_eq!((all.batches.len(), all.aborted.len()), (41, 0));
        let stable = fetch(0, usize::MAX, Isolation::ReadCommitted);
        assert_eq!((stable.batches.len(), stable.offsets.stable), (40, Offset(40)));
        let aborted = |round: i64| Aborted { producer_id: 1, first_offset: Offset(round * 4) };
        assert_eq!(stable.aborted, [0, 2, 4, 6, 8].map(aborted));
        assert_eq!(fetch(9, 1, Isolation::ReadCommitted).aborted, [aborted(2)]);
        assert_eq!(fetch(12, 1, Isolation::ReadCommitted).aborted, []);
        assert_eq!(fetch(12, 1, Isolation::ReadCommitted).batches.len(), 1);
        assert_eq!(fetch(40, 1, Isolation::ReadCommitted).batches.len(), 0);
        assert_eq!(fetch(40, 1, Isolation::ReadUncommitted).batches.len(), 1);
    }
}

#[test]
fn segments_have_kafkas_index_of_aborted_transactions() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    let (first, second) = (producer(1, 0), producer(2, 0));
    let path = "a-0/00000000000000000000.txnindex";
    let entry = |fields: [i64; 4]| {
        let bytes = fields.iter().flat_map(|field| field.to_be_bytes());
        [0, 0].into_iter().chain(bytes).collect::<Vec<u8>>()
    };
    durably(&log, appends(vec![produced("a", first, 0, true)]));
    durably(&log, appends(vec![produced("a", second, 0, true)]));
    durably(&log, markers(vec![marker("a", second, Outcome::Commit)]));
    log.flush().expect("flushed");
    assert_eq!(machine.disk.contents(path), None, "nothing was aborted");
    durably(&log, appends(vec![produced("a", second, 1, true)]));
    durably(&log, markers(vec![marker("a", first, Outcome::Abort)]));
    log.flush().expect("flushed");
    assert_eq!(machine.disk.contents(path), Some(entry([1, 0, 4, 3])));
    let log = machine.after(Crash::LoseUnsynced);
    let (disk, log) = (log.disk.clone(), log.open());
    durably(&log, markers(vec![marker("a", second, Outcome::Abort)]));
    log.flush().expect("flushed");
    let both = [entry([1, 0, 4, 3]), entry([2, 3, 5, 6])].concat();
    assert_eq!(disk.contents(path), Some(both));
}

/// Commits a position of group `g` in topic `a` as part of `producer`'s transaction.
fn pending(producer: Producer, offset: i64, metadata: &str) -> Commit {
    let mut position = position("g", "a", 0, offset);
    position.metadata = metadata.into();
    position.leader_epoch = 4;
    let positions = vec![position];
    Commit { positions, transaction: Some(producer), ..Commit::default() }
}

#[test]
fn positions_move_when_their_transaction_commits() {
    for flush in [false, true] {
        let mut machine = Machine::new();
        let mut log = machine.open();
        log.create_topic("a", &TopicConfig::default()).expect("created");
        let offsets = log.offsets_partition("g");
        let end = |producer, outcome| {
            markers(vec![Marker {
                partition: offsets.clone(),
                producer,
                outcome,
                coordinator_epoch: 0,
            }])
        };
        let mut again = |log: EmbeddedLog| {
            if flush {
                log.flush().expect("flushed");
            }
            drop(log);
            machine = machine.after(Crash::LoseUnsynced);
            machine.open()
        };
        let first = producer(1, 0);
        durably(&log, pending(first, 10, "ten"));
        log = again(log);
        assert_eq!(log.position("g", &at("a", 0)), None);
        assert_eq!(log.pending_offsets("g"), [at("a", 0)]);
        durably(&log, end(first, Outcome::Commit));
        log = again(log);
        let committed = CommittedOffset {
            offset: Offset(10),
            leader_epoch: 4,
            metadata: "ten".into(),
            committed_ms: START_MS,
        };
        assert_eq!(log.group_offsets("g"), [(at("a", 0), committed)]);
        assert_eq!(log.pending_offsets("g"), []);
        durably(&log, pending(first, 20, ""));
        durably(&log, end(first, Outcome::Abort));
        assert_eq!(log.position("g", &at("a", 0)), Some(Offset(10)));
        durably(&log, pending(first, 30, ""));
        let newer = vec![position("g", "a", 0, 40)];
        durably(&log, Commit { positions: newer, ..Commit::default() });
        log = again(log);
        durably(&log, end(first, Outcome::Commit));
        assert_eq!(log.position("g", &at("a", 0)), Some(Offset(40)), "a newer one stays");
        durably(&log, end(producer(1, 1), Outcome::Abort));
        let fenced = log.commit(pending(first, 50, ""));
        assert!(matches!(fenced, Err(Error::ProducerFenced { .. })));
        log.delete_positions("g", &[at("a", 0), at("a", 1)]).expect("deleted");
        assert_eq!(log.group_offsets("g"), []);
    }
}

#[test]
fn producers_are_remembered_by_checkpoints_and_journals_and_forgotten_in_time() {
    for flush in [false, true] {
        let machine = Machine::new();
        let log = machine.open();
        log.create_topic("a", &TopicConfig::default()).expect("created");
        for sequence in 0..7 {
            durably(&log, appends(vec![produced("a", producer(1, 2), sequence, false)]));
        }
        durably(&log, appends(vec![produced("a", producer(2, 0), 0, true)]));
        if flush {
            log.flush().expect("flushed");
        }
        let before = log.producers(&at("a", 0)).expect("there");
        let machine = machine.after(Crash::LoseUnsynced);
        let log = machine.open();
        assert_eq!(log.producers(&at("a", 0)).expect("there"), before);
        assert_eq!((before[0].last_sequence, before[0].transaction_start), (6, None));
        assert_eq!(before[1].transaction_start, Some(Offset(7)));
        let again = durably(&log, appends(vec![produced("a", producer(1, 2), 3, false)]));
        assert!(again[0].is_duplicate);
        machine.clock.advance_ms(machine.config.producer_id_expiration_ms + 1);
        log.maintain().expect("maintained");
        let left = log.producers(&at("a", 0)).expect("there");
        assert_eq!(left, before[1..], "an open transaction keeps its producer");
    }
}

#[test]
fn a_wall_clock_that_jumps_makes_nobody_forgotten() {
    #[derive(Debug, Default)]
    struct Wall(std::sync::atomic::AtomicI64);
    impl types::seams::Clock for Wall {
        fn now_ms(&self) -> i64 {
            self.0.load(std::sync::atomic::Ordering::SeqCst)
        }
        fn monotonic(&self) -> std::time::Duration {
            std::time::Duration::ZERO
        }
    }
    let machine = Machine::new();
    let clock = Arc::new(Wall::default());
    let directory = Arc::new(machine.disk.clone());
    let log = EmbeddedLog::open(directory, clock.clone(), machine.config.clone());
    let log = log.expect("opens");
    let config = TopicConfig { retention_ms: None, ..TopicConfig::default() };
    log.create_topic("a", &config).expect("created");
    durably(&log, appends(vec![produced("a", producer(1, 0), 0, false)]));
    clock.0.store(START_MS, std::sync::atomic::Ordering::SeqCst);
    log.maintain().expect("maintained");
    let again = durably(&log, appends(vec![produced("a", producer(1, 0), 0, false)]));
    assert!(again[0].is_duplicate);
}

#[test]
fn listeners_hear_of_stable_storage_and_of_the_end() {
    #[derive(Default)]
    struct Heard(std::sync::Mutex<(Vec<CommitId>, Vec<String>)>);
    impl Listener for Heard {
        fn grown(&self, _partitions: &[TopicPartition], _visibility: Visibility) {}
        fn durable(&self, commit: CommitId) {
            self.0.lock().expect("not poisoned").0.push(commit);
        }
        fn poisoned(&self, reason: &str) {
            self.0.lock().expect("not poisoned").1.push(reason.to_owned());
        }
    }
    let machine = Machine::new();
    let log = machine.open();
    let heard = Arc::new(Heard::default());
    let weak: Weak<dyn Listener> = Arc::downgrade(&(heard.clone() as Arc<dyn Listener>));
    log.subscribe(weak);
    log.create_topic("a", &TopicConfig::default()).expect("created");
    let commit = log.commit(appends(vec![append("a", 0, "k", "v")])).expect("committed").id;
    assert_eq!(log.last_commit(), commit);
    assert!(log.durable_commit() < commit);
    log.wait_durable(commit).expect("durable");
    assert_eq!(log.durable_commit(), commit);
    log.commit(appends(vec![append("a", 0, "k", "v")])).expect("committed");
    machine.disk.fail_syncs(1);
    assert!(log.sync().is_err());
    assert!(log.sync().is_err());
    let (durable, poisoned) = heard.0.lock().expect("not poisoned").clone();
    assert_eq!(durable.last(), Some(&commit));
    assert_eq!(poisoned.len(), 1, "told once: {poisoned:?}");
}
