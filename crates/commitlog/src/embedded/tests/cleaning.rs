//! Looks for something to compact, at moments of a clock that the test moves.

use super::*;

/// Compacted as soon as anything is dirty; segments end by time alone.
fn by_time() -> TopicConfig {
    TopicConfig {
        min_cleanable_ratio: 0.01,
        segment_ms_max: 10_000,
        ..TopicConfig::default().compacted()
    }
}

impl Machine {
    /// Commits a record that bears the clock's time.
    fn put_now(&self, log: &EmbeddedLog, key: &str, value: Option<&str>) {
        let batch = batch(types::seams::Clock::now_ms(&*self.clock), &[(key, value)]);
        let appends = vec![Append { partition: at("a", 0), batch }];
        let committed = log.commit(Commit { appends, ..Commit::default() }).expect("committed");
        log.wait_durable(committed.id).expect("durable");
    }
}

fn keys(log: &EmbeddedLog) -> Vec<String> {
    rows(log, "a", 0).into_iter().map(|row| row.key).collect()
}

#[test]
fn records_in_memory_are_compacted_when_their_segment_is_over() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &by_time()).expect("created");
    for key in ["k", "l", "k"] {
        machine.put_now(&log, key, Some("v"));
    }
    let before = machine.disk.operations();
    log.clean().expect("looked");
    machine.clock.advance_ms(10_000);
    log.clean().expect("looked");
    assert_eq!(keys(&log), ["k", "l", "k"], "the segment's time is not over");
    assert_eq!(machine.disk.operations(), before, "a look leaves the disk alone");
    machine.clock.advance_ms(1);
    log.clean().expect("compacted");
    assert_eq!(keys(&log), ["l", "k"]);
    let reopened = machine.after(Crash::LoseUnsynced).open();
    assert_eq!(keys(&reopened), ["l", "k"]);
}

#[test]
fn an_idle_log_is_left_alone() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &by_time()).expect("created");
    machine.put_now(&log, "k", Some("v"));
    machine.clock.advance_ms(10_001);
    log.clean().expect("compacted");
    let before = machine.disk.operations();
    for _ in 0..100 {
        machine.clock.advance_ms(15_000);
        log.clean().expect("looked");
    }
    assert_eq!(machine.disk.operations(), before);
    machine.put_now(&log, "k", Some("w"));
    machine.clock.advance_ms(10_001);
    log.clean().expect("compacted");
    assert_eq!(values(&log, "a", 0), ["w"]);
}

#[test]
fn what_is_compacted_is_not_written_to_again() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &by_time()).expect("created");
    for number in 0..5 {
        machine.put_now(&log, "k", Some(&number.to_string()));
        machine.clock.advance_ms(10_001);
        log.clean().expect("compacted");
    }
    let logs = machine.disk.files().into_iter().filter(|path| path.starts_with("a-0/"));
    let logs: Vec<String> = logs.filter(|path| path.ends_with(".log")).collect();
    assert_eq!(logs.len(), 1, "neighbours are merged: {logs:?}");
    machine.put_now(&log, "k", Some("5"));
    log.flush().expect("flushed");
    assert!(machine.disk.contents("a-0/00000000000000000005.log").is_some());
    assert_eq!(values(&log, "a", 0), ["4", "5"]);
}

#[test]
fn a_segment_that_fills_up_in_memory_is_written_and_compacted() {
    let machine = Machine::new();
    let log = machine.open();
    let config = TopicConfig { segment_bytes_max: 1_024, ..by_time() };
    log.create_topic("a", &config).expect("created");
    for number in 0..8 {
        machine.put_now(&log, "k", Some(&format!("{number} {}", "x".repeat(200))));
    }
    log.clean().expect("compacted");
    let kept = values(&log, "a", 0);
    assert!(kept.len() < 8 && kept.last().is_some_and(|last| last.starts_with('7')), "{kept:?}");
}

