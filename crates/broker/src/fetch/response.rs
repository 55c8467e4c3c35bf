//! The answer to a fetch, written by hand field by field: record batches go out from where they lie,
//! which an encoder into one buffer would copy.
//!
//! Layout, by version: 4 to 11 plain, from 12 on flexible (compact lengths, tagged fields). Partitions
//! of a topic that follow each other share a topic entry.

use bytes::{BufMut as _, Bytes, BytesMut};
use kafka_protocol::ResponseError;

use super::reading::Seen;
use super::target::{PartitionKey, TopicKey};
use crate::context::RequestContext;
use crate::wire::{Outgoing, Pieces};

const LOG_START_VERSION_MIN: i16 = 5;
const SESSION_VERSION_MIN: i16 = 7;
const PREFERRED_REPLICA_VERSION_MIN: i16 = 11;
const FLEXIBLE_VERSION_MIN: i16 = 12;
/// Offset of what could not be read.
const NO_OFFSET: i64 = -1;
/// Readers are never sent to another broker.
const NO_REPLICA: i32 = -1;

/// What was found of a partition.
pub(super) type TopicPartitionSeen<'a> = (&'a PartitionKey, &'a Seen);

/// An answer.
#[derive(Debug)]
pub(super) struct Response<'a> {
    pub(super) throttle_ms: i32,
    pub(super) error: Option<ResponseError>,
    pub(super) session_id: i32,
    pub(super) partitions: Vec<TopicPartitionSeen<'a>>,
}

impl Response<'_> {
    /// The answer to a request whose session is not what it believes.
    pub(super) fn failed(error: ResponseError) -> Self {
        Self { throttle_ms: 0, error: Some(error), session_id: 0, partitions: Vec::new() }
    }
}

/// The whole frame that answers the request of `context` with `response`.
pub(super) fn encode(context: &RequestContext, response: &Response<'_>) -> Outgoing {
    let mut writer = Writer { version: context.version, pieces: Pieces::default() };
    writer.fields().put_i32(context.correlation_id);
    writer.tags();
    writer.fields().put_i32(response.throttle_ms);
    if context.version >= SESSION_VERSION_MIN {
        writer.fields().put_i16(code(response.error));
        writer.fields().put_i32(response.session_id);
    }
    let topics: Vec<&[TopicPartitionSeen<'_>]> =
        response.partitions.chunk_by(|(one, _), (other, _)| one.topic == other.topic).collect();
    writer.length(Some(topics.len()));
    for partitions in topics {
        writer.topic(&partitions[0].0.topic);
        writer.length(Some(partitions.len()));
        partitions.iter().for_each(|(key, seen)| writer.partition(key.partition, seen));
        writer.tags();
    }
    writer.tags();
    writer.pieces.frame()
}

fn code(error: Option<ResponseError>) -> i16 {
    error.map_or(0, |error| error.code())
}

struct Writer {
    version: i16,
    pieces: Pieces,
}

impl Writer {
    fn fields(&mut self) -> &mut BytesMut {
        self.pieces.fields()
    }

    fn is_flexible(&self) -> bool {
        self.version >= FLEXIBLE_VERSION_MIN
    }

    /// No tagged fields, where there could be some.
    fn tags(&mut self) {
        if self.is_flexible() {
            self.fields().put_u8(0);
        }
    }

    /// Length of an array or of bytes; `None` is null.
    fn length(&mut self, length: Option<usize>) {
        match self.is_flexible() {
            // One more than the length, in groups of seven bits, so that null is zero.
            true => put_varint(self.fields(), length.map_or(0, |length| length as u32 + 1)),
            false => self.fields().put_i32(length.map_or(-1, |length| length as i32)),
        }
    }

    fn topic(&mut self, topic: &TopicKey) {
        match topic {
            TopicKey::Id(id) => self.fields().put_u128(*id),
            TopicKey::Name(name) => {
                match self.is_flexible() {
                    true => self.length(Some(name.len())),
                    false => self.fields().put_i16(name.len() as i16),
                }
                self.fields().put_slice(name.as_bytes());
            }
        }
    }

    fn partition(&mut self, number: i32, seen: &Seen) {
        let version = self.version;
        let offset = |offset: Option<types::Offset>| offset.map_or(NO_OFFSET, |offset| offset.0);
        let fields = self.fields();
        fields.put_i32(number);
        fields.put_i16(code(seen.error));
        fields.put_i64(offset(seen.offsets.map(|offsets| offsets.durable_end)));
        fields.put_i64(offset(seen.offsets.map(|offsets| offsets.stable)));
        if version >= LOG_START_VERSION_MIN {
            fields.put_i64(offset(seen.offsets.map(|offsets| offsets.start)));
        }
        self.length(seen.aborted.as_ref().map(Vec::len));
        for aborted in seen.aborted.iter().flatten() {
            self.fields().put_i64(aborted.producer_id);
            self.fields().put_i64(aborted.first_offset.0);
            self.tags();
        }
        if version >= PREFERRED_REPLICA_VERSION_MIN {
            self.fields().put_i32(NO_REPLICA);
        }
        self.length(Some(seen.batches.iter().map(Bytes::len).sum()));
        seen.batches.iter().for_each(|batch| self.pieces.push(batch));
        self.tags();
    }
}

fn put_varint(fields: &mut BytesMut, mut value: u32) {
    while value >= 0x80 {
        fields.put_u8(value as u8 | 0x80);
        value >>= 7;
    }
    fields.put_u8(value as u8);
}
