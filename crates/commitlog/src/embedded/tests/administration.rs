//! Topics that change, records that are deleted, ids that are never given out twice.

use super::*;
use crate::Isolation;

fn commit_values(log: &EmbeddedLog, count: usize) {
    for number in 0..count {
        put(log, "a", "k", &format!("{number} {}", "x".repeat(300)));
    }
}

#[test]
fn altered_topics_and_added_partitions_survive() {
    for flush in [false, true] {
        let machine = Machine::new();
        let log = machine.open();
        log.create_topic("a", &TopicConfig::default()).expect("created");
        let config = TopicConfig {
            retention_ms: None,
            message_timestamp_type: TimestampType::LogAppendTime,
            message_timestamp_after_max_ms: Some(5),
            compaction_lag_ms_max: Some(7),
            min_cleanable_ratio: 0.25,
            compression: Some(Compression::Lz4),
            other: [("flush.ms".to_owned(), "7".to_owned())].into(),
            ..TopicConfig::with_partitions(9)
        };
        log.alter_topic("a", &config).expect("altered");
        assert_eq!(log.topic("a").expect("there").config.partitions, 1, "only its settings");
        log.add_partitions("a", 3).expect("added");
        let fewer = log.add_partitions("a", 3);
        assert!(matches!(fewer, Err(Error::InvalidTopic { .. })));
        assert!(matches!(log.add_partitions("b", 3), Err(Error::UnknownPartition(_))));
        let mut bad = config.clone();
        bad.segment_bytes_max = 1;
        assert!(matches!(log.alter_topic("a", &bad), Err(Error::InvalidTopic { .. })));
        let commit = Commit { appends: vec![append("a", 2, "k", "v")], ..Commit::default() };
        let committed = log.commit(commit).expect("committed");
        assert_eq!(committed.appended[0].append_time_ms, Some(START_MS));
        log.wait_durable(committed.id).expect("durable");
        let before = log.topic("a").expect("there");
        if flush {
            log.flush().expect("flushed");
        }
        let log = machine.after(Crash::LoseUnsynced).open();
        assert_eq!(log.topic("a"), Some(before.clone()));
        assert_eq!(*before.config, TopicConfig { partitions: 3, ..config });
        assert_eq!(log.topic_by_id(before.id), Some(before.clone()));
        assert_eq!(values(&log, "a", 2), ["v"]);
        log.delete_topic("a").expect("deleted");
        log.create_topic("a", &TopicConfig::default()).expect("created");
        assert_eq!(log.topic_by_id(before.id), None);
        assert_ne!(log.topic("a").expect("there").id, before.id);
    }
}

#[test]
fn deleted_records_are_gone_for_readers_and_then_from_disk() {
    for flush in [false, true] {
        let machine = Machine::new();
        let log = machine.open();
        let config = TopicConfig { segment_bytes_max: 1024, ..TopicConfig::default() };
        log.create_topic("a", &config.compacted()).expect("created");
        commit_values(&log, 10);
        if flush {
            log.flush().expect("flushed");
        }
        let beyond = log.delete_records(&at("a", 0), Offset(11));
        assert!(matches!(beyond, Err(Error::OffsetOutOfRange { .. })));
        let delete = |log: &EmbeddedLog, before| {
            let (commit, start) = log.delete_records(&at("a", 0), Offset(before)).expect("deleted");
            log.wait_durable(commit).expect("durable");
            start.0
        };
        assert_eq!((delete(&log, 7), delete(&log, 4)), (7, 7));
        let bytes = log.partition_bytes(&at("a", 0)).expect("there");
        assert_eq!(rows(&log, "a", 0).len(), 3);
        let log = machine.after(Crash::LoseUnsynced).open();
        assert_eq!(rows(&log, "a", 0).len(), 3);
        let below = log.read(&at("a", 0), Offset(6), 1, Visibility::Durable);
        assert!(matches!(below, Err(Error::OffsetOutOfRange { .. })));
        log.maintain().expect("maintained");
        assert!(rows(&log, "a", 0).len() <= 3);
        let left = log.partition_bytes(&at("a", 0)).expect("there");
        assert!(left < bytes / 2, "{left} of {bytes}");
        assert_eq!(delete(&log, 10), 10);
        assert_eq!(rows(&log, "a", 0), []);
        put(&log, "a", "k", "new");
        assert_eq!(rows(&log, "a", 0)[0].offset, 10);
    }
}

#[test]
fn producer_ids_are_never_given_out_twice() {
    let mut machine = Machine::new();
    let mut given = std::collections::BTreeSet::new();
    for round in 0..6 {
        let log = machine.open();
        for _ in 0..700 {
            assert!(given.insert(log.allocate_producer_id().expect("allocated")), "{round}");
        }
        if round % 2 == 0 {
            log.flush().expect("flushed");
        }
        machine = machine.after(Crash::LoseUnsynced);
    }
}

