//! Positions as records of `__consumer_offsets`, in Kafka's own record format, so that ordinary tools
//! can look at them.
//!
//! Key: version (int16, 1), group (string), topic (string), partition (int32). Value: version (int16,
//! 3), offset (int64), leader epoch (int32, -1), metadata (string), commit time (int64). A string is
//! an int16 length and UTF-8. A null value forgets the position. Keys of other versions (group
//! metadata) are left alone. Values are read in Kafka's versions 0 to 4; those before 3 have no leader
//! epoch, and 4 has a compact string (its length plus one as a varint) and ends in tagged fields.
//!
//! Records of a transactional batch count from the marker on that commits its transaction.

use std::sync::Arc;

use bytes::Bytes;
use records::{Batch, Builder, Compression};
use types::{Offset, TopicPartition};

use crate::positions::Move;
use crate::{CommittedOffset, Position, Producer};

/// The topic's name.
pub(super) const NAME: &str = "__consumer_offsets";
const KEY_VERSION: i16 = 1;
const VALUE_VERSION: i16 = 3;
const LEADER_EPOCH_SINCE: i16 = 3;
const COMPACT_SINCE: i16 = 4;

/// The partition that holds the positions of `group`: as Kafka, by Java's string hash.
pub(super) fn partition_of(group: &str, partitions: i32) -> i32 {
    let hash = group
        .encode_utf16()
        .fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    (hash & i32::MAX) % partitions.max(1)
}

/// A batch that moves `positions`, as part of the open transaction of a producer if one is given.
pub(super) fn batch<'a>(
    positions: impl Iterator<Item = &'a Position>,
    transaction: Option<Producer>,
    now_ms: i64,
) -> Bytes {
    let mut builder = Builder::new(Compression::None);
    if let Some(Producer { id, epoch }) = transaction {
        builder = builder.producer(id, epoch, -1).transactional();
    }
    for position in positions {
        let key = key(&position.group, &position.partition);
        builder.append(now_ms, Some(&key), Some(&value(position, now_ms)), &[]);
    }
    builder.build()
}

/// A batch that forgets positions.
pub(super) fn tombstones<'a>(
    positions: impl Iterator<Item = (&'a str, &'a TopicPartition)>,
    now_ms: i64,
) -> Bytes {
    let mut builder = Builder::new(Compression::None);
    for (group, at) in positions {
        builder.append(now_ms, Some(&key(group, at)), None, &[]);
    }
    builder.build()
}

fn key(group: &str, at: &TopicPartition) -> Vec<u8> {
    let mut out = Vec::with_capacity(10 + group.len() + at.topic.len());
    out.extend_from_slice(&KEY_VERSION.to_be_bytes());
    write_string(&mut out, group);
    write_string(&mut out, &at.topic);
    out.extend_from_slice(&at.partition.to_be_bytes());
    out
}

fn value(position: &Position, now_ms: i64) -> Vec<u8> {
    let mut out = Vec::with_capacity(24 + position.metadata.len());
    out.extend_from_slice(&VALUE_VERSION.to_be_bytes());
    out.extend_from_slice(&position.offset.0.to_be_bytes());
    out.extend_from_slice(&position.leader_epoch.to_be_bytes());
    write_string(&mut out, &position.metadata);
    out.extend_from_slice(&now_ms.to_be_bytes());
    out
}

/// Names and metadata are checked to be shorter than 32 KiB before they get here.
fn write_string(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as i16).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// Every position that a batch of the topic moves. What cannot be read says nothing: anybody may
/// write to the topic, and no one's records may stop the log.
pub(super) fn moves(batch: &Batch) -> Vec<Move> {
    let Ok(records) = batch.records() else { return Vec::new() };
    let decoded = |record: records::Record<'_>| {
        let (group, partition) = decode_key(record.key?)?;
        let to = match record.value {
            Some(value) => Some(decode_value(value)?),
            None => None,
        };
        Some(Move { group, partition, to, written_at: record.offset })
    };
    records.iter().filter_map(decoded).collect()
}

