//! The topic `__transaction_state`: where every change to a transactional id is written before anybody
//! is told, and where all of them are found again after a start.

use std::collections::BTreeMap;
use std::sync::Arc;

use commitlog::{Append, EmbeddedLog, Log as _, TopicConfig};
use records::{Builder, Compression, Record};
use types::TopicPartition;

use super::record;
use super::settings::Settings;
use super::transaction::Transaction;
use crate::Result;
use crate::replay::Replay;

/// The topic's name.
pub(crate) const NAME: &str = "__transaction_state";

/// Creates the topic unless it is there; fails when the log does.
pub(super) fn ensure(log: &EmbeddedLog, settings: &Settings) -> commitlog::Result<()> {
    if log.topic(NAME).is_some() {
        return Ok(());
    }
    let config = TopicConfig {
        segment_bytes_max: settings.segment_bytes_max,
        compression: Some(Compression::None),
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
///
/// # Errors
/// When the topic cannot be read.
pub(super) fn load(replay: &Replay<'_>) -> Result<BTreeMap<Arc<str>, Transaction>> {
    let mut found = BTreeMap::new();
    replay.topic(NAME, |at, record| {
        fold(at, record, &mut found);
        Ok(())
    })?;
    Ok(found)
}

/// A sound record that says nothing about a transaction is passed over, but not without a word: clients
/// may write to the topic, and none may keep the broker from starting. Whatever it leaves open is aborted
/// as nobody's.
fn fold(at: &TopicPartition, record: &Record<'_>, found: &mut BTreeMap<Arc<str>, Transaction>) {
    let offset = record.offset;
    let Some(id) = record.key.and_then(record::id_of) else {
        tracing::error!(partition = %at, offset, "record of an unknown kind among transactions");
        return;
    };
    match record.value.map(record::parse) {
        None => drop(found.remove(&id)),
        Some(Some(transaction)) => drop(found.insert(id, transaction)),
        Some(None) => {
            tracing::error!(partition = %at, offset, id = &*id, "unreadable state of a transaction");
        }
    }
}
