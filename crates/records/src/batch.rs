//! The view of one batch, and the walk over concatenated ones. Nothing is copied: a [`Batch`] holds a
//! counted slice of the bytes it was found in.

use bytes::Bytes;

use crate::compression::Compression;
use crate::layout::{self, HEADER_BYTES, LENGTH_PREFIX_BYTES};
use crate::record::{Records, UNPACKED_BYTES_MAX};
use crate::{Error, Result};

/// One record batch whose header is sound. Made by [`Batches`] or [`Batch::parse`].
#[derive(Clone, Debug)]
pub struct Batch {
    bytes: Bytes,
    compression: Compression,
}

impl Batch {
    /// The batch at the start of `bytes`, without looking at the checksum. Fails when the bytes end
    /// too early or the header contradicts itself.
    pub fn parse_unverified(bytes: &Bytes) -> Result<Self> {
        let length = Self::length_in(bytes)?;
        if bytes.len() < length {
            return Err(Error::Truncated { needed: length, available: bytes.len() });
        }
        let batch = Self {
            compression: Compression::from_attributes(layout::i16_at(bytes, layout::ATTRIBUTES))?,
            bytes: bytes.slice(..length),
        };
        batch.check_header()?;
        Ok(batch)
    }

    /// The batch at the start of `bytes`. Fails as [`Self::parse_unverified`] and when the checksum
    /// does not match.
    pub fn parse(bytes: &Bytes) -> Result<Self> {
        let batch = Self::parse_unverified(bytes)?;
        batch.verify()?;
        Ok(batch)
    }

    /// The length in bytes of the batch whose header starts `bytes`, by its header alone. Fails when
    /// fewer than [`HEADER_BYTES`] are there, the magic is not 2 or the length is impossible.
    pub fn length_in(bytes: &[u8]) -> Result<usize> {
        if bytes.len() < HEADER_BYTES {
            return Err(Error::Truncated { needed: HEADER_BYTES, available: bytes.len() });
        }
        let magic = bytes[layout::MAGIC] as i8;
        if magic != layout::MAGIC_2 {
            return Err(Error::UnsupportedMagic(magic));
        }
        let length = usize::try_from(layout::i32_at(bytes, layout::LENGTH))
            .map_err(|_| Error::Malformed("negative length"))?
            .saturating_add(LENGTH_PREFIX_BYTES);
        if length < HEADER_BYTES {
            return Err(Error::Malformed("length is shorter than the header"));
        }
        Ok(length)
    }

    fn check_header(&self) -> Result<()> {
        if self.base_offset() < 0 {
            return Err(Error::Malformed("negative base offset"));
        }
        let count = layout::i32_at(&self.bytes, layout::RECORD_COUNT);
        if count < 0 {
            return Err(Error::Malformed("negative record count"));
        }
        // An empty batch that compaction left may span any range; an unassigned one spans none.
        let last = layout::i32_at(&self.bytes, layout::LAST_OFFSET_DELTA);
        if last < count - 1 {
            return Err(Error::Malformed("more records than offsets"));
        }
        if self.base_offset().checked_add(i64::from(last) + 1).is_none() {
            return Err(Error::Malformed("offsets overflow"));
        }
        Ok(())
    }

    /// Fails when the checksum does not match the bytes.
    pub fn verify(&self) -> Result<()> {
        let stored = layout::u32_at(&self.bytes, layout::CHECKSUM);
        let computed = crc32c::crc32c(&self.bytes[layout::ATTRIBUTES..]);
        if stored == computed { Ok(()) } else { Err(Error::Checksum { stored, computed }) }
    }

    /// The whole batch as it lies in the log.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// Length in bytes, header included.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the batch holds no records (compaction leaves such batches).
    pub fn is_empty(&self) -> bool {
        self.record_count() == 0
    }

    /// Offset of the first record, or where it was before compaction.
    pub fn base_offset(&self) -> i64 {
        layout::i64_at(&self.bytes, 0)
    }

    /// Offset of the last record, or where it was before compaction.
    pub fn last_offset(&self) -> i64 {
        self.base_offset() + i64::from(self.last_offset_delta())
    }

    /// Last offset minus base offset.
    pub fn last_offset_delta(&self) -> i32 {
        layout::i32_at(&self.bytes, layout::LAST_OFFSET_DELTA)
    }

    /// Epoch of the leader that took the batch.
    pub fn leader_epoch(&self) -> i32 {
        layout::i32_at(&self.bytes, layout::LEADER_EPOCH)
    }

    /// Number of records.
    pub fn record_count(&self) -> i32 {
        layout::i32_at(&self.bytes, layout::RECORD_COUNT)
    }

    /// The raw base timestamp field, which record timestamps are relative to.
    pub fn base_timestamp_ms(&self) -> i64 {
        layout::i64_at(&self.bytes, layout::BASE_TIMESTAMP)
    }

    /// The greatest timestamp of its records.
    pub fn max_timestamp_ms(&self) -> i64 {
        layout::i64_at(&self.bytes, layout::MAX_TIMESTAMP)
    }

    /// The producer's id, or -1.
    pub fn producer_id(&self) -> i64 {
        layout::i64_at(&self.bytes, layout::PRODUCER_ID)
    }

