//! Every byte of every file, damaged: noticed or harmless, never silently wrong.

use super::model::Seen;
use super::*;

/// A log with segments, indexes, a checkpoint and a journal, all durable; and what it holds.
fn prepared() -> (Machine, Seen) {
    let machine = Machine::new();
    let log = machine.open();
    let config = TopicConfig { segment_bytes_max: 9_000, ..TopicConfig::default() };
    log.create_topic("a", &config).expect("created");
    for number in 0..24 {
        let value = format!("{number} {}", "v".repeat(700));
        put(&log, "a", "key", &value);
        if number == 17 {
            log.flush().expect("flushed");
        }
    }
    let positions = vec![position("g", "a", 0, 5)];
    let committed = log.commit(Commit { positions, ..Commit::default() }).expect("committed");
    log.wait_durable(committed.id).expect("durable");
    let contents = Seen::of(&log).expect("readable");
    (machine.after(Crash::Process), contents)
}

/// Opens and reads; what comes back must be an error or the truth.
fn check(machine: &Machine, truth: &Seen, what: &str) -> bool {
    let found = machine.try_open().and_then(|log| {
        let contents = Seen::of(&log)?;
        for number in 0..3 {
            let found = offset_at(&log, START_MS - 1 + number)?;
            let right = if number < 2 { Some(Offset(0)) } else { None };
            assert_eq!(found, right, "{what}");
        }
        Ok(contents)
    });
    match found {
        Ok(contents) => {
            assert_eq!(contents, *truth, "{what}");
            false
        }
        Err(Error::CorruptFile { path, .. }) => {
            assert!(!path.is_empty());
            true
        }
        Err(error) => panic!("{what}: {error}"),
    }
}

#[test]
fn every_flipped_byte_is_noticed_or_harmless() {
    let (machine, truth) = prepared();
    let files = machine.disk.files();
    assert!(files.iter().any(|path| path.ends_with(".timeindex")));
    for path in files {
        let length = machine.disk.contents(&path).expect("there").len();
        // Values are all alike to a checksum, so in large files only some of their bytes are tried.
        let stride = if length > 4_000 { 7 } else { 1 };
        let mut noticed = 0;
        for byte in (0..length).step_by(stride) {
            let damaged = machine.after(Crash::Process);
            damaged.disk.flip_bit(&path, byte * 8 + byte % 8).expect("there");
            noticed += u32::from(check(&damaged, &truth, &format!("{path} byte {byte}")));
        }
        let checked = [".log", ".journal", "checkpoint"].iter().any(|end| path.ends_with(end));
        let empty_or_rest = length == 0 || path.starts_with("__");
        assert!(noticed > 0 || !checked || empty_or_rest, "{path}: nothing noticed");
    }
}

#[test]
fn every_byte_of_an_acknowledged_journal_counts() {
    let machine = Machine::new();
    let log = machine.open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    for value in ["one", "two", "three"] {
        put(&log, "a", "k", value);
    }
    let machine = machine.after(Crash::Process);
    let path = machine.disk.files().into_iter().find(|path| path.ends_with(".journal"));
    let path = path.expect("there is one");
    let length = machine.disk.contents(&path).expect("there").len();
    // The mark at the end only vouches for what lies before it.
    for byte in 0..length - 32 {
        let damaged = machine.after(Crash::Process);
        damaged.disk.flip_bit(&path, byte * 8).expect("there");
        let error = damaged.try_open().expect_err("acknowledged commits are damaged");
        assert!(matches!(error, Error::CorruptFile { path: named, .. } if named == path));
    }
}

#[test]
fn cut_and_missing_files_are_noticed() {
    let (machine, truth) = prepared();
    for path in machine.disk.files() {
        let contents = machine.disk.contents(&path).expect("there");
        for length in [0, contents.len() / 2, contents.len().saturating_sub(1)] {
            let damaged = machine.after(Crash::Process);
            let cut = contents[..length].to_vec();
            damaged.disk.set_contents(&path, cut).expect("there");
            let is_newest_journal = path.ends_with(".journal");
            if !is_newest_journal {
                check(&damaged, &truth, &format!("{path} cut to {length}"));
            }
        }
    }
    let damaged = machine.after(Crash::Process);
    types::seams::Directory::remove_file(&damaged.disk, "checkpoint").expect("removed");
    assert!(matches!(damaged.try_open(), Err(Error::CorruptFile { .. })));
}

