//! Fields of our own files: big-endian integers, and texts and byte strings behind a 32-bit length.
//! Decoding says `None` to whatever is not there; callers turn that into an error with a place.

use bytes::Bytes;
use records::Compression;

use crate::{TimestampType, TopicConfig};

/// Appends fields to a buffer.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    pub(super) bytes: Vec<u8>,
}

impl Encoder {
    pub(super) fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    pub(super) fn i64(&mut self, value: i64) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    /// Byte strings are bounded by [`super::limits::COMMIT_BYTES_MAX`], far below 32 bits.
    pub(super) fn bytes(&mut self, value: &[u8]) {
        self.u32(value.len() as u32);
        self.bytes.extend_from_slice(value);
    }

    pub(super) fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    /// The number of `items`, then each as `encode` writes it.
    pub(super) fn list<T>(&mut self, items: &[T], encode: impl Fn(&mut Self, &T)) {
        self.u32(items.len() as u32);
        for item in items {
            encode(self, item);
        }
    }

    pub(super) fn topic_config(&mut self, config: &TopicConfig) {
        self.u32(config.partitions as u32);
        self.u8(u8::from(config.delete) | u8::from(config.compact) << 1);
        self.i64(config.retention_ms.unwrap_or(-1));
        self.u64(config.retention_bytes.unwrap_or(u64::MAX));
        self.u64(config.segment_bytes_max);
        self.i64(config.segment_ms_max);
        self.i64(config.compaction_lag_ms_min);
        self.i64(config.delete_retention_ms);
        self.u32(config.message_bytes_max);
        let named = named_settings(config);
        self.u32((config.other.len() + named.len()) as u32);
        for (name, value) in &config.other {
            self.text(name);
            self.text(value);
        }
        for (name, value) in named {
            self.text(name);
            self.text(&value);
        }
    }
}

/// Takes fields from a buffer.
#[derive(Clone, Debug)]
pub(super) struct Decoder {
    rest: Bytes,
}

impl Decoder {
    pub(super) fn new(bytes: &Bytes) -> Self {
        Self { rest: bytes.clone() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn take(&mut self, count: usize) -> Option<Bytes> {
        (count <= self.rest.len()).then(|| self.rest.split_to(count))
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.as_ref().try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }

    pub(super) fn bytes(&mut self) -> Option<Bytes> {
        let length = self.u32()?;
        self.take(length as usize)
    }

    pub(super) fn text(&mut self) -> Option<String> {
        String::from_utf8(self.bytes()?.to_vec()).ok()
    }

    /// As many items as a count says, each decoded by `item`. The count is not trusted with memory.
    pub(super) fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = self.u32()?;
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(item(self)?);
        }
        Some(items)
    }

    pub(super) fn topic_config(&mut self) -> Option<TopicConfig> {
        let partitions = i32::try_from(self.u32()?).ok()?;
        let policy = self.u8()?;
        let mut config = TopicConfig {
            partitions,
            delete: policy & 1 != 0,
            compact: policy & 2 != 0,
            retention_ms: Some(self.i64()?).filter(|ms| *ms >= 0),
            retention_bytes: Some(self.u64()?).filter(|bytes| *bytes != u64::MAX),
            segment_bytes_max: self.u64()?,
            segment_ms_max: self.i64()?,
            compaction_lag_ms_min: self.i64()?,
            delete_retention_ms: self.i64()?,
            message_bytes_max: self.u32()?,
            other: self.list(|entry| Some((entry.text()?, entry.text()?)))?.into_iter().collect(),
            ..TopicConfig::default()
        };
        take_named_settings(&mut config);
        Some(config)
    }
}

const COMPRESSION_TYPE: &str = "compression.type";
const TIMESTAMP_TYPE: &str = "message.timestamp.type";
const TIMESTAMP_BEFORE_MAX_MS: &str = "message.timestamp.before.max.ms";
const TIMESTAMP_AFTER_MAX_MS: &str = "message.timestamp.after.max.ms";
const COMPACTION_LAG_MS_MAX: &str = "max.compaction.lag.ms";
const CLEANABLE_RATIO_MIN: &str = "min.cleanable.dirty.ratio";

/// The settings that are written by name, as far as they are not the defaults: thus the layout stays
/// the same when the log learns to act on another setting.
fn named_settings(config: &TopicConfig) -> Vec<(&'static str, String)> {
    let mut named = Vec::new();
    if config.compression.is_some() {
        named.push((COMPRESSION_TYPE, config.compression_name().to_owned()));
    }
    if config.message_timestamp_type == TimestampType::LogAppendTime {
        named.push((TIMESTAMP_TYPE, "LogAppendTime".to_owned()));
    }
    let numbers = [
        (TIMESTAMP_BEFORE_MAX_MS, config.message_timestamp_before_max_ms),
        (TIMESTAMP_AFTER_MAX_MS, config.message_timestamp_after_max_ms),
        (COMPACTION_LAG_MS_MAX, config.compaction_lag_ms_max),
    ];
    let set = numbers.into_iter().filter_map(|(name, ms)| Some((name, ms?.to_string())));
    named.extend(set);
    if config.min_cleanable_ratio != TopicConfig::default().min_cleanable_ratio {
        named.push((CLEANABLE_RATIO_MIN, config.min_cleanable_ratio.to_string()));
    }
    named
}

/// Moves the settings written by name from `other` into their fields. One that cannot be read counts
/// as not set.
fn take_named_settings(config: &mut TopicConfig) {
    let compression = config.other.remove(COMPRESSION_TYPE);
    config.compression = compression.and_then(|name| Compression::of_topic(&name));
    let timestamp_type = config.other.remove(TIMESTAMP_TYPE);
    if timestamp_type.as_deref() == Some("LogAppendTime") {
        config.message_timestamp_type = TimestampType::LogAppendTime;
    }
    let mut number = |name| config.other.remove(name)?.parse().ok();
    config.message_timestamp_before_max_ms = number(TIMESTAMP_BEFORE_MAX_MS);
    config.message_timestamp_after_max_ms = number(TIMESTAMP_AFTER_MAX_MS);
    config.compaction_lag_ms_max = number(COMPACTION_LAG_MS_MAX);
    let ratio = config.other.remove(CLEANABLE_RATIO_MIN).and_then(|ratio| ratio.parse().ok());
    config.min_cleanable_ratio = ratio.unwrap_or(config.min_cleanable_ratio);
}
