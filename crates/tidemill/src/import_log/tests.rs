//! Imports from directories made up here; `scripts/kafka-import.sh` imports a real broker's.

#![allow(clippy::disallowed_methods, reason = "real directories are what is tested")]

use std::fs;
use std::path::{Path, PathBuf};

use commitlog::{Log as _, Visibility};
use records::{Batches, Builder, Compression};
use tempfile::TempDir;
use types::TopicPartition;

use super::{Options, import, open};

/// A broker's directory and a data directory beside it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("inside")).expect("created");
        fs::write(path, bytes).expect("written");
    }

    fn import(&self, from: &[&str]) -> Result<(), String> {
        let from = from.iter().map(|name| self.path(name)).collect();
        let options = Options { data: self.path("data"), from, compact: false };
        import(&options).map_err(|error| error.to_string())
    }

    /// Fails unless the import is refused with a text that holds all of `words`.
    #[track_caller]
    fn refuses(&self, from: &[&str], words: &[&str]) {
        let error = self.import(from).expect_err("refused");
        for word in words {
            assert!(error.contains(word), "{error:?} does not say {word:?}");
        }
        let log = open(&self.path("data/log")).expect("a log");
        assert!(log.topic("t").is_none(), "something was imported");
    }

    fn values(&self, partition: i32) -> Vec<(i64, String)> {
        let log = open(&self.path("data/log")).expect("a log");
        let at = TopicPartition::new("t", partition);
        let start = log.offsets(&at).expect("imported").start;
        let mut next = start;
        let mut values = Vec::new();
        loop {
            let chunk = log.read(&at, next, 1 << 20, Visibility::Durable).expect("readable");
            if chunk.next == next {
                return values;
            }
            next = chunk.next;
            for batch in chunk.batches.iter().flat_map(Batches::new) {
                let records = batch.expect("sound").records().expect("sound");
                let kept = records.iter().filter(|record| record.offset >= start.0);
                values.extend(kept.map(|record| {
                    let value = String::from_utf8_lossy(record.value.unwrap_or_default());
                    (record.offset, value.into_owned())
                }));
            }
        }
    }
}

fn batch(offset: i64, value: &str) -> Vec<u8> {
    let mut builder = Builder::new(Compression::Lz4).base_offset(offset);
    builder.append(1, None, Some(value.as_bytes()), &[]);
    builder.build().to_vec()
}

const FIRST: &str = "kafka/t-0/00000000000000000000.log";

#[test]
fn segments_of_all_partitions_are_read_in_order() {
    let place = Place::new();
    place.write("kafka/t-0/00000000000000000009.log", &batch(12, "c"));
    place.write(FIRST, &[batch(0, "a"), batch(4, "b")].concat());
    place.write("kafka/t-0/00000000000000000000.index", b"");
    place.write("kafka/t-0/00000000000000000000.timeindex", b"");
    place.write("kafka/t-0/leader-epoch-checkpoint", b"0\n0\n");
    place.write("kafka/t-0/partition.metadata", b"version: 0\n");
    place.write("kafka/t-1/00000000000000000070.log", b"");
    place.write("kafka/log-start-offset-checkpoint", b"0\n2\nt 1 70\nt 0 3\n");
    place.import(&["kafka/t-1", "kafka/t-0"]).expect("imported");
    let row = |offset, value: &str| (offset, value.to_owned());
    assert_eq!(place.values(0), [row(4, "b"), row(12, "c")]);
    assert_eq!(place.values(1), []);
}

#[test]
fn damage_is_told_with_file_and_position() {
    let (whole, torn) = (batch(0, "a"), batch(1, "b"));
    let place = Place::new();
    let position = format!("at byte {}", whole.len());
    let says = |tail: &[u8], word: &str| {
        place.write(FIRST, &[&whole[..], tail].concat());
        place.refuses(&["kafka/t-0"], &["00000000000000000000.log", &position, word]);
    };
    says(&torn[..torn.len() - 1], "cut off");
    says(&torn[..30], "cut off");
    says(&[0; 100], "zeros");
    let mut old = torn.clone();
    old[16] = 1;
    says(&old, "message format 1");
    let mut flipped = torn.clone();
    *flipped.last_mut().expect("not empty") ^= 1;
    says(&flipped, "checksum");
    says(&whole, "offset 0 where 1 or more is due");
}

#[test]
fn foreign_names_are_refused() {
    let place = Place::new();
    place.write("kafka/t/x", b"");
    place.refuses(&["kafka/t"], &["TOPIC-PARTITION"]);
    place.write("kafka/t-0/notes.txt", b"");
    place.refuses(&["kafka/t-0"], &["notes.txt", "no file of a partition"]);
    place.write("kafka/t-1/readme", b"");
    place.refuses(&["kafka/t-1"], &["readme"]);
    place.write("kafka/t-2/00000000000000000000.log.swap", b"");
    place.refuses(&["kafka/t-2"], &[".swap", "stop it in order"]);
    place.write("kafka/t-3/00000000000000000000.index", b"");
    place.refuses(&["kafka/t-3"], &["no segment"]);
    place.write("kafka/__consumer_offsets-0/00000000000000000000.log", b"");
    place.refuses(&["kafka/__consumer_offsets-0"], &["Apache Kafka's own"]);
    place.refuses(&["kafka/t-9"], &["cannot read"]);
}

#[test]
fn partitions_are_named_once_and_all() {
    let place = Place::new();
    place.write("kafka/t-1/00000000000000000000.log", b"");
    place.write("other/t-1/00000000000000000000.log", b"");
    place.refuses(&["kafka/t-1"], &["partition 0 of topic 't' is missing"]);
    place.refuses(&["kafka/t-1", "other/t-1"], &["same partition"]);
}

#[test]
fn the_data_directory_is_free_and_the_topic_is_new() {
    let place = Place::new();
    place.write(FIRST, &batch(0, "a"));
    let taken = server::DataDir::take(Path::new(&place.path("data"))).expect("free");
    place.refuses(&["kafka/t-0"], &["in use"]);
    drop(taken);
    place.import(&["kafka/t-0"]).expect("imported");
    let again = place.import(&["kafka/t-0"]).expect_err("exists");
    assert!(again.contains("already exists"), "{again}");
}