#[test]
fn the_least_lag_is_waited_for() {
    let machine = Machine::new();
    let log = machine.open();
    let config = TopicConfig { compaction_lag_ms_min: 60_000, ..by_time() };
    log.create_topic("a", &config).expect("created");
    machine.put_now(&log, "k", Some("v"));
    machine.put_now(&log, "k", Some("w"));
    machine.clock.advance_ms(59_999);
    log.clean().expect("looked");
    assert_eq!(values(&log, "a", 0), ["v", "w"]);
    machine.clock.advance_ms(2);
    log.clean().expect("compacted");
    assert_eq!(values(&log, "a", 0), ["w"]);
}

#[test]
fn the_greatest_lag_is_kept_without_further_records() {
    let machine = Machine::new();
    let log = machine.open();
    let config = TopicConfig {
        min_cleanable_ratio: 1.0,
        compaction_lag_ms_max: Some(30_000),
        segment_ms_max: i64::MAX,
        ..by_time()
    };
    log.create_topic("a", &config).expect("created");
    machine.put_now(&log, "k", Some("v"));
    machine.put_now(&log, "k", Some("w"));
    machine.clock.advance_ms(30_000);
    log.clean().expect("looked");
    assert_eq!(values(&log, "a", 0), ["v", "w"]);
    machine.clock.advance_ms(1);
    log.clean().expect("compacted");
    assert_eq!(values(&log, "a", 0), ["w"]);
}

#[test]
fn a_look_goes_on_until_all_keys_are_seen() {
    let mut machine = Machine::new();
    machine.config.compaction_keys_max = 2;
    let log = machine.open();
    log.create_topic("a", &by_time()).expect("created");
    for _ in 0..3 {
        for key in ["a", "b", "c", "d", "e"] {
            machine.put_now(&log, key, Some("v"));
        }
    }
    machine.clock.advance_ms(10_001);
    log.clean().expect("compacted");
    assert_eq!(keys(&log), ["a", "b", "c", "d", "e"]);
}

#[test]
fn how_a_topic_is_kept_by_now_counts() {
    let machine = Machine::new();
    let log = machine.open();
    for topic in ["a", "b", "c"] {
        let config = TopicConfig { compact: topic != "c", ..by_time() };
        log.create_topic(topic, &config).expect("created");
        put(&log, topic, "k", "v");
        put(&log, topic, "k", "w");
    }
    log.flush().expect("flushed");
    machine.clock.advance_ms(10_001);
    log.alter_topic("a", &TopicConfig { compact: false, ..by_time() }).expect("altered");
    log.alter_topic("c", &by_time()).expect("altered");
    log.clean().expect("compacted");
    let kept = ["a", "b", "c"].map(|topic| rows(&log, topic, 0).len());
    assert_eq!(kept, [2, 1, 1]);
}

#[test]
fn a_damaged_partition_is_complained_about_once() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &by_time()).expect("created");
    log.create_topic("b", &by_time()).expect("created");
    for _ in 0..2 {
        machine.put_now(&log, "k", Some("v"));
        put(&log, "b", "k", "v");
    }
    log.flush().expect("flushed");
    machine.disk.flip_bit("a-0/00000000000000000000.log", 700).expect("there");
    let failures = |log: &EmbeddedLog| {
        let readings = log.metrics().values;
        let failures = readings.iter().find(|it| it.name == "tidemill_commitlog_failures_total");
        failures.expect("it is counted").value
    };
    machine.clock.advance_ms(10_001);
    for _ in 0..5 {
        machine.clock.advance_ms(15_000);
        machine.put_now(&log, "l", Some("v"));
        log.clean().expect("looked");
    }
    assert_eq!(failures(&log), 1);
    assert_eq!(rows(&log, "b", 0).len(), 1, "others are compacted");
}

#[test]
fn directories_of_deleted_topics_go_with_the_next_look() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    put(&log, "a", "k", "v");
    log.flush().expect("flushed");
    assert_eq!(values(&log, "a", 0), ["v"]);
    let open = machine.disk.open_files();
    log.delete_topic("a").expect("deleted");
    log.clean().expect("cleaned");
    assert!(machine.disk.files().iter().all(|path| !path.starts_with("a-0/")));
    assert!(machine.disk.open_files() < open, "no handle keeps their bytes on the disk");
}

