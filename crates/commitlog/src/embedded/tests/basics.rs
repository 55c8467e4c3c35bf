//! What everyone relies on while nothing goes wrong.

use std::sync::{Mutex, Weak};

use bytes::BytesMut;

use super::*;
use crate::{Listener, MemoryLog};

/// What must hold for every log.
fn contract(log: &dyn Log) {
    log.create_topic("a", &TopicConfig::with_partitions(2)).expect("created");
    log.create_topic("b", &TopicConfig::default()).expect("created");
    let exists = log.create_topic("a", &TopicConfig::default());
    assert!(matches!(exists, Err(Error::TopicExists(_))));
    for name in ["", "..", "a/b", &"x".repeat(250)] {
        let refused = log.create_topic(name, &TopicConfig::default());
        assert!(matches!(refused, Err(Error::InvalidTopic { .. })), "{name}");
    }

    let two = batch(START_MS + 5, &[("k2", Some("v2")), ("k3", Some("v3"))]);
    let committed = log
        .commit(Commit {
            appends: vec![
                append("a", 1, "k1", "v1"),
                Append { partition: at("a", 1), batch: two },
                append("b", 0, "k4", "v4"),
            ],
            positions: vec![position("g", "a", 0, 17)],
            ..Commit::default()
        })
        .expect("committed");
    let bases: Vec<Offset> = committed.appended.iter().map(|one| one.base_offset).collect();
    assert_eq!(bases, [Offset(0), Offset(1), Offset(0)]);
    log.wait_durable(committed.id).expect("durable");
    assert_eq!(values(log, "a", 1), ["v1", "v2", "v3"]);
    assert_eq!(values(log, "b", 0), ["v4"]);
    assert_eq!(log.offsets(&at("a", 1)).expect("there").durable_end, Offset(3));

    assert_eq!(log.position("g", &at("a", 0)), Some(Offset(17)));
    assert_eq!(log.positions("g"), [(at("a", 0), Offset(17))]);
    assert_eq!(log.groups(), ["g"]);

    let find =
        |ms| log.offset_for_timestamp(&at("a", 1), ms).expect("searched").map(|found| found.offset);
    assert_eq!(find(0), Some(Offset(0)));
    assert_eq!(find(START_MS + 1), Some(Offset(1)));
    assert_eq!(find(START_MS + 6), None);

    refusals(log);
    timestamps(log);
    log.delete_group("g").expect("deleted");
    assert_eq!(log.position("g", &at("a", 0)), None);
    log.delete_topic("a").expect("deleted");
    assert!(matches!(log.delete_topic("a"), Err(Error::UnknownPartition(_))));
    assert!(log.topic("a").is_none());
    log.create_topic("a", &TopicConfig::default()).expect("the name is free again");
    assert_eq!(rows(log, "a", 0), []);
}

/// What counts is the records' own timestamps, and those only that they have.
fn timestamps(log: &dyn Log) {
    let config = TopicConfig {
        message_timestamp_before_max_ms: Some(1_000),
        message_timestamp_after_max_ms: Some(1_000),
        ..TopicConfig::default()
    };
    log.create_topic("times", &config).expect("created");
    let commit = |batch: Bytes| {
        let appends = vec![Append { partition: at("times", 0), batch }];
        log.commit(Commit { appends, ..Commit::default() })
    };
    let mut boastful = BytesMut::from(&batch(START_MS, &[("k", Some("v"))])[..]);
    records::set_max_timestamp(&mut boastful, i64::MAX);
    commit(boastful.freeze()).expect("committed");
    commit(batch(records::NO_TIMESTAMP_MS, &[("k", Some("v"))])).expect("committed");
    for (timestamp_ms, rows) in [(START_MS - 9_000, 2), (START_MS + 9_000, 2), (-2, 1)] {
        let rows = &[("k", Some("v")); 2][..rows];
        let refused = commit(batch(timestamp_ms, rows));
        assert!(matches!(refused, Err(Error::InvalidTimestamp { .. })), "{timestamp_ms}");
    }
    let read = log.read(&at("times", 0), Offset(0), 1_000, Visibility::Committed).expect("read");
    let batches = read.batches.iter().flat_map(Batches::new);
    let newest: Vec<i64> = batches.map(|batch| batch.expect("sound").max_timestamp_ms()).collect();
    assert_eq!(newest, [START_MS, records::NO_TIMESTAMP_MS]);
    log.delete_topic("times").expect("deleted");
}

