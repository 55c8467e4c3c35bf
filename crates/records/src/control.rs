//! Control records: the markers that end a transaction in a partition. A control batch holds one
//! record whose key is version (int16, 0) and kind (int16).

use bytes::Bytes;

use crate::{Batch, Builder, Compression, Record, layout};

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

    /// The control batch of a marker that ends the open transaction of `producer_id`.
    pub fn marker(
        self,
        (producer_id, producer_epoch): (i64, i16),
        coordinator_epoch: i32,
        now_ms: i64,
    ) -> Bytes {
        let mut builder = Builder::new(Compression::None)
            .producer(producer_id, producer_epoch, -1)
            .transactional()
            .control();
        builder.append(now_ms, Some(&self.key()), Some(&Self::value(coordinator_epoch)), &[]);
        builder.build()
    }

    /// What the marker in control batch `batch` says, and the epoch of the coordinator that wrote it;
    /// `None` when there is none.
    pub fn in_batch(batch: &Batch) -> Option<(Self, i32)> {
        let records = batch.records().ok().filter(|_| batch.is_control())?;
        let record = records.iter().next()?;
        let coordinator_epoch = match record.value {
            Some(value) if value.len() >= 6 => layout::i32_at(value, 2),
            _ => -1,
        };
        Some((Self::of(&record)?, coordinator_epoch))
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
