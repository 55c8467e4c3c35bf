//! What can go wrong between a client and the log, and the protocol's error codes for it.

use kafka_protocol::ResponseError;
use types::TopicPartition;

use crate::replay::SKIP;

/// Result of the broker's calls.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure, by what becomes of it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes on the connection are no request; the connection is closed.
    #[error("malformed request: {0}")]
    Malformed(String),
    /// A request is larger than `socket.request.max.bytes`; the connection is closed.
    #[error("a request of {bytes} bytes exceeds socket.request.max.bytes={bytes_max}")]
    RequestTooLarge {
        /// Its size.
        bytes: i64,
        /// The limit.
        bytes_max: usize,
    },
    /// Requests of others take all the memory there is; the connection is closed.
    #[error(
        "no memory for the rest of a request of {0} bytes: queued.max.request.bytes is used up"
    )]
    Congested(usize),
    /// The client may not do that before it is authenticated; the connection is closed.
    #[error("{0}")]
    Unauthenticated(String),
    /// A property makes no sense; the broker does not start.
    #[error("{0}")]
    Configuration(String),
    /// A record of `__tidemill_security` makes no sense; the broker does not start, because it may be
    /// one that denies.
    #[error("the record at offset {offset} of __tidemill_security is not understood")]
    SecurityRecord {
        /// Where it is.
        offset: i64,
    },
    /// Something in a topic of the broker's own cannot be read; the broker does not start, because it
    /// would forget what stands there.
    #[error(
        "{partition} cannot be read at offset {offset}: {reason}; restore the data directory from a \
         backup, or give up what stands there and start with kafka.{SKIP}=true"
    )]
    Unreadable {
        /// Where.
        partition: TopicPartition,
        /// The batch or record.
        offset: i64,
        /// What is wrong with it.
        reason: String,
    },
    /// A produce request failed whose client wants no answer; the connection is closed to let it know.
    #[error("cannot append what wants no acknowledgement: {0}")]
    Unacknowledged(String),
    /// An answer cannot be written in the version asked for.
    #[error("cannot encode the answer to {request}: {reason}")]
    Encode {
        /// Name of the request.
        request: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The connection broke.
    #[error("connection: {0}")]
    Connection(#[from] std::io::Error),
    /// The log refused.
    #[error(transparent)]
    Log(#[from] commitlog::Error),
}

/// The protocol's code for what the log said.
pub(crate) fn code(error: &commitlog::Error) -> ResponseError {
    use commitlog::Error as Log;
    match error {
        Log::TopicExists(_) => ResponseError::TopicAlreadyExists,
        Log::UnknownPartition(_) => ResponseError::UnknownTopicOrPartition,
        Log::InvalidTopic { .. } => ResponseError::InvalidTopicException,
        Log::OffsetOutOfRange { .. } => ResponseError::OffsetOutOfRange,
        Log::CorruptBatch { .. } => ResponseError::CorruptMessage,
        Log::BatchTooLarge { .. } => ResponseError::MessageTooLarge,
        Log::CommitTooLarge { .. } => ResponseError::RecordListTooLarge,
        Log::OutOfOrderSequence { .. } => ResponseError::OutOfOrderSequenceNumber,
        Log::ProducerFenced { .. } => ResponseError::InvalidProducerEpoch,
        Log::InvalidTransaction { .. } => ResponseError::InvalidTxnState,
        Log::KeyRequired { .. } => ResponseError::InvalidRecord,
        Log::InvalidTimestamp { .. } => ResponseError::InvalidTimestamp,
        Log::InvalidGroup(_) => ResponseError::InvalidGroupId,
        Log::CorruptFile { .. } | Log::Io { .. } | Log::Poisoned(_) => {
            ResponseError::KafkaStorageError
        }
        Log::Closed => ResponseError::NotLeaderOrFollower,
        _ => ResponseError::UnknownServerError,
    }
}
