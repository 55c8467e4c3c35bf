//! Control records: the markers that end a transaction in a partition. A control batch holds one
//! record whose key is version (int16, 0) and kind (int16).

use crate::{Record, layout};

/// What a control record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlKind {
    /// The producer's open transaction in this partition was aborted.
    Abort,
    /// It was committed.
    Commit,
}

impl ControlKind {
    /// The key of a marker of this kind.
    pub fn key(self) -> [u8; 4] {
        match self {
            Self::Abort => [0, 0, 0, 0],
            Self::Commit => [0, 0, 0, 1],
        }
    }

    /// The value of a marker: version (int16, 0) and the coordinator's epoch (int32).
    pub fn value(coordinator_epoch: i32) -> [u8; 6] {
        let mut value = [0; 6];
        layout::put(&mut value, 2, &coordinator_epoch.to_be_bytes());
        value
    }

    /// The kind of a control batch's `record`; `None` for kinds this version does not know, which
    /// readers skip.
    pub fn of(record: &Record<'_>) -> Option<Self> {
        let key = record.key.filter(|key| key.len() >= 4)?;
        match layout::i16_at(key, 2) {
            0 => Some(Self::Abort),
            1 => Some(Self::Commit),
            _ => None,
        }
    }
}
