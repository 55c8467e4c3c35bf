//! The journal's frames: one per commit, holding everything the commit does. The layout is described
//! in [`super`].

use std::ops::Range;

use bytes::Bytes;

use super::codec::{Decoder, Encoder};
use super::state::TopicId;
use crate::TopicConfig;

/// Bytes of a frame before its payload.
pub(super) const HEADER_BYTES: usize = 32;
/// What every frame starts with.
pub(super) const MAGIC: [u8; 4] = *b"TMfr";

const LENGTH: usize = 4;
const COMMIT: usize = 8;
const DURABLE: usize = 16;
const PAYLOAD_CHECKSUM: usize = 24;
const HEADER_CHECKSUM: usize = 28;

const APPEND: u8 = 1;
const CREATE_TOPIC: u8 = 2;
const DELETE_TOPIC: u8 = 3;
const ALTER_TOPIC: u8 = 4;
const MOVE_START: u8 = 5;
const RESERVE_PRODUCER_IDS: u8 = 6;

/// A frame in the making. It remembers its operations, so that what is written need not be read back.
#[derive(Debug)]
pub(super) struct Builder {
    encoder: Encoder,
    planned: Vec<Planned>,
}

#[derive(Debug)]
enum Planned {
    Append { topic: TopicId, partition: i32, batch: Range<usize> },
    Other(Operation),
}

/// A whole frame.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) bytes: Bytes,
    pub(super) operations: Vec<Operation>,
}

impl Builder {
    pub(super) fn new(payload_bytes: usize) -> Self {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + payload_bytes);
        bytes.resize(HEADER_BYTES, 0);
        Self { encoder: Encoder { bytes }, planned: Vec::new() }
    }

    /// Adds a batch; returns where it lies in the frame, for [`Self::batch`].
    pub(super) fn append(&mut self, topic: TopicId, partition: i32, batch: &[u8]) -> Range<usize> {
        self.encoder.u8(APPEND);
        self.encoder.u64(topic.0);
        self.encoder.u32(partition as u32);
        self.encoder.bytes(batch);
        let end = self.encoder.bytes.len();
        let placed = end - batch.len()..end;
        self.planned.push(Planned::Append { topic, partition, batch: placed.clone() });
        placed
    }

    /// The bytes of a batch added before.
    pub(super) fn batch(&mut self, at: Range<usize>) -> &mut [u8] {
        &mut self.encoder.bytes[at]
    }

    pub(super) fn create_topic(&mut self, id: TopicId, name: &str, config: &TopicConfig) {
        self.encoder.u8(CREATE_TOPIC);
        self.encoder.u64(id.0);
        self.encoder.text(name);
        self.encoder.topic_config(config);
        let (name, config) = (name.to_owned(), config.clone());
        self.planned.push(Planned::Other(Operation::CreateTopic { id, name, config }));
    }

    pub(super) fn delete_topic(&mut self, id: TopicId) {
        self.encoder.u8(DELETE_TOPIC);
        self.encoder.u64(id.0);
        self.planned.push(Planned::Other(Operation::DeleteTopic { id }));
    }

    pub(super) fn alter_topic(&mut self, id: TopicId, config: &TopicConfig) {
        self.encoder.u8(ALTER_TOPIC);
        self.encoder.u64(id.0);
        self.encoder.topic_config(config);
        self.planned.push(Planned::Other(Operation::AlterTopic { id, config: config.clone() }));
    }

    pub(super) fn move_start(&mut self, topic: TopicId, partition: i32, start: i64) {
        self.encoder.u8(MOVE_START);
        self.encoder.u64(topic.0);
        self.encoder.u32(partition as u32);
        self.encoder.i64(start);
        self.planned.push(Planned::Other(Operation::MoveStart { topic, partition, start }));
    }

    pub(super) fn reserve_producer_ids(&mut self, until: u64) {
        self.encoder.u8(RESERVE_PRODUCER_IDS);
        self.encoder.u64(until);
        self.planned.push(Planned::Other(Operation::ReserveProducerIds { until }));
    }

    /// Bytes of the payload so far.
    pub(super) fn payload_len(&self) -> usize {
        self.encoder.bytes.len() - HEADER_BYTES
    }

    /// The frame of commit `commit`, when all commits up to `durable` are on stable storage. `salt`
    /// is the journal file's, see [`salt`].
    pub(super) fn finish(self, commit: u64, durable: u64, salt: u32) -> Frame {
        let mut frame = self.encoder.bytes;
        let length = (frame.len() - HEADER_BYTES) as u32;
        let payload_checksum = crc32c::crc32c(&frame[HEADER_BYTES..]);
        frame[..LENGTH].copy_from_slice(&MAGIC);
        frame[LENGTH..COMMIT].copy_from_slice(&length.to_be_bytes());
        frame[COMMIT..DURABLE].copy_from_slice(&commit.to_be_bytes());
        frame[DURABLE..PAYLOAD_CHECKSUM].copy_from_slice(&durable.to_be_bytes());
        frame[PAYLOAD_CHECKSUM..HEADER_CHECKSUM].copy_from_slice(&payload_checksum.to_be_bytes());
        let header_checksum = crc32c::crc32c_append(salt, &frame[..HEADER_CHECKSUM]);
        frame[HEADER_CHECKSUM..HEADER_BYTES].copy_from_slice(&header_checksum.to_be_bytes());
        let bytes = Bytes::from(frame);
        let operation = |planned| match planned {
            Planned::Append { topic, partition, batch } => {
                Operation::Append { topic, partition, batch: bytes.slice(batch) }
            }
            Planned::Other(operation) => operation,
        };
        let operations = self.planned.into_iter().map(operation).collect();
        Frame { bytes, operations }
    }
}