fn refusals(log: &dyn Log) {
    let outside = log.read(&at("a", 1), Offset(4), 100, Visibility::Durable);
    assert!(matches!(outside, Err(Error::OffsetOutOfRange { .. })));
    let unknown = log.read(&at("a", 2), Offset(0), 100, Visibility::Durable);
    assert!(matches!(unknown, Err(Error::UnknownPartition(_))));
    let good = append("a", 1, "k", "v");
    let broken = |bytes: Vec<u8>| Append { partition: at("b", 0), batch: bytes.into() };
    let mut flipped = good.batch.to_vec();
    flipped[65] ^= 1;
    let mut long = good.batch.to_vec();
    long.push(0);
    for bad in [flipped, long, Vec::new()] {
        let commit = Commit { appends: vec![good.clone(), broken(bad)], ..Commit::default() };
        assert!(matches!(log.commit(commit), Err(Error::CorruptBatch { .. })));
    }
    let commit = Commit {
        appends: vec![good, append("nowhere", 0, "k", "v")],
        positions: vec![position("h", "b", 0, 1)],
        ..Commit::default()
    };
    assert!(matches!(log.commit(commit), Err(Error::UnknownPartition(_))));
    assert_eq!(values(log, "a", 1).len(), 3, "a refused commit leaves no trace");
    assert_eq!(log.position("h", &at("b", 0)), None);
}

#[test]
fn the_log_in_memory_keeps_the_contract() {
    contract(&MemoryLog::new(Arc::new(FakeClock::new(START_MS))));
}

#[test]
fn the_embedded_log_keeps_the_contract() {
    contract(&Machine::new().open());
    contract(&Machine::flushing_at(1).open());
}

#[test]
fn records_are_committed_at_once_and_durable_after_the_sync() {
    #[derive(Default)]
    struct Told(Mutex<Vec<(TopicPartition, Visibility)>>);
    impl Listener for Told {
        fn grown(&self, partitions: &[TopicPartition], visibility: Visibility) {
            let mut told = self.0.lock().expect("not poisoned");
            told.extend(partitions.iter().map(|at| (at.clone(), visibility)));
        }
    }
    let log = Machine::new().open();
    let told = Arc::new(Told::default());
    let weak: Weak<dyn Listener> = Arc::downgrade(&(told.clone() as Arc<dyn Listener>));
    log.subscribe(weak);
    log.create_topic("a", &TopicConfig::default()).expect("created");
    let commit = Commit { appends: vec![append("a", 0, "k", "v")], ..Commit::default() };
    let committed = log.commit(commit).expect("committed");
    let seen = |visibility| try_rows(&log, &at("a", 0), visibility).expect("readable").len();
    assert_eq!((seen(Visibility::Committed), seen(Visibility::Durable)), (1, 0));
    log.wait_durable(committed.id).expect("durable");
    assert_eq!(seen(Visibility::Durable), 1);
    let told = told.0.lock().expect("not poisoned").clone();
    assert_eq!(told, [(at("a", 0), Visibility::Committed), (at("a", 0), Visibility::Durable)]);
}

