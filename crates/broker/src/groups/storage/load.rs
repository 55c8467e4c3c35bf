//! Reads all groups when the broker opens.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use records::Record;
use types::TopicPartition;

use super::image::{Image, key_version};
use super::{classic, consumer};
use crate::Result;
use crate::fields::Reader;
use crate::replay::Replay;

/// Versions of the keys of offsets, which the log itself keeps.
const OFFSET_KEYS: [i16; 2] = [0, 1];

/// The image of every group in the log of `replay`.
///
/// # Errors
/// When the topic cannot be read.
pub(in crate::groups) fn load(replay: &Replay<'_>) -> Result<BTreeMap<Arc<str>, Image>> {
    let mut groups = BTreeMap::new();
    let name = replay.log.offsets_partition("").topic;
    replay.topic(&name, |at, record| {
        fold(at, record, &mut groups);
        Ok(())
    })?;
    groups.retain(|_, image: &mut Image| !image.is_empty());
    Ok(groups)
}

/// Takes up what a record says about a group. A sound record that says nothing here is passed over, but
/// not without a word: clients may write to the topic, and none may keep the broker from starting.
fn fold(at: &TopicPartition, record: &Record<'_>, groups: &mut BTreeMap<Arc<str>, Image>) {
    let offset = record.offset;
    let (key, version) = (record.key.unwrap_or_default(), record.key.and_then(key_version));
    if version.is_some_and(|version| OFFSET_KEYS.contains(&version)) {
        return;
    }
    let Some(group) = version.and_then(|version| group_of(version, key)) else {
        tracing::error!(partition = %at, offset, version, "record of an unknown kind among groups");
        return;
    };
    let image = groups.entry(group).or_default();
    match record.value {
        Some(value) => {
            image.insert(Bytes::copy_from_slice(key), Bytes::copy_from_slice(value));
        }
        None => {
            image.remove(key);
        }
    }
}

/// The group that a record with such a key is about, if it is about a group.
fn group_of(version: i16, key: &[u8]) -> Option<Arc<str>> {
    (version == classic::KEY || consumer::KEYS.contains(&version)).then_some(())?;
    let mut key = Reader::new(key);
    let _version = key.i16()?;
    key.string()
}
