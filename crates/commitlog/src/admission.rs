//! What every log checks before it takes anything: topic names and configurations, and the record
//! batches of a commit. Used by each implementation of [`crate::Log`]; it never touches the disk.

use bytes::Bytes;
use records::{Batch, Builder, Records};
use types::TopicPartition;

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

/// The batch in `bytes` that is to be appended to `at`. Fails unless it is one whole sound batch
/// of records that may stand in the topic: with offsets without gaps, with keys when the topic is
/// compacted, with timestamps near enough to `now_ms`, and no larger than the topic allows.
pub(crate) fn check_batch(
    at: &TopicPartition,
    bytes: &Bytes,
    config: &TopicConfig,
    now_ms: i64,
) -> Result<Batch> {
    let corrupt = |reason: String| Error::CorruptBatch { partition: at.clone(), reason };
    check_size(at, bytes.len(), config)?;
    let batch = Batch::parse(bytes).map_err(|error| corrupt(error.to_string()))?;
    if batch.len() != bytes.len() {
        return Err(corrupt("bytes after the batch".to_owned()));
    }
    if batch.is_empty() || batch.last_offset_delta() != batch.record_count() - 1 {
        return Err(corrupt("its records do not have consecutive offsets".to_owned()));
    }
    if batch.is_control() {
        return Err(corrupt("control batches are written as markers".to_owned()));
    }
    check_producer(at, &batch)?;
    check_records(at, &batch, config, now_ms)?;
    Ok(batch)
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
    Batch::parse_unverified(bytes)
        .map_err(|error| Error::CorruptBatch { partition: at.clone(), reason: error.to_string() })
}

/// `batch` as the topic wants it compressed (`compression.type`). Fails when it is too large for the
/// topic then.
pub(crate) fn stored(at: &TopicPartition, batch: Batch, config: &TopicConfig) -> Result<Batch> {
    match config.compression {
        Some(compression) if compression != batch.compression() => {
            let records = unpacked(at, &batch)?;
            let packed = Builder::like(&batch, compression).with(&records);
            check_size(at, packed.len(), config)?;
            own_batch(at, &packed)
        }
        _ => Ok(batch),
    }
}

fn unpacked(at: &TopicPartition, batch: &Batch) -> Result<Records> {
    batch
        .records()
        .map_err(|error| Error::CorruptBatch { partition: at.clone(), reason: error.to_string() })
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

/// Unpacking checks the records' form as a whole, so that no reader stumbles over them later.
fn check_records(
    at: &TopicPartition,
    batch: &Batch,
    config: &TopicConfig,
    now_ms: i64,
) -> Result<()> {
    let records = unpacked(at, batch)?;
    if config.compact && records.iter().any(|record| record.key.is_none()) {
        return Err(Error::KeyRequired { partition: at.clone() });
    }
    let oldest = config.message_timestamp_before_max_ms.map(|ms| now_ms.saturating_sub(ms));
    let newest = config.message_timestamp_after_max_ms.map(|ms| now_ms.saturating_add(ms));
    if stamps_append_time(config) || (oldest.is_none() && newest.is_none()) {
        return Ok(());
    }
    let allowed = oldest.unwrap_or(i64::MIN)..=newest.unwrap_or(i64::MAX);
    let mut times = records.iter().map(|record| record.timestamp_ms);
    match times.find(|timestamp_ms| !allowed.contains(timestamp_ms)) {
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
