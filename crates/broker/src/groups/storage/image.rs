//! What the log holds of one group.

use std::collections::BTreeMap;

use bytes::Bytes;
use records::{Builder, Compression};

use super::{classic, consumer};
use crate::groups::classic::Snapshot;
use crate::groups::consumer::Snapshot as ConsumerSnapshot;

/// Values of records by their keys.
pub(in crate::groups) type Image = BTreeMap<Bytes, Bytes>;

/// A group as its image tells.
#[derive(Debug)]
pub(in crate::groups) enum Kept {
    /// A group of the classic protocol, or without any.
    Classic(Snapshot),
    /// A group of the consumer protocol.
    Consumer(ConsumerSnapshot),
}

/// The image of a classic group.
pub(in crate::groups) fn image_of_classic(name: &str, group: &Snapshot) -> Image {
    Image::from([(classic::key(name), classic::encode(group))])
}

/// The image of a group of the consumer protocol.
pub(in crate::groups) fn image_of_consumer(name: &str, group: &ConsumerSnapshot) -> Image {
    consumer::records(name, group)
}

/// The batch that makes `wanted` of `held`; `None` when they are the same.
pub(in crate::groups) fn changes(held: &Image, wanted: &Image, now_ms: i64) -> Option<Bytes> {
    let mut batch = Builder::new(Compression::None);
    for key in held.keys().filter(|key| !wanted.contains_key(*key)) {
        batch.append(now_ms, Some(key), None, &[]);
    }
    for (key, value) in wanted.iter().filter(|(key, value)| held.get(*key) != Some(value)) {
        batch.append(now_ms, Some(key), Some(value), &[]);
    }
    (!batch.is_empty()).then(|| batch.build())
}

/// The group that `image` tells of; `None` when its records cannot be read.
pub(in crate::groups) fn interpret(image: &Image) -> Option<Kept> {
    let (key, value) = image.first_key_value()?;
    match key_version(key)? {
        classic::KEY => classic::decode(value).map(Kept::Classic),
        _ => consumer::decode(image).map(Kept::Consumer),
    }
}

/// The version of a key, which says what its record is.
pub(super) fn key_version(key: &[u8]) -> Option<i16> {
    key.first_chunk().map(|version| i16::from_be_bytes(*version))
}
