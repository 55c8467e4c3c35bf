//! Epochs of leaders: there is one broker and it has always led, so there is one epoch.

use kafka_protocol::ResponseError;

/// The epoch of every partition's leader.
pub(super) const LEADER_EPOCH: i32 = 0;
/// What stands for no epoch or offset.
pub(super) const NONE: i32 = -1;

/// Fails unless the epoch that a client believes in is the current one; it need not know any.
pub(super) fn check(believed: i32) -> Result<(), ResponseError> {
    match believed {
        ..LEADER_EPOCH => Ok(()),
        LEADER_EPOCH => Ok(()),
        _ => Err(ResponseError::UnknownLeaderEpoch),
    }
}