    /// The producer's epoch, or -1.
    pub fn producer_epoch(&self) -> i16 {
        layout::i16_at(&self.bytes, layout::PRODUCER_EPOCH)
    }

    /// The sequence number of the first record, or -1.
    pub fn base_sequence(&self) -> i32 {
        layout::i32_at(&self.bytes, layout::BASE_SEQUENCE)
    }

    /// How the records are compressed.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// Whether the batch belongs to a transaction.
    pub fn is_transactional(&self) -> bool {
        self.attribute(layout::TRANSACTIONAL)
    }

    /// Whether the batch holds a control record instead of data.
    pub fn is_control(&self) -> bool {
        self.attribute(layout::CONTROL)
    }

    /// Whether all records bear the time of their append ([`Self::max_timestamp_ms`]).
    pub fn is_append_time(&self) -> bool {
        self.attribute(layout::APPEND_TIME)
    }

    /// From when on compaction may drop the tombstones of this batch, if it has decided that.
    pub fn delete_horizon_ms(&self) -> Option<i64> {
        self.attribute(layout::DELETE_HORIZON).then(|| self.base_timestamp_ms())
    }

    fn attribute(&self, bit: i16) -> bool {
        layout::i16_at(&self.bytes, layout::ATTRIBUTES) & bit != 0
    }

    /// The records, unpacked to at most [`UNPACKED_BYTES_MAX`] bytes and checked as a whole, so that
    /// walking them cannot fail.
    pub fn records(&self) -> Result<Records> {
        self.records_limited(UNPACKED_BYTES_MAX)
    }

    /// As [`Self::records`] with another limit.
    pub fn records_limited(&self, bytes_max: usize) -> Result<Records> {
        let packed = self.bytes.slice(HEADER_BYTES..);
        let unpacked = match self.compression {
            Compression::None => packed,
            compression => compression.unpack(&packed, bytes_max)?.into(),
        };
        Records::try_new(self, unpacked)
    }
}

/// Walks over concatenated batches, verifying each one's checksum. After an error it ends.
#[derive(Clone, Debug)]
pub struct Batches {
    rest: Bytes,
    verify: bool,
}

impl Batches {
    /// The batches in `bytes`; the checksum of each is verified.
    pub fn new(bytes: &Bytes) -> Self {
        Self { rest: bytes.clone(), verify: true }
    }

    /// The same without checksums, for bytes that were verified before.
    pub fn unverified(bytes: &Bytes) -> Self {
        Self { rest: bytes.clone(), verify: false }
    }
}

impl Iterator for Batches {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let batch = match self.verify {
            true => Batch::parse(&self.rest),
            false => Batch::parse_unverified(&self.rest),
        };
        self.rest = match &batch {
            Ok(batch) => self.rest.slice(batch.len()..),
            Err(_) => Bytes::new(),
        };
        Some(batch)
    }
}

/// Writes the base offset and the leader epoch into a whole batch; both lie outside the checksum.
///
/// # Panics
/// When `batch` is shorter than a header; callers hand in batches they have parsed.
pub fn assign_offset(batch: &mut [u8], base_offset: i64, leader_epoch: i32) {
    layout::put(batch, 0, &base_offset.to_be_bytes());
    layout::put(batch, layout::LEADER_EPOCH, &leader_epoch.to_be_bytes());
}

/// Widens a whole batch to end at `last_offset`, as compaction does over records it has removed, and
/// renews the checksum. `last_offset` is not before the batch's last one and within 31 bits of its
/// base.
///
/// # Panics
/// When `batch` is shorter than a header; callers hand in batches they have parsed.
pub fn widen(batch: &mut [u8], last_offset: i64) {
    let delta = (last_offset - layout::i64_at(batch, 0)) as i32;
    layout::put(batch, layout::LAST_OFFSET_DELTA, &delta.to_be_bytes());
    let checksum = crc32c::crc32c(&batch[layout::ATTRIBUTES..]);
    layout::put(batch, layout::CHECKSUM, &checksum.to_be_bytes());
}

/// Writes the greatest timestamp of its records into a whole batch, and renews the checksum.
///
/// # Panics
/// When `batch` is shorter than a header; callers hand in batches they have parsed.
pub fn set_max_timestamp(batch: &mut [u8], timestamp_ms: i64) {
    layout::put(batch, layout::MAX_TIMESTAMP, &timestamp_ms.to_be_bytes());
    let checksum = crc32c::crc32c(&batch[layout::ATTRIBUTES..]);
    layout::put(batch, layout::CHECKSUM, &checksum.to_be_bytes());
}

/// Turns a whole batch into one that bears the time of its append (`LogAppendTime`), and renews the
/// checksum.
///
/// # Panics
/// When `batch` is shorter than a header; callers hand in batches they have parsed.
pub fn stamp_append_time(batch: &mut [u8], now_ms: i64) {
    let attributes = layout::i16_at(batch, layout::ATTRIBUTES) | layout::APPEND_TIME;
    layout::put(batch, layout::ATTRIBUTES, &attributes.to_be_bytes());
    layout::put(batch, layout::MAX_TIMESTAMP, &now_ms.to_be_bytes());
    let checksum = crc32c::crc32c(&batch[layout::ATTRIBUTES..]);
    layout::put(batch, layout::CHECKSUM, &checksum.to_be_bytes());
}
