//! Only the latest record of each key stays.

use std::collections::BTreeMap;

use super::transactions::{appends, durably, marker, markers, produced, producer};
use super::*;
use crate::{Isolation, Outcome};

fn compacted() -> TopicConfig {
    TopicConfig {
        min_cleanable_ratio: 0.01,
        segment_bytes_max: 2_048,
        delete_retention_ms: 10_000,
        ..TopicConfig::default().compacted()
    }
}

/// Many updates of few keys, some deletions, one record that fills the last segment.
fn fill(log: &EmbeddedLog, rounds: usize) {
    for number in 0..rounds {
        let value = format!("{number} {}", "x".repeat(60));
        let (first, second) = (format!("key {}", number % 5), format!("key {}", number % 3));
        let deleted = (number % 7 != 3).then_some(value.as_str());
        let rows = [(first.as_str(), Some(value.as_str())), (second.as_str(), deleted)];
        let append = Append { partition: at("a", 0), batch: batch(START_MS, &rows) };
        log.commit(Commit { appends: vec![append], ..Commit::default() }).expect("committed");
    }
    put(log, "a", "last", &"y".repeat(2_000));
}

/// Transactions of which every other is aborted, the last one too.
fn transact(log: &EmbeddedLog, count: i32) {
    for sequence in 0..count {
        let outcome = if sequence % 2 == 0 { Outcome::Abort } else { Outcome::Commit };
        durably(log, appends(vec![produced("a", producer(1, 0), sequence, true)]));
        put(log, "a", "k", "in between");
        durably(log, markers(vec![marker("a", producer(1, 0), outcome)]));
    }
}

/// The latest value of each key.
fn table(rows: &[Row]) -> BTreeMap<String, String> {
    let mut table = BTreeMap::new();
    for row in rows {
        match &row.value {
            Some(value) => table.insert(row.key.clone(), value.clone()),
            None => table.remove(&row.key),
        };
    }
    table
}

#[test]
fn the_latest_of_each_key_stays_with_its_offset() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &compacted()).expect("created");
    fill(&log, 100);
    let before = rows(&log, "a", 0);
    log.maintain().expect("maintained");
    let after = rows(&log, "a", 0);
    assert_eq!(table(&after), table(&before));
    assert!(after.len() < 40, "{}", after.len());
    assert!(after.iter().all(|row| before.contains(row)), "records are not changed");
    let offsets = log.offsets(&at("a", 0)).expect("there");
    assert_eq!((offsets.start, offsets.end), (Offset(0), Offset(201)));
    for offset in 0..201 {
        let read = log.read(&at("a", 0), Offset(offset), 1, Visibility::Durable).expect("read");
        let batch = Batches::new(&read.batches[0]).next().expect("one").expect("sound");
        assert!((batch.base_offset()..=batch.last_offset()).contains(&offset), "{offset}");
    }
    let reopened = machine.after(Crash::LoseUnsynced).open();
    assert_eq!(rows(&reopened, "a", 0), after);
    fill(&reopened, 50);
    reopened.maintain().expect("maintained");
    let again = rows(&reopened, "a", 0);
    assert!(again.len() < 80, "{}", again.len());
    assert!(machine.disk.files().iter().all(|path| !path.ends_with(".cleaned")));
}

#[test]
fn tombstones_stay_for_their_time() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &compacted()).expect("created");
    for key in ["gone", "kept"] {
        put(&log, "a", key, &"x".repeat(1_000));
    }
    let tombstone = batch(START_MS, &[("gone", None)]);
    let append = Append { partition: at("a", 0), batch: tombstone };
    log.commit(Commit { appends: vec![append], ..Commit::default() }).expect("committed");
    put(&log, "a", "z", &"x".repeat(1_900));
    let keys = |log: &EmbeddedLog| -> Vec<String> {
        rows(log, "a", 0).into_iter().map(|row| row.key).collect()
    };
    log.maintain().expect("maintained");
    assert_eq!(keys(&log), ["kept", "gone", "z"]);
    machine.clock.advance_ms(9_000);
    put(&log, "a", "z", &"x".repeat(1_900));
    log.maintain().expect("maintained");
    assert_eq!(keys(&log), ["kept", "gone", "z", "z"], "the last segment is not compacted");
    machine.clock.advance_ms(2_000);
    put(&log, "a", "z", &"x".repeat(1_900));
    log.maintain().expect("maintained");
    assert_eq!(keys(&log), ["kept", "z", "z"]);
}

#[test]
fn young_segments_and_few_keys_at_a_time() {
    let mut machine = Machine::new();
    machine.config.compaction_keys_max = 2;
    let log = machine.open();
    let config = TopicConfig { compaction_lag_ms_min: 5_000, ..compacted() };
    log.create_topic("a", &config).expect("created");
    fill(&log, 60);
    let before = rows(&log, "a", 0);
    log.maintain().expect("maintained");
    assert_eq!(rows(&log, "a", 0), before, "too young");
    machine.clock.advance_ms(6_000);
    for _ in 0..200 {
        log.maintain().expect("maintained");
        assert_eq!(table(&rows(&log, "a", 0)), table(&before));
    }
    assert!(rows(&log, "a", 0).len() < 80, "{}", rows(&log, "a", 0).len());
}

