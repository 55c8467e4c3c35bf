//! Topic ids: a number in the log, 16 bytes in messages.

use uuid::Uuid;

/// The id as messages carry it.
pub(crate) fn to_uuid(id: u128) -> Uuid {
    Uuid::from_u128(id)
}

/// The id that a message carries; `None` for the all-zero one that stands for none.
pub(crate) fn from_uuid(id: Uuid) -> Option<u128> {
    Some(id.as_u128()).filter(|id| *id != 0)
}
