//! Old and excess segments go.

use super::*;

fn filled(config: TopicConfig) -> (Machine, EmbeddedLog) {
    let machine = Machine::new();
    let log = machine.open();
    let config = TopicConfig { segment_bytes_max: 1024, ..config };
    log.create_topic("a", &config).expect("created");
    for number in 0..30 {
        let batch = batch(machine.clock_ms(), &[("k", Some(&"x".repeat(200)))]);
        let appends = vec![Append { partition: at("a", 0), batch }];
        log.commit(Commit { appends, ..Commit::default() }).expect("committed");
        machine.clock.advance_ms(1_000);
        if number % 4 == 0 {
            log.flush().expect("flushed");
        }
    }
    (machine, log)
}

impl Machine {
    fn clock_ms(&self) -> i64 {
        types::seams::Clock::now_ms(&*self.clock)
    }
}

fn start(log: &EmbeddedLog) -> i64 {
    log.offsets(&at("a", 0)).expect("there").start.0
}

#[test]
fn by_time() {
    let config = TopicConfig { retention_ms: Some(10_000), ..TopicConfig::default() };
    let (machine, log) = filled(config);
    log.maintain().expect("maintained");
    assert!((15..=20).contains(&start(&log)), "{}", start(&log));
    let gone = log.read(&at("a", 0), Offset(0), 1, Visibility::Durable);
    assert!(matches!(gone, Err(Error::OffsetOutOfRange { .. })));
    assert_eq!(rows(&log, "a", 0).len() as i64, 30 - start(&log));

    let reopened = machine.after(Crash::LoseUnsynced).open();
    assert_eq!(start(&reopened), start(&log));
    machine.clock.advance_ms(60_000);
    reopened.maintain().expect("maintained");
    assert_eq!((start(&reopened), rows(&reopened, "a", 0).len()), (30, 0), "the last goes too");
    put(&reopened, "a", "k", "v");
    assert_eq!(rows(&reopened, "a", 0)[0].offset, 30, "offsets are never used again");
}

#[test]
fn by_size() {
    let config = TopicConfig { retention_bytes: Some(3_000), ..TopicConfig::default() };
    let (machine, log) = filled(config);
    log.maintain().expect("maintained");
    let logs = machine.disk.files().into_iter().filter(|path| path.starts_with("a-0/"));
    let logs = logs.filter(|path| path.ends_with(".log"));
    let bytes: usize = logs.map(|path| machine.disk.contents(&path).expect("there").len()).sum();
    assert!((3_000..4_100).contains(&bytes), "{bytes}");
    assert!(start(&log) > 10);
}

#[test]
fn unlimited() {
    let config = TopicConfig { retention_ms: None, ..TopicConfig::default() };
    let (machine, log) = filled(config);
    machine.clock.advance_ms(i64::MAX / 4);
    log.maintain().expect("maintained");
    assert_eq!(start(&log), 0);
}

#[test]
fn a_limit_of_no_bytes_keeps_nothing() {
    let config = TopicConfig { retention_bytes: Some(0), ..TopicConfig::default() };
    let (_, log) = filled(config);
    log.maintain().expect("maintained");
    assert_eq!((start(&log), rows(&log, "a", 0).len()), (30, 0));
}

/// A log of one closed segment with records of the given times, and an open one behind it.
fn with_times(times: &[i64], open_ms: i64) -> (Machine, EmbeddedLog) {
    let machine = Machine::new();
    let log = machine.open();
    let config = TopicConfig {
        segment_bytes_max: 1_024,
        segment_ms_max: 20_000,
        retention_ms: Some(10_000),
        ..TopicConfig::default()
    };
    log.create_topic("a", &config).expect("created");
    for time_ms in times.iter().chain([&open_ms]) {
        let value = if *time_ms == open_ms { "x".repeat(950) } else { "v".to_owned() };
        let appends =
            vec![Append { partition: at("a", 0), batch: batch(*time_ms, &[("k", Some(&value))]) }];
        log.commit(Commit { appends, ..Commit::default() }).expect("committed");
    }
    log.flush().expect("flushed");
    (machine, log)
}

#[test]
fn the_greatest_time_of_a_segment_counts() {
    let open_ms = START_MS + 1_000_000;
    let (machine, log) = with_times(&[START_MS, START_MS + 5_000, START_MS + 1_000], open_ms);
    machine.clock.set_ms(START_MS + 15_000);
    log.maintain().expect("maintained");
    assert_eq!(start(&log), 0);
    machine.clock.advance_ms(1);
    log.maintain().expect("maintained");
    assert_eq!(start(&log), 3);
}

#[test]
fn records_without_a_time_are_as_old_as_their_segment() {
    let (machine, log) = with_times(&[-1, -1], START_MS + 1_000_000);
    log.maintain().expect("maintained");
    assert_eq!(start(&log), 0, "they were written just now");
    machine.clock.advance_ms(30_000);
    log.maintain().expect("maintained");
    assert_eq!(start(&log), 0, "the segment could be written to for 20 s");
    machine.clock.advance_ms(1);
    log.maintain().expect("maintained");
    assert_eq!(start(&log), 2);
}

#[test]
fn records_without_a_time_end_their_segment_in_time() {
    let machine = Machine::new();
    let log = machine.open();
    let config = TopicConfig { segment_ms_max: 20_000, ..TopicConfig::default() };
    log.create_topic("a", &config).expect("created");
    for _ in 0..4 {
        let batch = batch(-1, &[("k", Some("v"))]);
        let appends = vec![Append { partition: at("a", 0), batch }];
        log.commit(Commit { appends, ..Commit::default() }).expect("committed");
        log.flush().expect("flushed");
        machine.clock.advance_ms(10_001);
    }
    let logs = machine.disk.files().into_iter().filter(|path| path.starts_with("a-0/"));
    assert_eq!(logs.filter(|path| path.ends_with(".log")).count(), 2);
}

#[test]
fn a_crash_anywhere_in_it_is_harmless() {
    for operation in 1..40 {
        let config = TopicConfig { retention_ms: Some(10_000), ..TopicConfig::default() };
        let (machine, log) = filled(config);
        log.flush().expect("flushed");
        let all = rows(&log, "a", 0);
        machine.disk.crash_at(machine.disk.operations() + operation);
        let maintained = log.maintain();
        for crash in [Crash::Process, Crash::LoseUnsynced, Crash::TearUnsynced { seed: operation }]
        {
            let reopened = machine.after(crash).open();
            let kept = rows(&reopened, "a", 0);
            assert!(all.ends_with(&kept) && kept.len() >= 10);
            assert!(maintained.is_err() || kept.len() < 20);
        }
    }
}
