//! The connectors' own topics: compacted, one partition each, JSON like Kafka Connect's.
//!
//! | topic | key | value |
//! |---|---|---|
//! | `connect-configs` | `connector-<name>` | `{"properties":{...}}` |
//! | `connect-configs` | `target-state-<name>` | `{"state":"PAUSED"}` |
//! | `connect-offsets` | `["<name>",{<source partition>}]` | the source's position |
//!
//! A tombstone forgets a connector or a position.

use std::collections::BTreeMap;
use std::sync::Arc;

use commitlog::{Append, Commit, Log, TopicConfig, Visibility};
use records::{Batches, Builder, Compression};
use types::TopicPartition;

use crate::error::{Error, Result};

/// Configurations and target states.
pub const CONFIGS_TOPIC: &str = "connect-configs";
/// Positions of sources.
pub const OFFSETS_TOPIC: &str = "connect-offsets";

const READ_BYTES_MAX: usize = 4 << 20;

/// Creates both topics when they do not exist.
pub fn create(log: &Arc<dyn Log>) -> Result<()> {
    for name in [CONFIGS_TOPIC, OFFSETS_TOPIC] {
        if log.topic(name).is_none() {
            let config = TopicConfig { message_bytes_max: 64 << 20, ..TopicConfig::default() };
            match log.create_topic(name, &config.compacted()) {
                Ok(()) | Err(commitlog::Error::TopicExists(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// The latest value of every key in `topic`.
pub fn load(log: &Arc<dyn Log>, topic: &str) -> Result<BTreeMap<String, String>> {
    let at = TopicPartition::new(topic, 0);
    let offsets = log.offsets(&at)?;
    let mut latest = BTreeMap::new();
    let mut next = offsets.start;
    while next < offsets.end {
        let read = log.read(&at, next, READ_BYTES_MAX, Visibility::Committed)?;
        if read.next == next {
            break;
        }
        for bytes in &read.batches {
            for batch in Batches::new(bytes) {
                let batch = batch.map_err(|error| corrupt(topic, &error))?;
                let records = batch.records().map_err(|error| corrupt(topic, &error))?;
                for record in records.iter() {
                    let Some(key) = record.key.map(String::from_utf8_lossy) else { continue };
                    match record.value.map(String::from_utf8_lossy) {
                        Some(value) => latest.insert(key.into_owned(), value.into_owned()),
                        None => latest.remove(key.as_ref()),
                    };
                }
            }
        }
        next = read.next;
    }
    Ok(latest)
}

/// Writes one entry and waits until it is on stable storage.
pub fn store(log: &Arc<dyn Log>, key: &str, value: Option<&str>, now_ms: i64) -> Result<()> {
    let mut builder = Builder::new(Compression::None);
    builder.append(now_ms, Some(key.as_bytes()), value.map(str::as_bytes), &[]);
    let partition = TopicPartition::new(CONFIGS_TOPIC, 0);
    let appends = vec![Append { partition, batch: builder.build() }];
    let committed = log.commit(Commit { appends, ..Commit::default() })?;
    Ok(log.wait_durable(committed.id)?)
}

fn corrupt(topic: &str, error: &records::Error) -> Error {
    Error::CorruptState { topic: topic.to_owned(), reason: error.to_string() }
}