#[test]
fn a_crash_anywhere_in_it_is_harmless() {
    let mut operation = 1;
    loop {
        let machine = Machine::new();
        let log = machine.open();
        log.create_topic("a", &compacted()).expect("created");
        transact(&log, 5);
        fill(&log, 40);
        log.flush().expect("flushed");
        let before = table(&rows(&log, "a", 0));
        let producers = log.producers(&at("a", 0)).expect("there");
        machine.disk.crash_at(machine.disk.operations() + operation);
        let maintained = log.maintain();
        for crash in [Crash::Process, Crash::LoseUnsynced, Crash::TearUnsynced { seed: operation }]
        {
            let reopened = machine.after(crash).open();
            assert_eq!(table(&rows(&reopened, "a", 0)), before, "{operation} {crash:?}");
            reopened.maintain().expect("maintained");
            assert_eq!(table(&rows(&reopened, "a", 0)), before, "{operation} {crash:?}");
            assert!(rows(&reopened, "a", 0).len() < 40);
            assert_eq!(reopened.producers(&at("a", 0)).expect("there"), producers);
        }
        if maintained.is_ok() {
            break;
        }
        operation += 1;
    }
    assert!(operation > 20, "{operation}");
}

/// Control batches, and batches without records that have a producer.
fn control_and_empty(log: &EmbeddedLog) -> (usize, usize) {
    let fetched = log.fetch(&at("a", 0), Offset(0), usize::MAX, Isolation::ReadUncommitted);
    let fetched = fetched.expect("fetched");
    let batches: Vec<_> = fetched.batches.iter().flat_map(Batches::new).flatten().collect();
    let mut next = 0;
    for batch in &batches {
        assert_eq!(batch.base_offset(), next, "no gaps");
        next = batch.last_offset() + 1;
    }
    let empty = batches.iter().filter(|batch| batch.is_empty() && batch.producer_id() >= 0);
    (batches.iter().filter(|batch| batch.is_control()).count(), empty.count())
}

#[test]
fn transactions_are_compacted_and_aborted_ones_go() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &compacted()).expect("created");
    let (first, second) = (producer(1, 0), producer(2, 0));
    let transaction = |producer, sequence, outcome| {
        durably(&log, appends(vec![produced("a", producer, sequence, true)]));
        durably(&log, markers(vec![marker("a", producer, outcome)]));
    };
    transaction(first, 0, Outcome::Commit);
    transaction(first, 1, Outcome::Commit);
    transaction(second, 0, Outcome::Abort);
    let fill = || put(&log, "a", "z", &"x".repeat(1_900));
    fill();
    fill();
    log.maintain().expect("maintained");
    let values = |log: &EmbeddedLog| -> Vec<String> {
        let rows = rows(log, "a", 0).into_iter();
        rows.filter(|row| row.key == "k").filter_map(|row| row.value).collect()
    };
    assert_eq!(values(&log), ["1 1"], "the aborted record has superseded nothing");
    assert_eq!(control_and_empty(&log), (3, 1), "an empty batch holds the sequence number");
    let aborted = |log: &EmbeddedLog| {
        let fetched = log.fetch(&at("a", 0), Offset(0), usize::MAX, Isolation::ReadCommitted);
        fetched.expect("fetched").aborted.len()
    };
    assert_eq!(aborted(&log), 0, "nothing is left of it");
    let states = log.producers(&at("a", 0)).expect("there");
    assert_eq!(states.iter().map(|state| state.last_sequence).collect::<Vec<_>>(), [1, 0]);
    machine.clock.advance_ms(10_001);
    fill();
    fill();
    log.maintain().expect("maintained");
    assert_eq!(control_and_empty(&log), (1, 1), "one marker still has a record");
    assert_eq!(values(&log), ["1 1"]);
    let log = machine.after(Crash::LoseUnsynced).open();
    assert_eq!(values(&log), ["1 1"]);
    durably(&log, appends(vec![produced("a", second, 1, true)]));
    assert!(durably(&log, appends(vec![produced("a", first, 1, true)]))[0].is_duplicate);
}

#[test]
fn nothing_behind_an_open_transaction_is_compacted() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &compacted()).expect("created");
    for _ in 0..3 {
        put(&log, "a", "k", &"x".repeat(1_900));
    }
    durably(&log, appends(vec![produced("a", producer(1, 0), 0, true)]));
    for _ in 0..3 {
        put(&log, "a", "k", &"y".repeat(1_900));
    }
    log.maintain().expect("maintained");
    let offsets = log.offsets(&at("a", 0)).expect("there");
    assert_eq!((offsets.stable, offsets.end), (Offset(3), Offset(7)));
    assert_eq!(rows(&log, "a", 0).len(), 2, "the third shares a segment with the transaction");
    durably(&log, markers(vec![marker("a", producer(1, 0), Outcome::Abort)]));
    put(&log, "a", "z", &"z".repeat(1_900));
    log.maintain().expect("maintained");
    let keys: Vec<String> = rows(&log, "a", 0).into_iter().map(|row| row.key).collect();
    assert_eq!(keys, ["k", "z"]);
}

#[test]
fn old_records_are_compacted_however_few_are_dirty() {
    let machine = Machine::new();
    let log = machine.open();
    let config = TopicConfig {
        min_cleanable_ratio: 0.99,
        compaction_lag_ms_max: Some(5_000),
        ..compacted()
    };
    log.create_topic("a", &config).expect("created");
    let fill = |key| put(&log, "a", key, &"x".repeat(1_900));
    fill("k");
    fill("z");
    log.maintain().expect("maintained");
    fill("k");
    fill("z");
    log.maintain().expect("maintained");
    assert_eq!(rows(&log, "a", 0).len(), 4, "only a part is dirty");
    machine.clock.advance_ms(5_001);
    log.maintain().expect("maintained");
    assert_eq!(rows(&log, "a", 0).len(), 2, "the time of the last segment is over too");
}