/// The salt of the frames in the journal file that starts with commit `first_commit`: frames of other
/// files or logs, for instance stored as somebody's data, are not taken for this file's.
pub(super) fn salt(log_id: u64, first_commit: u64) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&log_id.to_be_bytes()), &first_commit.to_be_bytes())
}

/// A frame's header whose checksum was right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) payload_bytes: usize,
    pub(super) commit: u64,
    pub(super) durable: u64,
    payload_checksum: u32,
}

impl Header {
    /// The header at the start of `bytes`, if a sound one is there.
    pub(super) fn parse(bytes: &[u8], salt: u32) -> Option<Self> {
        let header = bytes.get(..HEADER_BYTES)?;
        let checksum = u32_at(header, HEADER_CHECKSUM)?;
        let computed = crc32c::crc32c_append(salt, &header[..HEADER_CHECKSUM]);
        if header[..LENGTH] != MAGIC || checksum != computed {
            return None;
        }
        Some(Self {
            payload_bytes: u32_at(header, LENGTH)? as usize,
            commit: u64_at(header, COMMIT)?,
            durable: u64_at(header, DURABLE)?,
            payload_checksum: u32_at(header, PAYLOAD_CHECKSUM)?,
        })
    }

    /// Whether `payload` is what was written.
    pub(super) fn matches(&self, payload: &[u8]) -> bool {
        payload.len() == self.payload_bytes && crc32c::crc32c(payload) == self.payload_checksum
    }

    /// Whether the frame is a mark: it only says what is durable and repeats the last commit's id.
    pub(super) fn is_mark(&self) -> bool {
        self.payload_bytes == 0
    }
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

/// One thing a commit does.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    Append {
        topic: TopicId,
        partition: i32,
        batch: Bytes,
    },
    CreateTopic {
        id: TopicId,
        name: String,
        config: TopicConfig,
    },
    DeleteTopic {
        id: TopicId,
    },
    /// The topic is kept as `config` says from now on, and has partitions added up to its number.
    AlterTopic {
        id: TopicId,
        config: TopicConfig,
    },
    /// Records before `start` are deleted.
    MoveStart {
        topic: TopicId,
        partition: i32,
        start: i64,
    },
    /// Producer ids below `until` may be given out.
    ReserveProducerIds {
        until: u64,
    },
}

/// The operations of a frame's payload, in order; `None` when it is not made of operations, which a
/// right checksum excludes.
pub(super) fn operations(payload: &Bytes) -> Option<Vec<Operation>> {
    let mut decoder = Decoder::new(payload);
    let mut operations = Vec::new();
    while !decoder.is_empty() {
        operations.push(operation(&mut decoder)?);
    }
    Some(operations)
}

fn operation(decoder: &mut Decoder) -> Option<Operation> {
    match decoder.u8()? {
        APPEND => Some(Operation::Append {
            topic: TopicId(decoder.u64()?),
            partition: i32::try_from(decoder.u32()?).ok()?,
            batch: decoder.bytes()?,
        }),
        CREATE_TOPIC => Some(Operation::CreateTopic {
            id: TopicId(decoder.u64()?),
            name: decoder.text()?,
            config: decoder.topic_config()?,
        }),
        DELETE_TOPIC => Some(Operation::DeleteTopic { id: TopicId(decoder.u64()?) }),
        ALTER_TOPIC => Some(Operation::AlterTopic {
            id: TopicId(decoder.u64()?),
            config: decoder.topic_config()?,
        }),
        MOVE_START => Some(Operation::MoveStart {
            topic: TopicId(decoder.u64()?),
            partition: i32::try_from(decoder.u32()?).ok()?,
            start: decoder.i64()?,
        }),
        RESERVE_PRODUCER_IDS => Some(Operation::ReserveProducerIds { until: decoder.u64()? }),
        _ => None,
    }
}
