//! Files of older versions still open.

use super::*;
use crate::embedded::codec::Encoder;

/// The checkpoint of version 1 of a log with topic `a`, one flushed segment of `bytes` bytes with
/// `records` records in it, and a position.
fn first_checkpoint(log_id: u64, commit: u64, records: i64, bytes: u64) -> Vec<u8> {
    let mut out = Encoder::default();
    out.bytes.extend_from_slice(b"TMchkpnt");
    out.u32(1);
    for field in [log_id, 9, commit, 3] {
        out.u64(field);
    }
    out.u32(2);
    out.u64(1);
    out.text("__consumer_offsets");
    out.topic_config(&TopicConfig::default().compacted());
    out.u32(1);
    for field in [0, 0, 0] {
        out.i64(field);
    }
    out.u32(0);
    out.u64(2);
    out.text("a");
    let mut config = TopicConfig::default();
    config.other.insert("message.timestamp.type".to_owned(), "LogAppendTime".to_owned());
    config.other.insert("compression.type".to_owned(), "zstd".to_owned());
    out.topic_config(&config);
    out.u32(1);
    for field in [0, records, 0] {
        out.i64(field);
    }
    out.u32(1);
    out.i64(0);
    out.i64(records);
    out.u64(bytes);
    for field in [START_MS, START_MS, records - 1] {
        out.i64(field);
    }
    out.u64(bytes);
    for _ in 0..2 {
        out.u64(0);
        out.u32(0);
    }
    out.i64(-1);
    out.u32(1);
    out.text("g");
    out.text("a");
    out.u32(0);
    out.i64(3);
    out.u32(0);
    let checksum = crc32c::crc32c(&out.bytes);
    out.u32(checksum);
    out.bytes
}

/// `journal` as version 1 wrote it: only its header's version and checksum differ.
fn first_journal(mut journal: Vec<u8>) -> Vec<u8> {
    journal[8..12].copy_from_slice(&1_u32.to_be_bytes());
    let checksum = crc32c::crc32c(&journal[..28]);
    journal[28..32].copy_from_slice(&checksum.to_be_bytes());
    journal
}

#[test]
fn a_log_of_the_first_version_opens() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    for value in ["one", "two", "three"] {
        put(&log, "a", "k", value);
    }
    log.flush().expect("flushed");
    put(&log, "a", "k", "four");
    drop(log);
    let checkpoint = machine.disk.contents("checkpoint").expect("there");
    let number = |at: usize| u64::from_be_bytes(checkpoint[at..at + 8].try_into().expect("eight"));
    let (log_id, commit) = (number(12), number(28));
    let segment = machine.disk.contents("a-0/00000000000000000000.log").expect("there").len();
    let old = first_checkpoint(log_id, commit, 3, segment as u64);
    machine.disk.set_contents("checkpoint", old).expect("there");
    let journals = machine.disk.files().into_iter().filter(|path| path.ends_with(".journal"));
    for path in journals {
        let journal = machine.disk.contents(&path).expect("there");
        machine.disk.set_contents(&path, first_journal(journal)).expect("there");
    }
    let machine = machine.after(Crash::LoseUnsynced);
    let log = machine.open();
    assert_eq!(values(&log, "a", 0), ["one", "two", "three", "four"]);
    assert_eq!(log.position("g", &at("a", 0)), Some(Offset(3)));
    let config = log.topic("a").expect("there").config;
    assert_eq!(config.message_timestamp_type, TimestampType::LogAppendTime);
    assert_eq!(config.compression, Some(records::Compression::Zstd));
    assert!(config.other.is_empty());
    put(&log, "a", "k", "five");
    log.maintain().expect("maintained");
    let log = machine.after(Crash::LoseUnsynced).open();
    assert_eq!(values(&log, "a", 0), ["one", "two", "three", "four", "five"]);
    assert_eq!(log.position("g", &at("a", 0)), Some(Offset(3)));
}

#[test]
fn files_of_later_versions_are_refused_by_name() {
    let machine = Machine::new();
    drop(machine.open());
    let mut checkpoint = machine.disk.contents("checkpoint").expect("there");
    checkpoint[8..12].copy_from_slice(&3_u32.to_be_bytes());
    let checked = checkpoint.len() - 4;
    let checksum = crc32c::crc32c(&checkpoint[..checked]);
    checkpoint[checked..].copy_from_slice(&checksum.to_be_bytes());
    machine.disk.set_contents("checkpoint", checkpoint).expect("there");
    let error = machine.after(Crash::Process).try_open().expect_err("refused");
    assert!(error.to_string().contains("version 3 is not supported"), "{error}");
}
