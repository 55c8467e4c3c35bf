//! Topic configuration: Kafka's names, the part the log itself acts on.

use std::collections::BTreeMap;

use records::Compression;

/// Default of `segment.bytes`: 1 GiB.
pub const SEGMENT_BYTES_DEFAULT: u64 = 1 << 30;

/// Which time records bear (`message.timestamp.type`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimestampType {
    /// That of their making, as the producer says.
    #[default]
    CreateTime,
    /// That of their append.
    LogAppendTime,
}

/// How a topic is kept.
#[derive(Clone, Debug, PartialEq)]
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
    /// `compression.type`: the codec in which batches are stored; `None` (`producer`) keeps them as they
    /// were sent.
    pub compression: Option<Compression>,
    /// `message.timestamp.type`.
    pub message_timestamp_type: TimestampType,
    /// `message.timestamp.before.max.ms`: how old a record may say it is; `None` is unlimited.
    pub message_timestamp_before_max_ms: Option<i64>,
    /// `message.timestamp.after.max.ms`: how far in the future it may say; `None` is unlimited.
    pub message_timestamp_after_max_ms: Option<i64>,
    /// `max.compaction.lag.ms`: when a record must have been seen by compaction; `None` is unlimited.
    pub compaction_lag_ms_max: Option<i64>,
    /// `min.cleanable.dirty.ratio`: what part of a partition has to be dirty to compact it.
    pub min_cleanable_ratio: f64,
    /// Every other entry, kept for DescribeConfigs.
    pub other: BTreeMap<String, String>,
}

impl Default for TopicConfig {
    /// Kafka's defaults: one partition, `delete` after 7 days. Only timestamps are not limited: who
    /// creates a topic for others to write to limits them.
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
            compression: None,
            message_timestamp_type: TimestampType::CreateTime,
            message_timestamp_before_max_ms: None,
            message_timestamp_after_max_ms: None,
            compaction_lag_ms_max: None,
            min_cleanable_ratio: 0.5,
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

    /// What Kafka calls its `compression.type`; [`Compression::of_topic`] is the way back.
    pub fn compression_name(&self) -> &'static str {
        match self.compression {
            None => "producer",
            Some(Compression::None) => "uncompressed",
            Some(compression) => compression.name(),
        }
    }
}

/// A change of a topic.
#[derive(Clone, Copy, Debug)]
pub enum TopicChange<'a> {
    /// It begins, kept as this says.
    Create(&'a TopicConfig),
    /// It ends, with its records and all positions of groups in it.
    Delete,
    /// It is kept as this says from now on; its number of partitions stays.
    Alter(&'a TopicConfig),
    /// It gets partitions until it has so many.
    AddPartitions(i32),
}
