//! The topic `_schemas`: one partition, compacted, the registry's only storage.

use std::sync::Arc;

use bytes::Bytes;
use commitlog::{Append, Commit, Log, TopicConfig, Visibility};
use records::{Batches, Builder, Compression, Record};
use serde::Serialize;
use types::TopicPartition;
use types::seams::Clock;

use crate::contents::Contents;
use crate::message::Key;
use crate::{Error, Result};

/// Bytes read at a time when the contents are rebuilt.
const READ_BYTES_MAX: usize = 1 << 20;

/// Reads and writes the topic.
#[derive(Debug)]
pub struct Journal {
    log: Arc<dyn Log>,
    clock: Arc<dyn Clock>,
    partition: TopicPartition,
}

/// A record to write: key and value (`None` deletes the key).
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// The value's JSON.
    pub value: Option<Vec<u8>>,
}

impl Entry {
    /// An entry with a value.
    pub fn new(key: Key, value: &impl Serialize) -> Self {
        Self { key, value: Some(json(value)) }
    }

    /// An entry that deletes `key`.
    pub fn tombstone(key: Key) -> Self {
        Self { key, value: None }
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("records of texts and numbers are always JSON")
}

fn store_error(error: impl std::fmt::Display) -> Error {
    Error::Store(error.to_string())
}

impl Journal {
    /// Opens the topic, creating it when it does not exist.
    ///
    /// # Errors
    /// `Store` when the log refuses.
    pub fn open(log: Arc<dyn Log>, clock: Arc<dyn Clock>, topic: &str) -> Result<Self> {
        if log.topic(topic).is_none() {
            log.create_topic(topic, &TopicConfig::with_partitions(1).compacted())
                .map_err(store_error)?;
        }
        Ok(Self { log, clock, partition: TopicPartition::new(topic, 0) })
    }

    /// Everything the topic says. Records that make no sense are passed over with a warning.
    ///
    /// # Errors
    /// `Store` when the log can't be read.
    pub fn replay(&self) -> Result<Contents> {
        let mut contents = Contents::default();
        let offsets = self.log.offsets(&self.partition).map_err(store_error)?;
        let mut position = offsets.start;
        while position < offsets.end {
            let read = self
                .log
                .read(&self.partition, position, READ_BYTES_MAX, Visibility::Committed)
                .map_err(store_error)?;
            if read.next == position {
                break;
            }
            for bytes in &read.batches {
                replay_batches(bytes, &mut contents)?;
            }
            position = read.next;
        }
        Ok(contents)
    }

    /// Writes the entries as one commit and returns when they are on stable storage.
    ///
    /// # Errors
    /// `Store` when the log refuses.
    pub fn append(&self, entries: &[Entry]) -> Result<()> {
        let mut builder = Builder::new(Compression::None);
        let now_ms = self.clock.now_ms();
        for entry in entries {
            builder.append(now_ms, Some(&json(&entry.key)), entry.value.as_deref(), &[]);
        }
        let append = Append { partition: self.partition.clone(), batch: builder.build() };
        let commit = Commit { appends: vec![append], ..Commit::default() };
        let committed = self.log.commit(commit).map_err(store_error)?;
        self.log.wait_durable(committed.id).map_err(store_error)
    }
}

fn replay_batches(bytes: &Bytes, contents: &mut Contents) -> Result<()> {
    for batch in Batches::new(bytes) {
        let records = batch.map_err(store_error)?.records().map_err(store_error)?;
        records.iter().for_each(|record| replay_record(&record, contents));
    }
    Ok(())
}

fn replay_record(record: &Record<'_>, contents: &mut Contents) {
    let key = record.key.map(serde_json::from_slice::<Key>);
    let understood = match key {
        Some(Ok(key)) => contents.apply(&key, record.value),
        Some(Err(_)) | None => false,
    };
    if !understood {
        tracing::warn!(offset = record.offset, "passed over a record of the schemas topic");
    }
}
