//! The topic `__transaction_state`: where every change to a transactional id is written before anybody
//! is told, and where all of them are found again after a start.

use std::collections::BTreeMap;
use std::sync::Arc;

use commitlog::{Append, EmbeddedLog, Log as _, Result, TopicConfig, Visibility};
use records::{Batches, Builder, Compression};
use types::TopicPartition;

use super::record;
use super::settings::Settings;
use super::transaction::Transaction;

/// The topic's name.
pub(crate) const NAME: &str = "__transaction_state";
/// Bytes read at once at a start.
const READ_BYTES: usize = 1 << 20;

/// Creates the topic unless it is there; fails when the log does.
pub(super) fn ensure(log: &EmbeddedLog, settings: &Settings) -> Result<()> {
    if log.topic(NAME).is_some() {
        return Ok(());
    }
    let config = TopicConfig {
        segment_bytes_max: settings.segment_bytes_max,
        other: [("compression.type".to_owned(), "uncompressed".to_owned())].into(),
        ..TopicConfig::with_partitions(settings.partitions)
    };
    match log.create_topic(NAME, &config.compacted()) {
        // Somebody else was faster.
        Err(commitlog::Error::TopicExists(_)) => Ok(()),
        created => created,
    }
}

/// The partition that holds transactional `id`: as in Kafka, by Java's hash of its text.
pub(super) fn partition_of(log: &EmbeddedLog, settings: &Settings, id: &str) -> TopicPartition {
    let partitions = log.topic(NAME).map_or(settings.partitions, |topic| topic.config.partitions);
    let hash = id
        .encode_utf16()
        .fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    TopicPartition::new(NAME, (hash & i32::MAX) % partitions.max(1))
}

/// The append that writes down `transaction` as the state of `id`, or forgets it.
pub(super) fn append(
    at: TopicPartition,
    id: &str,
    transaction: Option<&Transaction>,
    now_ms: i64,
) -> Append {
    let mut builder = Builder::new(Compression::None);
    let value = transaction.map(record::value);
    builder.append(now_ms, Some(&record::key(id)), value.as_deref(), &[]);
    Append { partition: at, batch: builder.build() }
}

/// Every transactional id with its last state.
pub(super) fn load(log: &EmbeddedLog) -> Result<BTreeMap<Arc<str>, Transaction>> {
    let mut found = BTreeMap::new();
    let Some(topic) = log.topic(NAME) else { return Ok(found) };
    for partition in 0..topic.config.partitions {
        load_partition(log, &TopicPartition::new(NAME, partition), &mut found)?;
    }
    Ok(found)
}

fn load_partition(
    log: &EmbeddedLog,
    at: &TopicPartition,
    found: &mut BTreeMap<Arc<str>, Transaction>,
) -> Result<()> {
    let offsets = log.offsets(at)?;
    let mut from = offsets.start;
    while from < offsets.end {
        let chunk = log.read(at, from, READ_BYTES, Visibility::Committed)?;
        if chunk.next <= from {
            break;
        }
        from = chunk.next;
        for batch in chunk.batches.iter().flat_map(Batches::unverified).flatten() {
            let Ok(records) = batch.records() else {
                tracing::error!(%at, offset = batch.base_offset(), "unreadable transaction states");
                continue;
            };
            for record in &records {
                fold(at, record.offset, record.key, record.value, found);
            }
        }
    }
    Ok(())
}

/// What cannot be read is passed over: no record may keep the broker from starting, and whatever it
/// leaves open is aborted as nobody's.
fn fold(
    at: &TopicPartition,
    offset: i64,
    key: Option<&[u8]>,
    value: Option<&[u8]>,
    found: &mut BTreeMap<Arc<str>, Transaction>,
) {
    let Some(id) = key.and_then(record::id_of) else {
        tracing::warn!(%at, offset, "record of an unknown kind among transaction states");
        return;
    };
    match value.map(record::parse) {
        None => drop(found.remove(&id)),
        Some(Some(transaction)) => drop(found.insert(id, transaction)),
        Some(None) => tracing::error!(%at, offset, id = &*id, "unreadable transaction state"),
    }
}
