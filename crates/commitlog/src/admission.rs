//! What every log checks before it takes anything: topic names and configurations, and the record
//! batches of a commit. Used by each implementation of [`crate::Log`]; it never touches the disk.

use bytes::Bytes;
use records::Batch;
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
/// whose records have offsets without gaps and that is not larger than the topic allows.
pub(crate) fn check_batch(
    at: &TopicPartition,
    bytes: &Bytes,
    config: &TopicConfig,
) -> Result<Batch> {
    let corrupt = |reason: String| Error::CorruptBatch { partition: at.clone(), reason };
    if bytes.len() > config.message_bytes_max as usize {
        return Err(Error::BatchTooLarge {
            partition: at.clone(),
            bytes: bytes.len(),
            bytes_max: config.message_bytes_max,
        });
    }
    let batch = Batch::parse(bytes).map_err(|error| corrupt(error.to_string()))?;
    if batch.len() != bytes.len() {
        return Err(corrupt("bytes after the batch".to_owned()));
    }
    if batch.is_empty() || batch.last_offset_delta() != batch.record_count() - 1 {
        return Err(corrupt("its records do not have consecutive offsets".to_owned()));
    }
    Ok(batch)
}

/// Whether the records of a topic bear the time of their append (`message.timestamp.type`).
pub(crate) fn stamps_append_time(config: &TopicConfig) -> bool {
    config.message_timestamp_type == TimestampType::LogAppendTime
}