#[test]
fn a_damaged_last_segment_does_not_stop_writes() {
    let (machine, _) = prepared();
    let path = "a-0/00000000000000000011.log";
    let contents =
        machine.disk.contents(path).unwrap_or_else(|| panic!("{:?}", machine.disk.files()));
    machine.disk.set_contents(path, contents[..100].to_vec()).expect("there");
    let log = machine.open();
    log.flush().expect("flushed into another segment");
    put(&log, "a", "k", "new");
    log.flush().expect("flushed");
    let end = log.offsets(&at("a", 0)).expect("there").end;
    let read = log.read(&at("a", 0), Offset(end.0 - 1), 1, Visibility::Durable);
    assert_eq!(read.expect("undamaged").batches.len(), 1);
    let damaged = log.read(&at("a", 0), Offset(13), 1, Visibility::Durable);
    assert!(matches!(damaged, Err(Error::CorruptFile { .. })));
}

#[test]
fn mending_makes_records_without_a_time_no_younger() {
    let machine = Machine::new();
    let log = machine.open();
    let config = TopicConfig {
        segment_ms_max: 20_000,
        retention_ms: Some(10_000),
        ..TopicConfig::default()
    };
    log.create_topic("a", &config).expect("created");
    let batch = batch(-1, &[("k", Some(&"v".repeat(900)))]);
    for _ in 0..30 {
        let appends = vec![Append { partition: at("a", 0), batch: batch.clone() }];
        log.commit(Commit { appends, ..Commit::default() }).expect("committed");
    }
    log.flush().expect("flushed");
    machine.disk.flip_bit(&format!("a-0/{:020}.index", 0), 5 * 8).expect("there");
    // Backwards, so that each read needs the index.
    for number in (0..30).rev() {
        let read = log.read(&at("a", 0), Offset(number), 1, Visibility::Durable);
        assert_eq!(read.expect("read").batches.len(), 1);
    }
    machine.clock.advance_ms(30_000);
    log.maintain().expect("mended");
    assert_eq!(values(&log, "a", 0).len(), 30);
    machine.clock.advance_ms(1);
    log.maintain().expect("retired");
    assert_eq!(values(&log, "a", 0).len(), 0);
}

#[test]
fn damaged_indexes_are_mended() {
    for (kind, byte) in [("index", 5), ("timeindex", 7)] {
        let machine = Machine::new();
        let log = machine.open();
        log.create_topic("a", &TopicConfig::default()).expect("created");
        let value = "v".repeat(900);
        for number in 0..30 {
            let batch = batch(START_MS + number, &[("k", Some(&value))]);
            let appends = vec![Append { partition: at("a", 0), batch }];
            log.commit(Commit { appends, ..Commit::default() }).expect("committed");
        }
        log.flush().expect("flushed");
        let path = format!("a-0/{:020}.{kind}", 0);
        let sound = machine.disk.contents(&path).expect("there");
        machine.disk.flip_bit(&path, byte * 8).expect("there");
        let find = |ms| offset_at(&log, ms).expect("searched");
        for number in 0..30 {
            assert_eq!(find(START_MS + number), Some(Offset(number)));
            let read = log.read(&at("a", 0), Offset(number), 1, Visibility::Durable);
            assert_eq!(read.expect("read").batches.len(), 1);
        }
        log.maintain().expect("maintained");
        assert_eq!(machine.disk.contents(&path).expect("there"), sound, "{kind}");
        put(&log, "a", "k", &value);
        log.flush().expect("flushed");
        assert_eq!(rows(&machine.after(Crash::LoseUnsynced).open(), "a", 0).len(), 31);
    }
}
