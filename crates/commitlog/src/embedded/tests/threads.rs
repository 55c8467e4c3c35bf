//! The log with its own threads.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use records::ControlKind;

use super::transactions::{marker, producer};
use super::*;
use crate::{Isolation, Outcome};

fn background() -> Machine {
    let mut machine = Machine::flushing_at(20_000);
    machine.config.background = true;
    machine.config.retention_check_interval_ms = 5;
    machine.config.cleaner_backoff_ms = 2;
    machine
}

#[test]
fn many_writers_share_syncs_and_nothing_is_lost() {
    const WRITERS: usize = 4;
    const COMMITS: usize = 100;
    let machine = background();
    let log = machine.open();
    let config = TopicConfig { segment_bytes_max: 10_000, ..TopicConfig::with_partitions(4) };
    log.create_topic("a", &config).expect("created");
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let log = &log;
            scope.spawn(move || {
                for number in 0..COMMITS {
                    let value = format!("{number} {}", "x".repeat(200));
                    let appends = vec![append("a", writer as i32, "k", &value)];
                    let committed = log.commit(Commit { appends, ..Commit::default() });
                    let committed = committed.expect("committed");
                    assert_eq!(committed.appended[0].base_offset, Offset(number as i64));
                    log.wait_durable(committed.id).expect("durable");
                    let read = try_rows(log, &at("a", writer as i32), Visibility::Durable);
                    assert!(read.expect("readable").len() > number);
                }
            });
        }
    });
    let reopened = machine.after(Crash::LoseUnsynced).open();
    for writer in 0..WRITERS {
        assert_eq!(rows(&reopened, "a", writer as i32).len(), COMMITS);
    }
}

#[test]
fn a_failed_sync_wakes_everyone() {
    let machine = background();
    let log = machine.open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    machine.disk.fail_syncs(1_000);
    let commit = Commit { appends: vec![append("a", 0, "k", "v")], ..Commit::default() };
    let committed = log.commit(commit).expect("written");
    assert!(matches!(log.wait_durable(committed.id), Err(Error::Poisoned(_))));
}

#[test]
fn a_full_disk_does_not_hang_writers() {
    let machine = background();
    let log = machine.open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    machine.disk.set_capacity(Some(machine.disk.used() + 30_000));
    let value = "x".repeat(1_000);
    let commit = || Commit { appends: vec![append("a", 0, "k", &value)], ..Commit::default() };
    let refused = (0..100).filter(|_| log.commit(commit()).is_err()).count();
    assert!(refused > 0);
    machine.disk.set_capacity(None);
    let committed = log.commit(commit()).expect("there is room again");
    log.wait_durable(committed.id).expect("durable");
    assert_eq!(rows(&log, "a", 0).len(), 101 - refused);
}

/// Commits one value to both partitions and moves the writer's position, until the disk stops;
/// returns how many commits were acknowledged.
fn write_until_stopped(log: &EmbeddedLog, writer: usize) -> usize {
    let group = format!("writer {writer}");
    for number in 1..10_000 {
        let value = format!("{writer} {}", "x".repeat(number % 200));
        let commit = Commit {
            appends: vec![append("a", 0, "k", &value), append("a", 1, "k", &value)],
            positions: vec![position(&group, "a", 0, number as i64)],
            ..Commit::default()
        };
        let durable = log.commit(commit).and_then(|committed| match number % 3 {
            0 => log.wait_durable(committed.id),
            _ => Ok(()),
        });
        if durable.is_err() {
            return (number - 1) / 3 * 3;
        }
    }
    panic!("the disk has not stopped");
}

#[test]
fn commits_stay_whole_whenever_a_busy_log_stops() {
    const WRITERS: usize = 3;
    for run in 0..40_u64 {
        let machine = background();
        let log = machine.open();
        let config = TopicConfig {
            segment_bytes_max: 10_000,
            retention_ms: None,
            ..TopicConfig::with_partitions(2)
        };
        log.create_topic("a", &config).expect("created");
        machine.disk.crash_at(machine.disk.operations() + 20 + run * 37);
        let acknowledged: Vec<usize> = thread::scope(|scope| {
            let writer = |writer| {
                let log = &log;
                scope.spawn(move || write_until_stopped(log, writer))
            };
            let writers: Vec<_> = (0..WRITERS).map(writer).collect();
            writers.into_iter().map(|writer| writer.join().expect("no panic")).collect()
        });
        drop(log);
        let crashes = [Crash::Process, Crash::LoseUnsynced, Crash::TearUnsynced { seed: run }];
        for crash in crashes {
            let log = machine.after(crash).open();
            let found = values(&log, "a", 0);
            assert_eq!(found, values(&log, "a", 1), "{run} {crash:?}");
            for (writer, acknowledged) in acknowledged.iter().enumerate() {
                let name = format!("{writer} ");
                let count = found.iter().filter(|value| value.starts_with(&name)).count();
                let position = log.position(&format!("writer {writer}"), &at("a", 0));
                assert_eq!(position.unwrap_or_default().0, count as i64, "{run} {crash:?}");
                assert!(count >= *acknowledged, "{run} {crash:?}: {count} of {acknowledged}");
            }
        }
    }
}

