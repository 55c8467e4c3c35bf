//! The broker properties that transactions go by.

use crate::Config;

/// How transactions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    /// `transaction.max.timeout.ms`: the longest timeout a client may ask for.
    pub(super) timeout_max_ms: i64,
    /// `transactional.id.expiration.ms`: how long an unused transactional id is remembered.
    pub(super) expiration_ms: i64,
    /// `transaction.state.log.num.partitions`, when the topic is created.
    pub(super) partitions: i32,
    /// `transaction.state.log.segment.bytes`, when the topic is created.
    pub(super) segment_bytes_max: u64,
}

impl Settings {
    /// What `config` says, or Kafka's defaults.
    pub(super) fn of(config: &Config) -> Self {
        let partitions = config.number("transaction.state.log.num.partitions");
        let segment_bytes = config.number("transaction.state.log.segment.bytes");
        Self {
            timeout_max_ms: config.number("transaction.max.timeout.ms"),
            expiration_ms: config.number("transactional.id.expiration.ms"),
            partitions: i32::try_from(partitions).unwrap_or(i32::MAX),
            segment_bytes_max: segment_bytes.unsigned_abs(),
        }
    }
}
