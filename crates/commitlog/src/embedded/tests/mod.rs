//! The embedded log over a disk that behaves badly.

mod administration;
mod basics;
mod cleaning;
mod compaction;
mod crash;
mod damage;
mod disk;
mod importing;
mod model;
mod random;
mod restarts;
mod retention;
mod system;
mod threads;
mod transactions;
mod versions;

use std::sync::Arc;

use bytes::Bytes;
use records::{Batches, Builder, Compression};
use testkit::clock::FakeClock;
use testkit::disk::{Crash, FakeDirectory};
use types::{Offset, TopicPartition};

use super::{Config, EmbeddedLog};
use crate::{Append, Commit, Error, Log, Position, Result, TimestampType, TopicConfig, Visibility};

/// Where the tests' time begins.
const START_MS: i64 = 1_700_000_000_000;

/// A disk with a clock, and logs opened on it without threads of their own.
#[derive(Debug)]
struct Machine {
    disk: FakeDirectory,
    clock: Arc<FakeClock>,
    config: Config,
}

impl Machine {
    fn new() -> Self {
        let config = Config {
            background: false,
            offsets_partitions: 1,
            open_files_max: 4,
            ..Config::default()
        };
        let clock = Arc::new(FakeClock::new(START_MS));
        Self { disk: FakeDirectory::new(), clock, config }
    }

    /// Flushes as soon as `bytes` are in memory.
    fn flushing_at(bytes: usize) -> Self {
        let mut machine = Self::new();
        machine.config.memory_bytes_flush = bytes;
        machine.config.memory_bytes_max = bytes * 4;
        machine
    }

    fn try_open(&self) -> Result<EmbeddedLog> {
        let directory = Arc::new(self.disk.clone());
        EmbeddedLog::open(directory, self.clock.clone(), self.config.clone())
    }

    fn open(&self) -> EmbeddedLog {
        self.try_open().expect("the log opens")
    }

    /// The machine after a crash.
    fn after(&self, crash: Crash) -> Self {
        let (clock, config) = (self.clock.clone(), self.config.clone());
        Self { disk: self.disk.restart(crash), clock, config }
    }
}

/// A batch of keyed records.
fn batch(timestamp_ms: i64, rows: &[(&str, Option<&str>)]) -> Bytes {
    let mut builder = Builder::new(Compression::None);
    for (key, value) in rows {
        builder.append(timestamp_ms, Some(key.as_bytes()), value.map(str::as_bytes), &[]);
    }
    builder.build()
}

fn at(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition::new(topic, partition)
}

fn append(topic: &str, partition: i32, key: &str, value: &str) -> Append {
    let batch = batch(START_MS, &[(key, Some(value))]);
    Append { partition: at(topic, partition), batch }
}

fn position(group: &str, topic: &str, partition: i32, offset: i64) -> Position {
    Position::new(group, at(topic, partition), Offset(offset))
}

/// Commits one record and waits until it is durable.
fn put(log: &EmbeddedLog, topic: &str, key: &str, value: &str) {
    let commit = Commit { appends: vec![append(topic, 0, key, value)], ..Commit::default() };
    let committed = log.commit(commit).expect("committed");
    log.wait_durable(committed.id).expect("durable");
}

/// A record as the tests compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    offset: i64,
    key: String,
    value: Option<String>,
}

/// Every record of a partition that a reader sees.
fn try_rows(log: &dyn Log, at: &TopicPartition, visibility: Visibility) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut next = log.offsets(at)?.start;
    loop {
        let read = log.read(at, next, 300, visibility)?;
        if read.next == next {
            return Ok(rows);
        }
        for bytes in read.batches {
            for batch in Batches::new(&bytes) {
                let batch = batch.expect("reads give sound batches");
                rows.extend(batch.records().expect("sound records").iter().map(|record| Row {
                    offset: record.offset,
                    key: String::from_utf8_lossy(record.key.unwrap_or_default()).into_owned(),
                    value: record.value.map(|value| String::from_utf8_lossy(value).into_owned()),
                }));
            }
        }
        next = read.next;
    }
}

fn rows(log: &dyn Log, topic: &str, partition: i32) -> Vec<Row> {
    try_rows(log, &at(topic, partition), Visibility::Durable).expect("readable")
}

/// The first offset of the first partition of topic `a` at or after a time.
fn offset_at(log: &dyn Log, timestamp_ms: i64) -> Result<Option<Offset>> {
    let found = log.offset_for_timestamp(&at("a", 0), timestamp_ms)?;
    Ok(found.map(|found| found.offset))
}

fn values(log: &dyn Log, topic: &str, partition: i32) -> Vec<String> {
    rows(log, topic, partition).into_iter().filter_map(|row| row.value).collect()
}
