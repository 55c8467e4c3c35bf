//! What clients of a group are told when the log refuses.

use commitlog::Error;
use kafka_protocol::ResponseError;

/// The error of a group's request that the log refused with `error`. Disk trouble is answered so that
/// clients try again.
pub(super) fn refusal(group: &str, error: &Error) -> ResponseError {
    match error {
        Error::BatchTooLarge { .. } | Error::CommitTooLarge { .. } => {
            ResponseError::InvalidCommitOffsetSize
        }
        Error::CorruptFile { .. } | Error::Io { .. } | Error::Poisoned(_) | Error::Closed => {
            // Of its disk the log tells by itself, once for all who are refused.
            if !error.is_retryable() && !matches!(error, Error::Poisoned(_)) {
                tracing::warn!(group, %error, "cannot write for a group");
            }
            ResponseError::CoordinatorNotAvailable
        }
        error => crate::error::code(error),
    }
}