/// What a client that reads committed records makes of a partition, fetch by fetch.
fn read_as_client(log: &EmbeddedLog) -> Vec<String> {
    let (mut values, mut next) = (Vec::new(), Offset(0));
    let mut aborting: BTreeSet<i64> = BTreeSet::new();
    loop {
        let fetched = log.fetch(&at("a", 0), next, 3_000, Isolation::ReadCommitted);
        let fetched = fetched.expect("fetched");
        if fetched.batches.is_empty() {
            return values;
        }
        let mut aborted = fetched.aborted.into_iter().peekable();
        for batch in fetched.batches.iter().flat_map(Batches::new) {
            let batch = batch.expect("sound");
            next = Offset(batch.last_offset() + 1);
            while let Some(range) = aborted.next_if(|it| it.first_offset.0 <= batch.last_offset()) {
                aborting.insert(range.producer_id);
            }
            match ControlKind::in_batch(&batch) {
                Some((ControlKind::Abort, _)) => drop(aborting.remove(&batch.producer_id())),
                Some((ControlKind::Commit, _)) => {}
                None if batch.is_transactional() && aborting.contains(&batch.producer_id()) => {}
                None => {
                    let records = batch.records().expect("sound");
                    let texts = records.iter().filter_map(|record| record.value);
                    values.extend(texts.map(|text| String::from_utf8_lossy(text).into_owned()));
                }
            }
        }
    }
}

/// One transaction of a few batches with `word` in its values.
fn transact(log: &EmbeddedLog, sequence: &mut i32, word: &str, outcome: Outcome) {
    for _ in 0..3 {
        let key = (*sequence % 5).to_string();
        let value = format!("{word} {sequence} {}", "x".repeat(90));
        let mut builder = Builder::new(Compression::None).producer(1, 0, *sequence).transactional();
        builder.append(START_MS, Some(key.as_bytes()), Some(value.as_bytes()), &[]);
        let appends = vec![Append { partition: at("a", 0), batch: builder.build() }];
        log.commit(Commit { appends, ..Commit::default() }).expect("committed");
        *sequence += 1;
    }
    let markers = vec![marker("a", producer(1, 0), outcome)];
    let decided = log.commit(Commit { markers, ..Commit::default() }).expect("committed");
    log.wait_durable(decided.id).expect("durable");
}

#[test]
fn nobody_reads_aborted_records_while_they_are_compacted() {
    let mut machine = background();
    machine.config.retention_check_interval_ms = 3;
    machine.config.cleaner_backoff_ms = 1;
    let log = machine.open();
    let config = TopicConfig {
        segment_bytes_max: 2_000,
        min_cleanable_ratio: 0.01,
        delete_retention_ms: 0,
        ..TopicConfig::default().compacted()
    };
    log.create_topic("a", &config).expect("created");
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut sequence = 0;
            for _ in 0..150 {
                transact(&log, &mut sequence, "good", Outcome::Commit);
                transact(&log, &mut sequence, "bad", Outcome::Abort);
            }
            is_over.store(true, Ordering::Relaxed);
        });
        while !is_over.load(Ordering::Relaxed) {
            let outside = read_as_client(&log);
            let inside = try_rows(&log, &at("a", 0), Visibility::Committed).expect("readable");
            let inside = inside.into_iter().filter_map(|row| row.value);
            let bad = outside.into_iter().chain(inside).find(|value| !value.starts_with("good"));
            assert_eq!(bad, None);
        }
    });
    log.maintain().expect("maintained");
    let latest: BTreeSet<String> = read_as_client(&log).into_iter().collect();
    let last = (0..897).rev().filter(|n| n / 3 % 2 == 0).map(|n| (n % 5, n));
    for (key, number) in last.take(3) {
        let is_there = latest.iter().any(|value| value.starts_with(&format!("good {number} ")));
        assert!(is_there, "the latest committed value of {key}");
    }
}
