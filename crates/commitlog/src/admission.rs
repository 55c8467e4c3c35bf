//! What every log checks before it takes anything: topic names and configurations, and the record
//! batches of a commit. Used by each implementation of [`crate::Log`]; it never touches the disk.

use std::ops::RangeInclusive;

use bytes::{Bytes, BytesMut};
use records::{Batch, Builder, Records};
use types::TopicPartition;

use crate::unpacking::Unpacking;
use crate::{Error, Result, TimestampType, TopicConfig};

/// Kafka's limit for the length of a topic's name.
pub(crate) const TOPIC_NAME_BYTES_MAX: usize = 249;
/// More partitions than this in one topic are taken for a mistake.
pub(crate) const PARTITIONS_MAX: i32 = 100_000;
/// The smallest `segment.bytes`, so that a batch header fits.
pub(crate) const SEGMENT_BYTES_MIN: u64 = 1024;

/// Fails unless a topic may be called `name` and be kept as `config` says.
pub(crate) fn check_topic(name: &str, config: &TopicConfig) -> Result<()> {
    let invalid = |reason: &str| {
        Err(Error::InvalidTopic { name: name.to_owned(), reason: reason.to_owned() })
    };
    if name.is_empty() || name == "." || name == ".." {
        return invalid("the name must not be empty, '.' or '..'");
    }
    if name.len() > TOPIC_NAME_BYTES_MAX {
        return invalid("the name is longer than 249 characters");
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !name.bytes().all(allowed) {
        return invalid("the name may hold only ASCII letters, digits, '.', '_' and '-'");
    }
    if !(1..=PARTITIONS_MAX).contains(&config.partitions) {
        return invalid("the number of partitions must lie between 1 and 100000");
    }
    if config.segment_bytes_max < SEGMENT_BYTES_MIN {
        return invalid("segment.bytes must be at least 1024");
    }
    Ok(())
}

/// The batch to keep for the one in `bytes`, which is to be appended to `at`: with the compression
/// that the topic wants and the greatest timestamp that its records really have. Fails unless `bytes`
/// are one whole sound batch of records that may stand in the topic: with offsets without gaps, with
/// keys when the topic is compacted, with timestamps near enough to `now_ms`, and no larger than the
/// topic allows.
pub(crate) fn admit(
    at: &TopicPartition,
    bytes: &Bytes,
    config: &TopicConfig,
    now_ms: i64,
    unpacking: &Unpacking,
) -> Result<Batch> {
    check_size(at, bytes.len(), config)?;
    let batch = Batch::parse(bytes).map_err(|error| corrupt(at, error.to_string()))?;
    check_header(at, &batch, bytes)?;
    check_producer(at, &batch)?;
    // Unpacking checks the records' form as a whole, so that no reader stumbles over them later.
    let admitted = unpacking.look(&batch, |records| {
        check_records(at, records, config, now_ms)?;
        kept(at, &batch, records, config)
    });
    admitted.map_err(|error| corrupt(at, error.to_string()))?
}

fn corrupt(at: &TopicPartition, reason: impl Into<String>) -> Error {
    Error::CorruptBatch { partition: at.clone(), reason: reason.into() }
}

fn check_header(at: &TopicPartition, batch: &Batch, bytes: &Bytes) -> Result<()> {
    if batch.len() != bytes.len() {
        return Err(corrupt(at, "bytes after the batch"));
    }
    if batch.is_empty() || batch.last_offset_delta() != batch.record_count() - 1 {
        return Err(corrupt(at, "its records do not have consecutive offsets"));
    }
    if batch.is_control() {
        return Err(corrupt(at, "control batches are written as markers"));
    }
    Ok(())
}

fn check_size(at: &TopicPartition, bytes: usize, config: &TopicConfig) -> Result<()> {
    let bytes_max = config.message_bytes_max;
    if bytes > bytes_max as usize {
        return Err(Error::BatchTooLarge { partition: at.clone(), bytes, bytes_max });
    }
    Ok(())
}

/// The batch in `bytes`, which the log itself has made.
pub(crate) fn own_batch(at: &TopicPartition, bytes: &Bytes) -> Result<Batch> {
    Batch::parse_unverified(bytes).map_err(|error| corrupt(at, error.to_string()))
}

/// `batch` of `records` as the topic keeps it (`compression.type`). Fails when it is too large for the
/// topic then.
fn kept(
    at: &TopicPartition,
    batch: &Batch,
    records: &Records,
    config: &TopicConfig,
) -> Result<Batch> {
    let compression = config.compression.unwrap_or(batch.compression());
    if compression != batch.compression() {
        let packed = Builder::like(batch, compression).with(records);
        check_size(at, packed.len(), config)?;
        return own_batch(at, &packed);
    }
    let max_timestamp_ms = records.max_timestamp_ms();
    if batch.max_timestamp_ms() == max_timestamp_ms || batch.is_append_time() {
        return Ok(batch.clone());
    }
    let mut corrected = BytesMut::from(&batch.bytes()[..]);
    records::set_max_timestamp(&mut corrected, max_timestamp_ms);
    own_batch(at, &corrected.freeze())
}

/// A producer has an epoch and sequence numbers, and a transaction has a producer.
fn check_producer(at: &TopicPartition, batch: &Batch) -> Result<()> {
    let producer_id = batch.producer_id();
    if producer_id >= 0 && (batch.producer_epoch() < 0 || batch.base_sequence() < 0) {
        let reason = "its producer gave no epoch or no sequence number".to_owned();
        return Err(Error::CorruptBatch { partition: at.clone(), reason });
    }
    if producer_id < 0 && batch.is_transactional() {
        let reason = "a transactional batch without a producer";
        return Err(Error::InvalidTransaction { partition: at.clone(), producer_id, reason });
    }
    Ok(())
}

fn check_records(
    at: &TopicPartition,
    records: &Records,
    config: &TopicConfig,
    now_ms: i64,
) -> Result<()> {
    if config.compact && !records.are_keyed() {
        return Err(Error::KeyRequired { partition: at.clone() });
    }
    if stamps_append_time(config) {
        return Ok(());
    }
    let oldest_ms = config.message_timestamp_before_max_ms.map(|ms| now_ms.saturating_sub(ms));
    let newest_ms = config.message_timestamp_after_max_ms.map(|ms| now_ms.saturating_add(ms));
    let Some((first_ms, last_ms)) = records.timestamps_ms().map(RangeInclusive::into_inner) else {
        return Ok(());
    };
    let too_old = oldest_ms.filter(|oldest_ms| first_ms < *oldest_ms).map(|_| first_ms);
    let too_new = newest_ms.filter(|newest_ms| last_ms > *newest_ms).map(|_| last_ms);
    match too_old.or(too_new) {
        Some(timestamp_ms) => {
            Err(Error::InvalidTimestamp { partition: at.clone(), timestamp_ms, now_ms })
        }
        None => Ok(()),
    }
}

/// Whether the records of a topic bear the time of their append (`message.timestamp.type`).
pub(crate) fn stamps_append_time(config: &TopicConfig) -> bool {
    config.message_timestamp_type == TimestampType::LogAppendTime
}
