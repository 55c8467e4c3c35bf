//! What can go wrong in the log.

use types::{Offset, TopicPartition};

/// Result of the log's calls.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed call, by what the caller can do about it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A topic of that name exists already.
    #[error("topic '{0}' already exists")]
    TopicExists(String),
    /// There is no such topic or partition.
    #[error("unknown topic or partition {0}")]
    UnknownPartition(TopicPartition),
    /// The topic's name or configuration is not allowed.
    #[error("invalid topic '{name}': {reason}")]
    InvalidTopic {
        /// The topic.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The offset lies outside what the partition holds.
    #[error("offset {offset} of {partition} is out of range {start}..={end}")]
    OffsetOutOfRange {
        /// Where.
        partition: TopicPartition,
        /// What was asked for.
        offset: Offset,
        /// The first offset kept.
        start: Offset,
        /// One past the last.
        end: Offset,
    },
    /// A batch handed in is not a valid record batch.
    #[error("corrupt record batch for {partition}: {reason}")]
    CorruptBatch {
        /// Where it was to go.
        partition: TopicPartition,
        /// What is wrong.
        reason: String,
    },
    /// A batch is larger than the topic allows.
    #[error("record batch of {bytes} bytes for {partition} exceeds max.message.bytes={bytes_max}")]
    BatchTooLarge {
        /// Where it was to go.
        partition: TopicPartition,
        /// Its size.
        bytes: usize,
        /// The limit.
        bytes_max: u32,
    },
    /// All batches of one commit together are too large.
    #[error("a commit of {bytes} bytes exceeds the limit of {bytes_max}")]
    CommitTooLarge {
        /// Their size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// A batch leaves out sequence numbers of its producer, or comes too late.
    #[error(
        "out of order sequence number of producer {producer_id} in {partition}: \
         expected {expected}, got {got}"
    )]
    OutOfOrderSequence {
        /// Where.
        partition: TopicPartition,
        /// Whose batch.
        producer_id: i64,
        /// The sequence number that was due.
        expected: i32,
        /// The batch's first one.
        got: i32,
    },
    /// A newer epoch of the producer has written already.
    #[error(
        "producer {producer_id} with epoch {epoch} is fenced in {partition} by epoch {current}"
    )]
    ProducerFenced {
        /// Where.
        partition: TopicPartition,
        /// Whose batch or marker.
        producer_id: i64,
        /// Its epoch.
        epoch: i16,
        /// The newest epoch.
        current: i16,
    },
    /// A batch or marker does not fit to the producer's transaction.
    #[error("invalid transaction of producer {producer_id} in {partition}: {reason}")]
    InvalidTransaction {
        /// Where.
        partition: TopicPartition,
        /// Whose it is.
        producer_id: i64,
        /// What is wrong.
        reason: &'static str,
    },
    /// A record without a key is for a compacted topic.
    #[error("a record for the compacted topic of {partition} has no key")]
    KeyRequired {
        /// Where it was to go.
        partition: TopicPartition,
    },
    /// A record's timestamp is further from now than the topic allows.
    #[error("timestamp {timestamp_ms} of a record for {partition} is too far from {now_ms}")]
    InvalidTimestamp {
        /// Where it was to go.
        partition: TopicPartition,
        /// The record's timestamp.
        timestamp_ms: i64,
        /// The time now.
        now_ms: i64,
    },
    /// A group cannot be called that.
    #[error("invalid group name '{0}': it must have 1 to 32767 bytes")]
    InvalidGroup(String),
    /// The metadata of a position are too long.
    #[error("{bytes} bytes of metadata in a position of group '{group}' exceed the limit of 32767")]
    MetadataTooLarge {
        /// The group.
        group: String,
        /// Their size.
        bytes: usize,
    },
    /// Bytes on disk are not what was written.
    #[error("corrupt data in {path} at byte {position}: {reason}")]
    CorruptFile {
        /// The file, relative to the data directory.
        path: String,
        /// Where in it.
        position: u64,
        /// What is wrong.
        reason: String,
    },
    /// The disk refused; nothing of the call took effect.
    #[error("cannot {action} {path}: {reason}")]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which file.
        path: String,
        /// The system's words.
        reason: String,
        /// Its kind, to tell a full disk from a broken one.
        kind: std::io::ErrorKind,
    },
    /// An earlier sync failed, so nothing more is acknowledged until a restart.
    #[error(
        "the log no longer accepts writes since a sync failed: {0}; restart after mending the disk"
    )]
    Poisoned(String),
    /// The log is being closed.
    #[error("the log is closed")]
    Closed,
}

impl Error {
    /// Whether the same call may succeed later without anything else changing.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Io { kind: std::io::ErrorKind::StorageFull, .. })
    }
}
