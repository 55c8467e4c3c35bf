//! The checkpoint's bytes. The layout is described in [`super`].

use std::sync::Arc;

use bytes::Bytes;
use types::{Offset, TopicPartition};

use super::checkpoint::{Change, Checkpoint, PATH, Partition, Topic};
use super::codec::{Decoder, Encoder};
use super::files::{FileCache, corrupt};
use super::ledger_codec;
use super::segment::Segment;
use super::state::TopicId;
use crate::positions::{Move, Pending};
use crate::{CommittedOffset, Result};

const MAGIC: [u8; 8] = *b"TMchkpnt";
/// Version 1 knows no producers, and of positions only their offsets.
const VERSION: u32 = 2;
const PREFIX_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;

/// The bytes of `checkpoint`.
pub(super) fn encode(checkpoint: &Checkpoint) -> Vec<u8> {
    let mut out = Encoder::default();
    out.bytes.extend_from_slice(&MAGIC);
    out.u32(VERSION);
    for field in [checkpoint.log_id, checkpoint.number, checkpoint.commit, checkpoint.next_topic] {
        out.u64(field);
    }
    out.u64(checkpoint.producer_ids);
    out.list(&checkpoint.topics, encode_topic);
    out.list(&checkpoint.positions, encode_move);
    out.list(&checkpoint.pending, encode_pending);
    out.list(&checkpoint.changes, encode_change);
    let checksum = crc32c::crc32c(&out.bytes);
    out.u32(checksum);
    out.bytes
}

fn encode_topic(out: &mut Encoder, topic: &Topic) {
    out.u64(topic.id.0);
    out.text(&topic.name);
    out.topic_config(&topic.config);
    out.list(&topic.partitions, |out, partition| {
        out.i64(partition.start);
        out.i64(partition.flushed_end);
        out.i64(partition.cleaned_end);
        out.list(&partition.segments, |out, segment| segment.encode(out));
        ledger_codec::encode(out, partition.ledger.as_deref());
    });
}

fn encode_move(out: &mut Encoder, change: &Move) {
    out.text(&change.group);
    out.text(&change.partition.topic);
    out.u32(change.partition.partition as u32);
    out.i64(change.written_at);
    out.u8(u8::from(change.to.is_some()));
    if let Some(to) = &change.to {
        out.i64(to.offset.0);
        out.u32(to.leader_epoch as u32);
        out.text(&to.metadata);
        out.i64(to.committed_ms);
    }
}

fn encode_pending(out: &mut Encoder, pending: &Pending) {
    out.u32(pending.partition as u32);
    out.i64(pending.producer_id);
    out.list(&pending.moves, encode_move);
}

fn encode_change(out: &mut Encoder, change: &Change) {
    let (from, to) = match change {
        Change::Rename { from, to } => (from.as_str(), to.as_str()),
        Change::Remove { path } => (path.as_str(), ""),
    };
    out.text(from);
    out.text(to);
}

/// The checkpoint in `bytes`, of this version or an older one. Fails when they are not what was
/// written.
pub(super) fn decode(bytes: &Bytes, files: &FileCache) -> Result<Checkpoint> {
    let checked =
        bytes.len().checked_sub(CHECKSUM_BYTES).filter(|checked| *checked >= PREFIX_BYTES);
    let checked = checked.ok_or_else(|| corrupt(PATH, 0, "cut short"))?;
    let stored = Decoder::new(&bytes.slice(checked..)).u32();
    if bytes[..8] != MAGIC || stored != Some(crc32c::crc32c(&bytes[..checked])) {
        return Err(corrupt(PATH, 0, "the checksum does not match"));
    }
    let mut decoder = Decoder::new(&bytes.slice(8..checked));
    let version = decoder.u32().unwrap_or(0);
    if !(1..=VERSION).contains(&version) {
        return Err(corrupt(PATH, 8, format!("checkpoint version {version} is not supported")));
    }
    let decoded = Body { version, decoder: &mut decoder, files }.checkpoint();
    decoded
        .filter(|_| decoder.is_empty())
        .ok_or_else(|| corrupt(PATH, PREFIX_BYTES as u64, "the fields do not add up"))
}

/// The fields of a checkpoint of some version.
struct Body<'a> {
    version: u32,
    decoder: &'a mut Decoder,
    files: &'a FileCache,
}

impl Body<'_> {
    fn checkpoint(self) -> Option<Checkpoint> {
        let Self { version, decoder, files } = self;
        let is_first = version == 1;
        Some(Checkpoint {
            log_id: decoder.u64()?,
            number: decoder.u64()?,
            commit: decoder.u64()?,
            next_topic: decoder.u64()?,
            producer_ids: if is_first { 0 } else { decoder.u64()? },
            topics: decoder.list(|decoder| decode_topic(version, decoder, files))?,
            positions: decoder.list(if is_first { decode_first_position } else { decode_move })?,
            pending: if is_first { Vec::new() } else { decoder.list(decode_pending)? },
            changes: decoder.list(decode_change)?,
        })
    }
}

fn decode_topic(version: u32, decoder: &mut Decoder, files: &FileCache) -> Option<Topic> {
    Some(Topic {
        id: TopicId(decoder.u64()?),
        name: decoder.text()?.into(),
        config: Arc::new(decoder.topic_config()?),
        partitions: decoder.list(|decoder| decode_partition(version, decoder, files))?,
    })
}

fn decode_partition(version: u32, decoder: &mut Decoder, files: &FileCache) -> Option<Partition> {
    Some(Partition {
        start: decoder.i64()?,
        flushed_end: decoder.i64()?,
        cleaned_end: decoder.i64()?,
        segments: Arc::new(
            decoder.list(|decoder| Segment::decode(decoder, version, files.new_id()))?,
        ),
        ledger: if version == 1 { None } else { ledger_codec::decode(decoder)? },
    })
}

/// A position of version 1: its record's place was not kept, and counts as older than any other.
fn decode_first_position(decoder: &mut Decoder) -> Option<Move> {
    let group = decoder.text()?.into();
    let partition = decode_partition_name(decoder)?;
    let to = Some(CommittedOffset {
        offset: Offset(decoder.i64()?),
        leader_epoch: -1,
        metadata: "".into(),
        committed_ms: -1,
    });
    Some(Move { group, partition, to, written_at: -1 })
}

fn decode_move(decoder: &mut Decoder) -> Option<Move> {
    let group = decoder.text()?.into();
    let partition = decode_partition_name(decoder)?;
    let written_at = decoder.i64()?;
    let to = match decoder.u8()? {
        0 => None,
        _ => Some(CommittedOffset {
            offset: Offset(decoder.i64()?),
            leader_epoch: decoder.u32()? as i32,
            metadata: decoder.text()?.into(),
            committed_ms: decoder.i64()?,
        }),
    };
    Some(Move { group, partition, to, written_at })
}

fn decode_partition_name(decoder: &mut Decoder) -> Option<TopicPartition> {
    Some(TopicPartition::new(decoder.text()?, i32::try_from(decoder.u32()?).ok()?))
}

fn decode_pending(decoder: &mut Decoder) -> Option<Pending> {
    Some(Pending {
        partition: i32::try_from(decoder.u32()?).ok()?,
        producer_id: decoder.i64()?,
        moves: decoder.list(decode_move)?,
    })
}

fn decode_change(decoder: &mut Decoder) -> Option<Change> {
    let (from, to) = (decoder.text()?, decoder.text()?);
    Some(if to.is_empty() { Change::Remove { path: from } } else { Change::Rename { from, to } })
}