#[test]
fn a_failed_compaction_leaves_no_files() {
    for room in (0..2_000).step_by(50) {
        let machine = Machine::new();
        let log = machine.open();
        log.create_topic("a", &by_time()).expect("created");
        for number in 0..10 {
            let value = format!("{number} {}", "x".repeat(100));
            machine.put_now(&log, &(number % 8).to_string(), Some(&value));
        }
        log.flush().expect("flushed");
        machine.clock.advance_ms(10_001);
        machine.disk.set_capacity(Some(machine.disk.used() + room));
        let refused = log.clean().is_err();
        machine.disk.set_capacity(None);
        // Another checkpoint in between, so that the names of the next attempt differ.
        put(&log, "a", "z", "z");
        log.flush().expect("flushed");
        log.clean().expect("compacted");
        assert_eq!(keys(&log).len(), 9);
        let left = machine.disk.files().into_iter().find(|path| path.ends_with(".cleaned"));
        assert_eq!(left, None, "{room}: {refused}");
    }
}

/// A log whose first segment is due, with a flush wanted as soon as compaction has begun.
fn about_to_be_interrupted() -> (Machine, EmbeddedLog) {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &by_time()).expect("created");
    machine.put_now(&log, "k", Some("first"));
    machine.put_now(&log, "k", Some("second"));
    log.flush().expect("flushed");
    machine.clock.advance_ms(10_001);
    log.core.progress.want_flush();
    (machine, log)
}

fn compact(log: &EmbeddedLog) -> Result<bool> {
    log.core.compact(&mut log.core.keeper())
}

#[test]
fn a_flush_in_the_middle_writes_behind_what_is_compacted() {
    let (machine, log) = about_to_be_interrupted();
    machine.put_now(&log, "k", Some("third"));
    assert!(!compact(&log).expect("compacted"), "all is done");
    assert_eq!(values(&log, "a", 0), ["second", "third"]);
    assert!(machine.disk.contents("a-0/00000000000000000002.log").is_some());
    let reopened = machine.after(Crash::LoseUnsynced).open();
    assert_eq!(values(&reopened, "a", 0), ["second", "third"]);
}

#[test]
fn a_crash_anywhere_in_an_interrupted_compaction_is_harmless() {
    let mut done = 0;
    for operation in 1..70 {
        let (machine, log) = about_to_be_interrupted();
        machine.put_now(&log, "k", Some("third"));
        machine.disk.crash_at(machine.disk.operations() + operation);
        let is_done = compact(&log).is_ok();
        done += u32::from(is_done);
        for crash in [Crash::Process, Crash::LoseUnsynced, Crash::TearUnsynced { seed: operation }]
        {
            let reopened = machine.after(crash).open();
            let kept = values(&reopened, "a", 0);
            let is_whole = kept == ["first", "second", "third"];
            assert!(kept == ["second", "third"] || (is_whole && !is_done), "{operation}: {kept:?}");
            reopened.clean().expect("compacted");
            assert_eq!(values(&reopened, "a", 0), ["second", "third"], "{operation} {crash:?}");
        }
    }
    assert!((10..60).contains(&done), "{done}");
}

#[test]
fn a_topic_deleted_in_the_middle_leaves_its_successor_alone() {
    let (machine, log) = about_to_be_interrupted();
    log.delete_topic("a").expect("deleted");
    log.create_topic("a", &by_time()).expect("created");
    machine.put_now(&log, "k", Some("other"));
    compact(&log).expect("passed over");
    assert_eq!(values(&log, "a", 0), ["other"]);
    let reopened = machine.after(Crash::LoseUnsynced).open();
    assert_eq!(values(&reopened, "a", 0), ["other"]);
}

#[test]
fn closing_ends_compaction() {
    let (_machine, log) = about_to_be_interrupted();
    log.core.progress.set_closing();
    assert!(matches!(compact(&log), Err(Error::Closed)));
    assert_eq!(values(&log, "a", 0), ["first", "second"]);
    log.close().expect("closed");
}
