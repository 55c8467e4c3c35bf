//! `__tidemill_configs`: what clients have configured, beyond topics, as JSON in a compacted topic.
//!
//! Key: `{"resource":"broker","name":""}` (all nodes), `{"resource":"broker","name":"1"}` (one node),
//! `{"resource":"group","name":"..."}`, `{"resource":"client-metrics","name":"..."}`, or
//! `{"resource":"followed","name":""}`: what topics were last made to follow. Value: an object of
//! entries by name, all texts. A null value forgets them.

use std::collections::BTreeMap;

use commitlog::{Append, Commit, EmbeddedLog, Error as LogError, Log, TopicConfig};
use records::{Builder, Compression, Record};
use serde_json::{Map, Value as Json};
use types::TopicPartition;

use super::layers::Entries;
use crate::Result;
use crate::replay::{Replay, Understood};

/// The topic's name.
pub(crate) const NAME: &str = "__tidemill_configs";

/// What a record is about: a kind of resource and its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) kind: String,
    pub(super) name: String,
}

/// Everything the topic holds.
///
/// # Errors
/// When it cannot be read, or holds a record that only a later version would understand.
pub(super) fn load(replay: &Replay<'_>) -> Result<BTreeMap<Key, Entries>> {
    let mut loaded = BTreeMap::new();
    replay.topic(NAME, |_, record| take_up(&mut loaded, record))?;
    Ok(loaded)
}

fn take_up(loaded: &mut BTreeMap<Key, Entries>, record: &Record<'_>) -> Understood {
    let key = record.key.and_then(parse_key).ok_or("its key is none of a configuration")?;
    match record.value {
        Some(value) => {
            let entries = parse_entries(value).ok_or("its value is none of a configuration")?;
            loaded.insert(key, entries);
        }
        None => drop(loaded.remove(&key)),
    }
    Ok(())
}

/// Writes what `key` has now, on stable storage when it returns; nothing at all when `entries` are
/// empty. The topic is created when it is first needed.
///
/// # Errors
/// `Log` when the log refuses.
pub(super) fn write(log: &EmbeddedLog, key: &Key, entries: &Entries, now_ms: i64) -> Result<()> {
    if log.topic(NAME).is_none() {
        match log.create_topic(NAME, &TopicConfig::with_partitions(1).compacted()) {
            Ok(()) | Err(LogError::TopicExists(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let mut builder = Builder::new(Compression::None);
    let value = (!entries.is_empty()).then(|| entries_json(entries));
    builder.append(
        now_ms,
        Some(key_json(key).as_bytes()),
        value.as_deref().map(str::as_bytes),
        &[],
    );
    let append = Append { partition: TopicPartition::new(NAME, 0), batch: builder.build() };
    let committed = log.commit(Commit { appends: vec![append], ..Commit::default() })?;
    Ok(log.wait_durable(committed.id)?)
}

fn key_json(key: &Key) -> String {
    let text = |text: &str| Json::String(text.to_owned());
    let fields = [("resource", text(&key.kind)), ("name", text(&key.name))];
    Json::Object(fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect())
        .to_string()
}

fn entries_json(entries: &Entries) -> String {
    let texts = entries.iter().map(|(name, text)| (name.clone(), Json::String(text.clone())));
    Json::Object(texts.collect::<Map<_, _>>()).to_string()
}

fn parse_key(bytes: &[u8]) -> Option<Key> {
    let key: Json = serde_json::from_slice(bytes).ok()?;
    let text = |name| key.get(name)?.as_str().map(str::to_owned);
    Some(Key { kind: text("resource")?, name: text("name")? })
}

fn parse_entries(bytes: &[u8]) -> Option<Entries> {
    let entries: Json = serde_json::from_slice(bytes).ok()?;
    let texts = entries.as_object()?.iter();
    texts.map(|(name, text)| Some((name.clone(), text.as_str()?.to_owned()))).collect()
}