fn decode_key(key: &[u8]) -> Option<(Arc<str>, TopicPartition)> {
    let mut key = Fields(key);
    // Version 0 keys, of old clients, are laid out alike.
    (0..=KEY_VERSION).contains(&key.i16()?).then_some(())?;
    let group = key.string()?.into();
    Some((group, TopicPartition::new(key.string()?, key.i32()?)))
}

fn decode_value(value: &[u8]) -> Option<CommittedOffset> {
    let mut value = Fields(value);
    let version = value.i16()?;
    let offset = Offset(value.i64()?);
    let leader_epoch = if version >= LEADER_EPOCH_SINCE { value.i32()? } else { -1 };
    let metadata =
        if version >= COMPACT_SINCE { value.compact_string()? } else { value.string()? };
    Some(CommittedOffset {
        offset,
        leader_epoch,
        metadata: metadata.into(),
        committed_ms: value.i64()?,
    })
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn i16(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn i32(&mut self) -> Option<i32> {
        Some(i32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn i64(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }

    fn string(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.i16()?).ok()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    fn compact_string(&mut self) -> Option<&'a str> {
        let mut length = 0_usize;
        for shift in [0, 7, 14] {
            let byte = self.take(1)?[0];
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return std::str::from_utf8(self.take(length.checked_sub(1)?)?).ok();
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moves_in(bytes: &Bytes) -> Vec<Move> {
        moves(&Batch::parse(bytes).expect("sound"))
    }

    #[test]
    fn positions_there_and_back() {
        let mut position = Position::new("billing", TopicPartition::new("orders", 3), Offset(42));
        position.leader_epoch = 7;
        position.metadata = "näher".into();
        let moved = moves_in(&batch([&position].into_iter(), None, 1_000));
        assert_eq!((&*moved[0].group, &moved[0].partition), ("billing", &position.partition));
        let to = CommittedOffset {
            offset: Offset(42),
            leader_epoch: 7,
            metadata: "näher".into(),
            committed_ms: 1_000,
        };
        assert_eq!(moved[0].to, Some(to));
        let forgotten = [("billing", &position.partition)];
        assert_eq!(moves_in(&tombstones(forgotten.into_iter(), 1_000))[0].to, None);
    }

    #[test]
    fn values_of_other_versions_are_read() {
        let fields: [&[u8]; 4] = [&[0, 4], &42_i64.to_be_bytes(), &7_i32.to_be_bytes(), b"\x03ab"];
        let mut value = fields.concat();
        value.extend_from_slice(&1_000_i64.to_be_bytes());
        value.push(0);
        let read = decode_value(&value).expect("readable");
        assert_eq!((read.offset, read.leader_epoch, read.committed_ms), (Offset(42), 7, 1_000));
        assert_eq!(&*read.metadata, "ab");
        let old =
            [&[0, 1][..], &42_i64.to_be_bytes(), &[0, 1, b'm'], &5_i64.to_be_bytes()].concat();
        let read = decode_value(&old).expect("readable");
        assert_eq!((read.leader_epoch, &*read.metadata, read.committed_ms), (-1, "m", 5));
    }

    #[test]
    fn groups_go_where_kafka_looks_for_them() {
        // "a".hashCode() = 97, "ab".hashCode() = 3105, "polygenelubricants".hashCode() = MIN_VALUE.
        assert_eq!(partition_of("a", 50), 47);
        assert_eq!(partition_of("ab", 50), 5);
        assert_eq!(partition_of("polygenelubricants", 50), 0);
    }

    #[test]
    fn foreign_records_say_nothing() {
        let mut builder = Builder::new(Compression::None);
        builder.append(0, Some(&[0, 2, 0, 1, b'g']), Some(b"metadata"), &[]);
        builder.append(0, Some(b""), None, &[]);
        builder.append(0, None, Some(b"x"), &[]);
        builder.append(0, Some(&[0, 1, 0x7f, 0xff, b'g']), None, &[]);
        assert!(moves_in(&builder.build()).is_empty());
    }
}
