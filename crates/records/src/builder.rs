//! Makes batches. Records are encoded as they are appended, so a builder holds one buffer whatever
//! the number of records.

use bytes::Bytes;

use crate::compression::Compression;
use crate::layout::{self, HEADER_BYTES};
use crate::{Batch, Header, Records, varint};

/// A batch in the making.
///
/// Sizes are the caller's to bound: batches are limited by `max.message.bytes`, far below the 2 GiB
/// that the format could hold.
#[derive(Clone, Debug)]
pub struct Builder {
    /// The header's room, then the encoded records.
    buffer: Vec<u8>,
    compression: Compression,
    attributes: i16,
    base_offset: i64,
    base_timestamp_ms: Option<i64>,
    max_timestamp_ms: i64,
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
    leader_epoch: i32,
    count: i32,
    last_offset_delta: i32,
}

impl Builder {
    /// An empty batch whose records will be compressed by `compression`.
    pub fn new(compression: Compression) -> Self {
        Self {
            buffer: vec![0; HEADER_BYTES],
            compression,
            attributes: 0,
            base_offset: 0,
            base_timestamp_ms: None,
            max_timestamp_ms: -1,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            leader_epoch: 0,
            count: 0,
            last_offset_delta: -1,
        }
    }

    /// A batch without records yet that is otherwise as `batch`, from its offset to its producer;
    /// timestamps come with the records.
    pub fn like(batch: &Batch, compression: Compression) -> Self {
        let mut builder = Self::new(compression)
            .base_offset(batch.base_offset())
            .leader_epoch(batch.leader_epoch())
            .producer(batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
        if batch.is_transactional() {
            builder = builder.transactional();
        }
        if batch.is_control() {
            builder = builder.control();
        }
        builder
    }

    /// The whole batch, with `records`, which stand in it without gaps.
    pub fn with(mut self, records: &Records) -> Bytes {
        for (record, delta) in records.iter().zip(0..) {
            let (key, value) = (record.key, record.value);
            self.append_at(delta, record.timestamp_ms, key, value, record.headers());
        }
        self.build()
    }

    /// Sets the producer's id and epoch and the sequence number of the first record.
    pub fn producer(mut self, id: i64, epoch: i16, base_sequence: i32) -> Self {
        (self.producer_id, self.producer_epoch, self.base_sequence) = (id, epoch, base_sequence);
        self
    }

    /// Marks the batch as part of a transaction.
    pub fn transactional(mut self) -> Self {
        self.attributes |= layout::TRANSACTIONAL;
        self
    }

    /// Marks the batch as holding a control record.
    pub fn control(mut self) -> Self {
        self.attributes |= layout::CONTROL;
        self
    }

    /// Marks all records as bearing the time of their append, which is the greatest one appended.
    pub fn append_time(mut self) -> Self {
        self.attributes |= layout::APPEND_TIME;
        self
    }

    /// Sets the moment from which compaction may drop the tombstones of the batch. Belongs before the
    /// first record, because record timestamps become relative to it.
    pub fn delete_horizon_ms(mut self, horizon_ms: i64) -> Self {
        debug_assert!(self.is_empty(), "the horizon is set before the first record");
        self.attributes |= layout::DELETE_HORIZON;
        self.base_timestamp_ms = Some(horizon_ms);
        self
    }

    /// Sets the offset of the first record (0 by default).
    pub fn base_offset(mut self, offset: i64) -> Self {
        self.base_offset = offset;
        self
    }

    /// Sets the leader epoch (0 by default).
    pub fn leader_epoch(mut self, epoch: i32) -> Self {
        self.leader_epoch = epoch;
        self
    }

    /// Widens the batch to `delta` offsets after the base, as compaction does when it drops the last
    /// records.
    pub fn last_offset_delta(mut self, delta: i32) -> Self {
        self.last_offset_delta = self.last_offset_delta.max(delta);
        self
    }

    /// Raises the greatest timestamp, as compaction does for batches it has emptied.
    pub fn max_timestamp_ms(mut self, timestamp_ms: i64) -> Self {
        self.max_timestamp_ms = self.max_timestamp_ms.max(timestamp_ms);
        self
    }

    /// Appends a record right after the last one.
    pub fn append(
        &mut self,
        timestamp_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) {
        let next = self.last_offset_delta + 1;
        self.append_at(next, timestamp_ms, key, value, headers.iter().copied());
    }

    /// Appends a record `offset_delta` after the base offset; deltas must grow (compaction leaves
    /// holes).
    pub fn append_at<'a>(
        &mut self,
        offset_delta: i32,
        timestamp_ms: i64,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: impl ExactSizeIterator<Item = Header<'a>> + Clone,
    ) {
        debug_assert!(offset_delta > self.last_offset_delta, "offsets grow within a batch");
        let base_timestamp_ms = *self.base_timestamp_ms.get_or_insert(timestamp_ms);
        let timestamp_delta = timestamp_ms.wrapping_sub(base_timestamp_ms);
        let length = 1
            + varint::size(timestamp_delta)
            + varint::size(i64::from(offset_delta))
            + nullable_size(key)
            + nullable_size(value)
            + varint::size(headers.len() as i64)
            + headers.clone().map(header_size).sum::<usize>();
        let out = &mut self.buffer;
        out.reserve(length + 5);
        varint::write(out, length as i64);
        out.push(0);
        varint::write(out, timestamp_delta);
        varint::write(out, i64::from(offset_delta));
        write_nullable(out, key);
        write_nullable(out, value);
        varint::write(out, headers.len() as i64);
        for header in headers {
            write_nullable(out, Some(header.key.as_bytes()));
            write_nullable(out, header.value);
        }
        self.count += 1;
        self.last_offset_delta = offset_delta;
        self.max_timestamp_ms = self.max_timestamp_ms.max(timestamp_ms);
    }

