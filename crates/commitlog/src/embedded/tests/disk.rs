//! Full disks and failing devices.

use super::model::Seen;
use super::*;

#[test]
fn a_full_disk_refuses_cleanly_and_recovers() {
    for room in (0..4_000).step_by(61) {
        let machine = Machine::flushing_at(1_200);
        let log = machine.open();
        let config = TopicConfig { segment_bytes_max: 1024, ..TopicConfig::default() };
        log.create_topic("a", &config).expect("created");
        put(&log, "a", "k", "before");
        machine.disk.set_capacity(Some(machine.disk.used() + room));
        let mut taken = vec!["before".to_owned()];
        let mut refused = 0;
        for number in 0..12 {
            let value = format!("{number} {}", "x".repeat(150));
            let appends = vec![append("a", 0, "k", &value)];
            match log.commit(Commit { appends, ..Commit::default() }) {
                Ok(committed) => {
                    log.wait_durable(committed.id).expect("durable");
                    taken.push(value);
                }
                Err(error) => {
                    assert!(error.is_retryable(), "{error}");
                    refused += 1;
                }
            }
        }
        assert!(refused > 0 || room > 2_000, "{room}");
        assert_eq!(values(&log, "a", 0), taken);
        machine.disk.set_capacity(None);
        put(&log, "a", "k", "after");
        taken.push("after".to_owned());
        log.flush().expect("there is room again");
        assert_eq!(values(&log, "a", 0), taken);
        let reopened = machine.after(Crash::LoseUnsynced).open();
        assert_eq!(values(&reopened, "a", 0), taken);
    }
}

#[test]
fn a_full_disk_is_known_until_it_has_taken_writes_for_a_while() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    assert!(!log.core.full_disk.lasts());
    machine.disk.set_capacity(Some(machine.disk.used()));
    let commit = Commit { appends: vec![append("a", 0, "k", "v")], ..Commit::default() };
    assert!(log.commit(commit).expect_err("refused").is_retryable());
    assert!(log.core.full_disk.lasts());
    let space = log.space().expect("the disk answers");
    assert_eq!((space.total_bytes, space.usable_bytes), (machine.disk.used() as u64, 0));
    machine.disk.set_capacity(None);
    put(&log, "a", "k", "v");
    assert!(log.core.full_disk.lasts());
    machine.clock.advance_ms(10_000);
    put(&log, "a", "k", "w");
    assert!(!log.core.full_disk.lasts());
}

#[test]
fn retention_makes_room_on_a_full_disk() {
    for room in (3_500..5_000).step_by(53) {
        let machine = Machine::new();
        let log = machine.open();
        let config = TopicConfig {
            segment_bytes_max: 1024,
            retention_ms: Some(10_000),
            ..TopicConfig::default()
        };
        log.create_topic("a", &config).expect("created");
        log.create_topic("b", &TopicConfig::default()).expect("created");
        for _ in 0..20 {
            put(&log, "a", "k", &"x".repeat(500));
        }
        log.flush().expect("flushed");
        let value = "x".repeat(5_000);
        put(&log, "b", "k", &value);
        machine.clock.advance_ms(10_001);
        machine.disk.set_capacity(Some(machine.disk.used() + room));
        for _ in 0..3 {
            assert!(log.flush().is_err_and(|error| error.is_retryable()), "{room}");
        }
        log.maintain().expect("there is room again");
        assert_eq!(log.offsets(&at("a", 0)).expect("there").start, Offset(20));
        let reopened = machine.after(Crash::LoseUnsynced).open();
        assert_eq!(values(&reopened, "b", 0), [value]);
        assert_eq!(values(&reopened, "a", 0), [""; 0]);
    }
}

#[test]
fn after_a_failed_sync_nothing_is_acknowledged_but_reads_go_on() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    put(&log, "a", "k", "acknowledged");
    machine.disk.fail_syncs(1);
    let commit = || Commit { appends: vec![append("a", 0, "k", "lost")], ..Commit::default() };
    let committed = log.commit(commit()).expect("written");
    assert!(log.wait_durable(committed.id).is_err());
    assert!(matches!(log.wait_durable(committed.id), Err(Error::Poisoned(_))), "it stays so");
    assert!(matches!(log.commit(commit()), Err(Error::Poisoned(_))));
    assert!(matches!(log.flush(), Err(Error::Poisoned(_))));
    assert_eq!(values(&log, "a", 0), ["acknowledged"]);
    let reopened = machine.after(Crash::LoseUnsynced).open();
    assert_eq!(values(&reopened, "a", 0), ["acknowledged"]);
}

#[test]
fn a_sync_that_fails_anywhere_in_a_flush_loses_nothing() {
    let mut failed = 0;
    for skipped in 0..12 {
        let machine = Machine::new();
        let log = machine.open();
        let config = TopicConfig { segment_bytes_max: 1024, ..TopicConfig::default() };
        log.create_topic("a", &config).expect("created");
        for number in 0..20 {
            put(&log, "a", "k", &format!("{number} {}", "x".repeat(100)));
        }
        let before = Seen::of(&log).expect("readable");
        machine.disk.fail_sync_after(skipped);
        failed += u32::from(log.flush().is_err());
        assert_eq!(Seen::of(&log).expect("reads go on"), before);
        let reopened = machine.after(Crash::LoseUnsynced).open();
        assert_eq!(Seen::of(&reopened).expect("readable"), before);
    }
    assert!(failed > 5, "{failed}");
}

#[test]
fn a_bad_sector_is_an_error_of_that_read_only() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    put(&log, "a", "k", "v");
    log.flush().expect("flushed");
    machine.disk.fail_reads(true);
    let read = log.read(&at("a", 0), Offset(0), 1, Visibility::Durable);
    assert!(matches!(read, Err(Error::Io { action: "read", .. })));
    put(&log, "a", "k", "w");
    machine.disk.fail_reads(false);
    assert_eq!(values(&log, "a", 0), ["v", "w"]);
}
