//! Reads all groups when the broker opens.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use commitlog::{EmbeddedLog, Log as _, Visibility};
use records::Batches;
use types::TopicPartition;

use super::image::{Image, key_version};
use super::{classic, consumer};
use crate::Result;
use crate::fields::Reader;

/// Bytes read at once.
const READ_BYTES: usize = 1 << 20;

/// The image of every group in `log`.
///
/// # Errors
/// `Log` when the topic cannot be read.
pub(in crate::groups) fn load(log: &EmbeddedLog) -> Result<BTreeMap<Arc<str>, Image>> {
    let mut groups = BTreeMap::new();
    let name = log.offsets_partition("").topic;
    if let Some(topic) = log.topic(&name) {
        for partition in 0..topic.config.partitions {
            load_partition(log, &TopicPartition::new(Arc::clone(&name), partition), &mut groups)?;
        }
    }
    groups.retain(|_, image: &mut Image| !image.is_empty());
    Ok(groups)
}

fn load_partition(
    log: &EmbeddedLog,
    at: &TopicPartition,
    groups: &mut BTreeMap<Arc<str>, Image>,
) -> Result<()> {
    let offsets = log.offsets(at)?;
    let mut next = offsets.start;
    while next < offsets.end {
        let chunk = log.read(at, next, READ_BYTES, Visibility::Committed)?;
        chunk.batches.iter().for_each(|batch| fold(batch, groups));
        if chunk.next <= next {
            break;
        }
        next = chunk.next;
    }
    Ok(())
}

/// Takes up what a batch says about groups. What cannot be read says nothing: anybody may write to
/// the topic.
fn fold(batch: &Bytes, groups: &mut BTreeMap<Arc<str>, Image>) {
    for batch in Batches::unverified(batch).flatten() {
        let Ok(records) = batch.records() else { continue };
        for record in records.iter() {
            let Some(key) = record.key else { continue };
            let Some(group) = group_of(key) else { continue };
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
    }
}

/// The group that a record is about, if it is about a group and not about its offsets.
fn group_of(key: &[u8]) -> Option<Arc<str>> {
    let version = key_version(key)?;
    (version == classic::KEY || consumer::KEYS.contains(&version)).then_some(())?;
    let mut key = Reader::new(key);
    let _version = key.i16()?;
    key.string()
}