    /// Number of records so far.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there are none yet.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes of the batch so far, before compression.
    pub fn bytes(&self) -> usize {
        self.buffer.len()
    }

    /// The whole batch.
    pub fn build(mut self) -> Bytes {
        let mut batch = std::mem::take(&mut self.buffer);
        let mut compression = self.compression;
        if compression != Compression::None {
            let mut packed = Vec::with_capacity(HEADER_BYTES + batch.len() / 2);
            packed.resize(HEADER_BYTES, 0);
            // Packing into memory has no way to fail; were there one, plain records are right too.
            match compression.pack(&batch[HEADER_BYTES..], &mut packed) {
                Ok(()) => batch = packed,
                Err(_) => compression = Compression::None,
            }
        }
        self.write_header(&mut batch, compression);
        batch.into()
    }

    fn write_header(&self, batch: &mut [u8], compression: Compression) {
        let length = (batch.len() - layout::LENGTH_PREFIX_BYTES) as i32;
        let attributes = self.attributes | compression.bits();
        let base_timestamp_ms = self.base_timestamp_ms.unwrap_or(self.max_timestamp_ms);
        layout::put(batch, 0, &self.base_offset.to_be_bytes());
        layout::put(batch, layout::LENGTH, &length.to_be_bytes());
        layout::put(batch, layout::LEADER_EPOCH, &self.leader_epoch.to_be_bytes());
        layout::put(batch, layout::MAGIC, &layout::MAGIC_2.to_be_bytes());
        layout::put(batch, layout::ATTRIBUTES, &attributes.to_be_bytes());
        layout::put(batch, layout::LAST_OFFSET_DELTA, &self.last_offset_delta.to_be_bytes());
        layout::put(batch, layout::BASE_TIMESTAMP, &base_timestamp_ms.to_be_bytes());
        layout::put(batch, layout::MAX_TIMESTAMP, &self.max_timestamp_ms.to_be_bytes());
        layout::put(batch, layout::PRODUCER_ID, &self.producer_id.to_be_bytes());
        layout::put(batch, layout::PRODUCER_EPOCH, &self.producer_epoch.to_be_bytes());
        layout::put(batch, layout::BASE_SEQUENCE, &self.base_sequence.to_be_bytes());
        layout::put(batch, layout::RECORD_COUNT, &self.count.to_be_bytes());
        let checksum = crc32c::crc32c(&batch[layout::ATTRIBUTES..]);
        layout::put(batch, layout::CHECKSUM, &checksum.to_be_bytes());
    }
}

fn nullable_size(bytes: Option<&[u8]>) -> usize {
    bytes.map_or(1, |bytes| varint::size(bytes.len() as i64) + bytes.len())
}

fn header_size(header: Header<'_>) -> usize {
    nullable_size(Some(header.key.as_bytes())) + nullable_size(header.value)
}

fn write_nullable(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        None => varint::write(out, -1),
        Some(bytes) => {
            varint::write(out, bytes.len() as i64);
            out.extend_from_slice(bytes);
        }
    }
}