#[test]
fn everything_is_there_after_a_clean_close_and_after_a_kill() {
    let machine = Machine::flushing_at(2_000);
    let log = machine.open();
    let config = TopicConfig { segment_bytes_max: 1024, ..TopicConfig::default() };
    log.create_topic("a", &config).expect("created");
    for number in 0..60 {
        put(&log, "a", "k", &format!("value {number}"));
    }
    let all = rows(&log, "a", 0);
    assert_eq!(all.len(), 60);
    let killed = machine.after(Crash::Process).open();
    assert_eq!(rows(&killed, "a", 0), all);

    let machine = Machine { disk: machine.disk.restart(Crash::Process), ..machine };
    let log = machine.open();
    log.commit(Commit { positions: vec![position("g", "a", 0, 60)], ..Commit::default() })
        .expect("committed");
    log.close().expect("closed");
    assert_eq!(rows(&log, "a", 0), all, "reads go on");
    assert!(matches!(log.delete_group("g"), Err(Error::Closed)));
    let reopened = machine.after(Crash::LoseUnsynced).open();
    assert_eq!(rows(&reopened, "a", 0), all);
    assert_eq!(reopened.position("g", &at("a", 0)), Some(Offset(60)));
    assert_eq!(*reopened.topic("a").expect("there").config, config);
    assert!(machine.disk.files().iter().filter(|path| path.ends_with(".log")).count() > 4);
}

#[test]
fn every_offset_and_time_is_found_in_segments_and_handles_are_few() {
    let machine = Machine::new();
    let log = machine.open();
    let config = TopicConfig { segment_bytes_max: 40_000, ..TopicConfig::default() };
    log.create_topic("a", &config).expect("created");
    let value = "x".repeat(500);
    for number in 0..400 {
        let batch = batch(START_MS + number * 10, &[("k", Some(&value)), ("l", Some(&value))]);
        let appends = vec![Append { partition: at("a", 0), batch }];
        log.commit(Commit { appends, ..Commit::default() }).expect("committed");
        if number % 7 == 0 {
            log.flush().expect("flushed");
        }
    }
    let machine = machine.after(Crash::LoseUnsynced);
    drop(log);
    let log = machine.open();
    for offset in (0..log.offsets(&at("a", 0)).expect("there").end.0).rev() {
        let read = log.read(&at("a", 0), Offset(offset), 1, Visibility::Durable).expect("read");
        let batch = Batches::new(&read.batches[0]).next().expect("one").expect("sound");
        assert!((batch.base_offset()..=batch.last_offset()).contains(&offset));
        assert_eq!(read.batches.len(), 1);
    }
    for number in 1..390 {
        let ms = START_MS + number * 10;
        let find = |ms| offset_at(&log, ms).expect("searched");
        assert_eq!(find(ms), Some(Offset(number * 2)));
        assert_eq!(find(ms - 3), Some(Offset(number * 2)));
    }
    assert!(machine.disk.open_files() < 10, "{}", machine.disk.open_files());
    let readings = log.metrics().values;
    let damaged = readings.iter().find(|reading| reading.name.contains("damaged"));
    assert_eq!(damaged.map(|reading| reading.value), Some(0));
}

#[test]
fn append_time_is_stamped_when_the_topic_says_so() {
    let log = Machine::new().open();
    let config = TopicConfig {
        message_timestamp_type: TimestampType::LogAppendTime,
        ..TopicConfig::default()
    };
    log.create_topic("a", &config).expect("created");
    let appends = vec![Append { partition: at("a", 0), batch: batch(5, &[("k", Some("v"))]) }];
    log.commit(Commit { appends, ..Commit::default() }).expect("committed");
    let read = log.read(&at("a", 0), Offset(0), 1, Visibility::Committed).expect("read");
    let batch = Batches::new(&read.batches[0]).next().expect("one").expect("sound");
    assert_eq!(batch.max_timestamp_ms(), START_MS);
}

#[test]
fn positions_lie_in_the_offsets_topic() {
    let log = Machine::new().open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    let positions = vec![position("g", "a", 0, 1), position("h", "a", 0, 2)];
    log.commit(Commit { positions, ..Commit::default() }).expect("committed");
    log.delete_group("h").expect("deleted");
    let found = rows(&log, "__consumer_offsets", 0);
    let key = |group: &str| format!("\0\u{1}\0\u{1}{group}\0\u{1}a\0\0\0\0");
    let keys: Vec<_> = found.iter().map(|row| row.key.clone()).collect();
    assert_eq!(keys, [key("g"), key("h"), key("h")]);
    assert!(found[0].value.is_some() && found[2].value.is_none());
    assert!(matches!(log.delete_topic("__consumer_offsets"), Err(Error::InvalidTopic { .. })));
}
