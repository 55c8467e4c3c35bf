//! Positions as records of `__consumer_offsets`, in Kafka's own record format, so that ordinary tools
//! can look at them.
//!
//! Key: version (int16, 1), group (string), topic (string), partition (int32). Value: version (int16,
//! 3), offset (int64), leader epoch (int32, -1), metadata (string), commit time (int64). A string is
//! an int16 length and UTF-8. A null value forgets the position. Keys of other versions (group
//! metadata) are left alone.

use bytes::Bytes;
use records::{Batches, Builder, Compression};
use types::{Offset, TopicPartition};

use crate::Position;

/// The topic's name.
pub(super) const NAME: &str = "__consumer_offsets";
const KEY_VERSION: i16 = 1;
const VALUE_VERSION: i16 = 3;

/// The partition that holds the positions of `group`: as Kafka, by Java's string hash.
pub(super) fn partition_of(group: &str, partitions: i32) -> i32 {
    let hash = group
        .encode_utf16()
        .fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    (hash & i32::MAX) % partitions.max(1)
}

/// A batch that moves `positions`; an offset of `None` forgets the position.
pub(super) fn batch<'a>(
    positions: impl Iterator<Item = (&'a Position, Option<Offset>)>,
    now_ms: i64,
) -> Bytes {
    let mut builder = Builder::new(Compression::None);
    let (mut key, mut value) = (Vec::new(), Vec::new());
    for (position, offset) in positions {
        key.clear();
        write_key(&mut key, position);
        value.clear();
        let value = offset.map(|offset| {
            write_value(&mut value, offset, now_ms);
            value.as_slice()
        });
        builder.append(now_ms, Some(&key), value, &[]);
    }
    builder.build()
}

fn write_key(out: &mut Vec<u8>, position: &Position) {
    out.extend_from_slice(&KEY_VERSION.to_be_bytes());
    write_string(out, &position.group);
    write_string(out, &position.partition.topic);
    out.extend_from_slice(&position.partition.partition.to_be_bytes());
}

fn write_value(out: &mut Vec<u8>, offset: Offset, now_ms: i64) {
    out.extend_from_slice(&VALUE_VERSION.to_be_bytes());
    out.extend_from_slice(&offset.0.to_be_bytes());
    out.extend_from_slice(&(-1_i32).to_be_bytes());
    write_string(out, "");
    out.extend_from_slice(&now_ms.to_be_bytes());
}

/// Names are checked to be shorter than 32 KiB before they get here.
fn write_string(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as i16).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// What one record says about a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moved {
    pub(super) group: String,
    pub(super) partition: TopicPartition,
    /// `None` forgets the position.
    pub(super) offset: Option<Offset>,
}

/// Every position that a batch of the topic moves. What cannot be read says nothing: anybody may
/// write to the topic, and no one's records may stop the log.
pub(super) fn moved(batch: &Bytes) -> Vec<Moved> {
    let mut moved = Vec::new();
    for batch in Batches::unverified(batch).flatten().filter(|batch| !batch.is_control()) {
        let Ok(records) = batch.records() else { continue };
        let found = records.iter().filter_map(|record| decode(record.key?, record.value));
        moved.extend(found);
    }
    moved
}

fn decode(key: &[u8], value: Option<&[u8]>) -> Option<Moved> {
    let mut key = Fields(key);
    // Version 0 keys, of old clients, are laid out alike.
    (0..=KEY_VERSION).contains(&key.i16()?).then_some(())?;
    let group = key.string()?;
    let partition = TopicPartition::new(key.string()?, key.i32()?);
    let offset = match value {
        None => None,
        Some(value) => {
            let mut value = Fields(value);
            let _version = value.i16()?;
            Some(Offset(value.i64()?))
        }
    };
    Some(Moved { group: group.to_owned(), partition, offset })
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_there_and_back() {
        let at = TopicPartition::new("orders", 3);
        let position = Position::new("billing", at, Offset(42));
        let rows = [(&position, Some(position.offset)), (&position, None)];
        let moved = moved(&batch(rows.into_iter(), 1_000));
        assert_eq!(moved[0].offset, Some(Offset(42)));
        assert_eq!((&*moved[0].group, &moved[0].partition), ("billing", &position.partition));
        assert_eq!(moved[1].offset, None);
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
        assert!(moved(&builder.build()).is_empty());
    }
}
