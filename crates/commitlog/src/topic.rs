//! Topic configuration: Kafka's names, the part the log itself acts on.

use std::collections::BTreeMap;

/// Default of `segment.bytes`: 1 GiB.
pub const SEGMENT_BYTES_DEFAULT: u64 = 1 << 30;

/// How a topic is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicConfig {
    /// Number of partitions, at least 1.
    pub partitions: i32,
    /// Whether old segments are deleted by time and size (`cleanup.policy` holds `delete`).
    pub delete: bool,
    /// Whether only the latest record of each key is kept (`cleanup.policy` holds `compact`).
    pub compact: bool,
    /// `retention.ms`; `None` is unlimited (-1).
    pub retention_ms: Option<i64>,
    /// `retention.bytes` per partition; `None` is unlimited (-1).
    pub retention_bytes: Option<u64>,
    /// `segment.bytes`.
    pub segment_bytes_max: u64,
    /// `segment.ms`.
    pub segment_ms_max: i64,
    /// `min.compaction.lag.ms`.
    pub compaction_lag_ms_min: i64,
    /// `delete.retention.ms`: how long a tombstone outlives its compaction.
    pub delete_retention_ms: i64,
    /// `max.message.bytes`.
    pub message_bytes_max: u32,
    /// Every other entry, kept for DescribeConfigs.
    pub other: BTreeMap<String, String>,
}

impl Default for TopicConfig {
    /// Kafka's defaults: one partition, `delete` after 7 days.
    fn default() -> Self {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        Self {
            partitions: 1,
            delete: true,
            compact: false,
            retention_ms: Some(7 * DAY_MS),
            retention_bytes: None,
            segment_bytes_max: SEGMENT_BYTES_DEFAULT,
            segment_ms_max: 7 * DAY_MS,
            compaction_lag_ms_min: 0,
            delete_retention_ms: DAY_MS,
            message_bytes_max: 1_048_588,
            other: BTreeMap::new(),
        }
    }
}

impl TopicConfig {
    /// A topic with `partitions` partitions and otherwise Kafka's defaults.
    pub fn with_partitions(partitions: i32) -> Self {
        Self { partitions, ..Self::default() }
    }

    /// The same, compacted instead of deleted.
    pub fn compacted(self) -> Self {
        Self { delete: false, compact: true, ..self }
    }
}
