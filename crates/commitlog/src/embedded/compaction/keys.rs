//! The latest offset of each key, by a digest of the key as in Kafka: keys may be long, and two keys
//! taken for one would lose a record.

use hashbrown::HashMap;
use md5::{Digest, Md5};
use records::Batch;

/// Digests of keys with their latest offsets.
#[derive(Debug)]
pub(super) struct LatestOffsets {
    offsets: HashMap<[u8; 16], i64>,
    keys_max: usize,
}

impl LatestOffsets {
    pub(super) fn new(keys_max: usize) -> Self {
        Self { offsets: HashMap::new(), keys_max: keys_max.max(1) }
    }

    /// Whether no further batch should be noted. The batch that fills it may overfill it.
    pub(super) fn is_full(&self) -> bool {
        self.offsets.len() >= self.keys_max
    }

    /// Notes the keys of `batch`, whose records count.
    pub(super) fn note(&mut self, batch: &Batch) -> records::Result<()> {
        for record in &batch.records()? {
            if let Some(key) = record.key {
                self.offsets.insert(digest(key), record.offset);
            }
        }
        Ok(())
    }

    /// Whether a record of `key` later than `offset` was noted.
    pub(super) fn supersedes(&self, key: &[u8], offset: i64) -> bool {
        self.offsets.get(&digest(key)).is_some_and(|latest| *latest > offset)
    }
}

fn digest(key: &[u8]) -> [u8; 16] {
    Md5::digest(key).into()
}