#[test]
fn the_greatest_timestamp_is_found() {
    let log = Machine::new().open();
    log.create_topic("a", &TopicConfig::default()).expect("created");
    assert_eq!(log.max_timestamp(&at("a", 0)).expect("searched"), None);
    for (number, ms) in [5, 9, 9, 2].into_iter().enumerate() {
        let append = Append { partition: at("a", 0), batch: batch(ms, &[("k", Some("v"))]) };
        log.commit(Commit { appends: vec![append], ..Commit::default() }).expect("committed");
        if number == 2 {
            log.flush().expect("flushed");
        }
    }
    let found = log.max_timestamp(&at("a", 0)).expect("searched").expect("some");
    assert_eq!((found.offset, found.timestamp_ms), (Offset(1), 9));
}

#[test]
fn records_that_may_not_stand_in_a_topic_are_refused() {
    let log = Machine::new().open();
    let config = TopicConfig {
        message_timestamp_before_max_ms: Some(1_000),
        message_timestamp_after_max_ms: Some(10),
        message_bytes_max: 200,
        ..TopicConfig::default().compacted()
    };
    log.create_topic("a", &config).expect("created");
    let commit = |timestamp_ms, key: Option<&[u8]>, value: &str| {
        let mut builder = Builder::new(Compression::Lz4);
        builder.append(START_MS, Some(b"good"), Some(b"v"), &[]);
        builder.append(timestamp_ms, key, Some(value.as_bytes()), &[]);
        let appends = vec![Append { partition: at("a", 0), batch: builder.build() }];
        log.commit(Commit { appends, ..Commit::default() })
    };
    let key = Some(b"k".as_slice());
    assert!(matches!(commit(START_MS, None, "v"), Err(Error::KeyRequired { .. })));
    let far = [START_MS - 1_001, START_MS + 11];
    for timestamp_ms in far {
        let refused = commit(timestamp_ms, key, "v");
        assert!(matches!(refused, Err(Error::InvalidTimestamp { .. })), "{refused:?}");
    }
    let long: String = (0..300_u32)
        .map(|n| char::from(b'0' + (n.wrapping_mul(2_654_435_761) >> 26) as u8))
        .collect();
    assert!(matches!(commit(START_MS, key, &long), Err(Error::BatchTooLarge { .. })));
    commit(START_MS + 10, key, "v").expect("fine");
    commit(START_MS - 1_000, key, "v").expect("fine");
}

#[test]
fn batches_are_stored_as_the_topic_wants_them_compressed() {
    let log = Machine::new().open();
    let wanted = [
        ("producer", Compression::Gzip),
        ("uncompressed", Compression::None),
        ("gzip", Compression::Gzip),
        ("snappy", Compression::Snappy),
        ("lz4", Compression::Lz4),
        ("zstd", Compression::Zstd),
    ];
    for (name, compression) in wanted {
        let config =
            TopicConfig { compression: Compression::of_topic(name), ..TopicConfig::default() };
        assert_eq!(config.compression_name(), name);
        log.create_topic(name, &config).expect("created");
        let mut builder = Builder::new(Compression::Gzip).producer(5, 1, 7).transactional();
        let header = records::Header { key: "h", value: Some(b"x") };
        builder.append(START_MS - 3, Some(b"k"), Some(b"v"), &[header]);
        builder.append(START_MS, None, None, &[]);
        let sent = builder.build();
        let append = Append { partition: at(name, 0), batch: sent.clone() };
        let commit = Commit { appends: vec![append], ..Commit::default() };
        let id = log.commit(commit).expect("committed").id;
        log.wait_durable(id).expect("durable");
        let found = log.fetch(&at(name, 0), Offset(0), 1, Isolation::ReadUncommitted);
        let found = found.expect("fetched").batches.remove(0);
        let stored = Batches::new(&found).next().expect("one").expect("sound");
        assert_eq!(stored.compression(), compression, "{name}");
        assert!(stored.is_transactional());
        let producer = (stored.producer_id(), stored.producer_epoch(), stored.base_sequence());
        assert_eq!(producer, (5, 1, 7));
        let records = stored.records().expect("sound");
        let first = records.iter().next().expect("two");
        let headers: Vec<_> = first.headers().collect();
        assert_eq!((first.timestamp_ms, headers.as_slice()), (START_MS - 3, [header].as_slice()));
        assert_eq!(records.len(), 2);
        if compression == Compression::Gzip {
            assert_eq!(found[61..], sent[61..], "kept as it was sent");
        }
    }
}
