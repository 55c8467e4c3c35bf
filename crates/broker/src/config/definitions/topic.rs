//! Entries of a topic.

use commitlog::{TimestampType, TopicConfig};
use records::Compression;

use crate::config::definition::{Definition, hours, minutes, same};
use crate::config::value::{Valid, Value};

/// The codecs that `compression.type` names.
pub(super) const COMPRESSIONS: &[&str] =
    &["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"];
/// What `cleanup.policy` is made of.
pub(super) const CLEANUP_POLICIES: &[&str] = &["compact", "delete"];
/// The kinds of time of `message.timestamp.type`.
pub(super) const TIMESTAMP_TYPES: &[&str] = &["CreateTime", "LogAppendTime"];
/// The smallest `segment.bytes`. Kafka wants 1 MiB since its version 4; smaller ones of older
/// applications do no harm here.
pub(super) const SEGMENT_BYTES: Valid = Valid::Between(1024, i32::MAX as i64);
/// Levels of gzip: 1 to 9, or the codec's own default.
pub(super) const GZIP_LEVELS: Valid = Valid::BetweenOr(1, 9, -1);
/// Levels of LZ4.
pub(super) const LZ4_LEVELS: Valid = Valid::Between(1, 17);
/// Levels of Zstandard.
pub(super) const ZSTD_LEVELS: Valid = Valid::Between(-131_072, 22);

/// All of them, by name.
#[rustfmt::skip]
pub(crate) const TOPIC: &[Definition] = &[
    Definition::list("cleanup.policy", "Whether old segments are deleted by age and size, or only the latest record of each key is kept, or both.")
        .or("delete").valid(Valid::SomeOf(CLEANUP_POLICIES)).also(&[same("log.cleanup.policy")])
        .kept(cleanup_policy, set_cleanup_policy),
    Definition::int("compression.gzip.level", "Level of gzip, where compression.type=gzip has the broker compress; its own default holds.")
        .or("-1").valid(GZIP_LEVELS).also(&[same("compression.gzip.level")]),
    Definition::int("compression.lz4.level", "Level of LZ4, where compression.type=lz4 has the broker compress; its own default holds.")
        .or("9").valid(LZ4_LEVELS).also(&[same("compression.lz4.level")]),
    Definition::string("compression.type", "Codec in which batches are stored; with 'producer' they stay as they were sent.")
        .or("producer").valid(Valid::OneOf(COMPRESSIONS)).also(&[same("compression.type")])
        .kept(|config| Value::Text(config.compression_name().to_owned()), set_compression),
    Definition::int("compression.zstd.level", "Level of Zstandard, where compression.type=zstd has the broker compress; its own default holds.")
        .or("3").valid(ZSTD_LEVELS).also(&[same("compression.zstd.level")]),
    Definition::long("delete.retention.ms", "How long a tombstone is still there for readers after compaction has seen it.")
        .or("86400000").at_least(0).also(&[same("log.cleaner.delete.retention.ms")])
        .kept(|config| Value::Number(config.delete_retention_ms), |config, value| config.delete_retention_ms = value.number()),
    Definition::long("file.delete.delay.ms", "How long Kafka keeps a removed segment's file; here it goes at once.")
        .or("60000").at_least(0).also(&[same("log.segment.delete.delay.ms")]),
    Definition::long("flush.messages", "After how many records Kafka syncs; here every acknowledged batch is synced.")
        .or("9223372036854775807").at_least(1).also(&[same("log.flush.interval.messages")]),
    Definition::long("flush.ms", "After how long Kafka syncs; here every acknowledged batch is synced.")
        .or("9223372036854775807").at_least(0).also(&[same("log.flush.interval.ms"), same("log.flush.scheduler.interval.ms")]),
    Definition::list("follower.replication.throttled.replicas", "Replicas whose followers are slowed down; there are none.")
        .or(""),
    Definition::int("index.interval.bytes", "Distance between index entries in Kafka; the log here has its own.")
        .or("4096").at_least(0).also(&[same("log.index.interval.bytes")]),
    Definition::list("leader.replication.throttled.replicas", "Replicas whose leaders are slowed down; there are none.")
        .or(""),
    Definition::long("local.retention.bytes", "How much of a tiered topic stays on local disk; there is no tiered storage.")
        .or("-2").at_least(-2).also(&[same("log.local.retention.bytes")]),
    Definition::long("local.retention.ms", "How long records of a tiered topic stay on local disk; there is no tiered storage.")
        .or("-2").at_least(-2).also(&[same("log.local.retention.ms")]),
    Definition::long("max.compaction.lag.ms", "When compaction must have seen a record at the latest.")
        .or("9223372036854775807").at_least(1).also(&[same("log.cleaner.max.compaction.lag.ms")])
        .kept(|config| or_unlimited(config.compaction_lag_ms_max), |config, value| config.compaction_lag_ms_max = limit(value)),
    Definition::int("max.message.bytes", "The largest record batch the topic takes.")
        .or("1048588").at_least(0).also(&[same("message.max.bytes")])
        .kept(|config| Value::Number(i64::from(config.message_bytes_max)), set_message_bytes_max),
    Definition::long("message.timestamp.after.max.ms", "How far in the future a record's own timestamp may lie.")
        .or("3600000").at_least(0).also(&[same("log.message.timestamp.after.max.ms")])
        .kept(|config| or_unlimited(config.message_timestamp_after_max_ms), |config, value| config.message_timestamp_after_max_ms = limit(value)),
    Definition::long("message.timestamp.before.max.ms", "How far in the past a record's own timestamp may lie.")
        .or("9223372036854775807").at_least(0).also(&[same("log.message.timestamp.before.max.ms")])
        .kept(|config| or_unlimited(config.message_timestamp_before_max_ms), |config, value| config.message_timestamp_before_max_ms = limit(value)),
    Definition::string("message.timestamp.type", "Whether records bear the time of their making or of their append.")
        .or("CreateTime").valid(Valid::OneOf(TIMESTAMP_TYPES)).also(&[same("log.message.timestamp.type")])
        .kept(timestamp_type, set_timestamp_type),
    Definition::double("min.cleanable.dirty.ratio", "What part of a partition must be new before it is compacted again.")
        .or("0.5").valid(Valid::Fraction(0.0, 1.0)).also(&[same("log.cleaner.min.cleanable.ratio")])
        .kept(|config| Value::Double(config.min_cleanable_ratio), |config, value| config.min_cleanable_ratio = value.double()),
    Definition::long("min.compaction.lag.ms", "How long a record is left alone by compaction.")
        .or("0").at_least(0).also(&[same("log.cleaner.min.compaction.lag.ms")])
        .kept(|config| Value::Number(config.compaction_lag_ms_min), |config, value| config.compaction_lag_ms_min = value.number()),
    Definition::int("min.insync.replicas", "How many replicas must be in sync for acks=all; there is one, so that more refuses such writes.")
        .or("1").at_least(1).also(&[same("min.insync.replicas")]).honoured(),
    Definition::boolean("preallocate", "Whether Kafka reserves a segment's space beforehand; the log here does not.")
        .or("false").also(&[same("log.preallocate")]),
    Definition::boolean("remote.log.copy.disable", "Whether a tiered topic is no longer copied; there is no tiered storage.")
        .or("false"),
    Definition::boolean("remote.log.delete.on.disable", "Whether tiered data goes when tiering ends; there is no tiered storage.")
        .or("false"),
    Definition::boolean("remote.storage.enable", "Whether the topic is tiered; there is no tiered storage, so only false is taken.")
        .or("false").valid(Valid::Only("false")).honoured(),
    Definition::long("retention.bytes", "How large a partition may grow before its oldest segments go; -1 is unlimited.")
        .or("-1").also(&[same("log.retention.bytes")])
        .kept(|config| or_minus_one(config.retention_bytes.map(|bytes| bytes as i64)), |config, value| config.retention_bytes = u64::try_from(value.number()).ok()),
    Definition::long("retention.ms", "How old a segment may grow before it goes; -1 is unlimited.")
        .or("604800000").at_least(-1).also(&[same("log.retention.ms"), minutes("log.retention.minutes"), hours("log.retention.hours")])
        .kept(|config| or_minus_one(config.retention_ms), |config, value| config.retention_ms = Some(value.number()).filter(|ms| *ms >= 0)),
    Definition::int("segment.bytes", "The largest segment.")
        .or("1073741824").valid(SEGMENT_BYTES).also(&[same("log.segment.bytes")])
        .kept(|config| Value::Number(config.segment_bytes_max as i64), |config, value| config.segment_bytes_max = value.number().unsigned_abs()),
    Definition::int("segment.index.bytes", "Room for a segment's index in Kafka; indexes here grow as needed.")
        .or("10485760").at_least(4).also(&[same("log.index.size.max.bytes")]),
    Definition::long("segment.jitter.ms", "By how much Kafka spreads the ends of segments; they are not spread here.")
        .or("0").at_least(0).also(&[same("log.roll.jitter.ms"), hours("log.roll.jitter.hours")]),
    Definition::long("segment.ms", "After how long a segment ends even if it is not full.")
        .or("604800000").at_least(1).also(&[same("log.roll.ms"), hours("log.roll.hours")])
        .kept(|config| Value::Number(config.segment_ms_max), |config, value| config.segment_ms_max = value.number()),
    Definition::boolean("unclean.leader.election.enable", "Whether a replica that lags may lead; there is only one replica.")
        .or("false").also(&[same("unclean.leader.election.enable")]),
];

fn cleanup_policy(config: &TopicConfig) -> Value {
    let policies = [(config.compact, "compact"), (config.delete, "delete")];
    let set = policies.into_iter().filter(|(is_set, _)| *is_set);
    Value::List(set.map(|(_, policy)| policy.to_owned()).collect())
}

fn set_cleanup_policy(config: &mut TopicConfig, value: &Value) {
    config.compact = value.holds("compact");
    config.delete = value.holds("delete");
}

fn set_compression(config: &mut TopicConfig, value: &Value) {
    config.compression = match value {
        Value::Text(name) => Compression::of_topic(name),
        _ => None,
    };
}

fn timestamp_type(config: &TopicConfig) -> Value {
    let text = match config.message_timestamp_type {
        TimestampType::CreateTime => "CreateTime",
        TimestampType::LogAppendTime => "LogAppendTime",
    };
    Value::Text(text.to_owned())
}

fn set_timestamp_type(config: &mut TopicConfig, value: &Value) {
    config.message_timestamp_type = match value {
        Value::Text(text) if text == "LogAppendTime" => TimestampType::LogAppendTime,
        _ => TimestampType::CreateTime,
    };
}

fn set_message_bytes_max(config: &mut TopicConfig, value: &Value) {
    config.message_bytes_max = u32::try_from(value.number()).unwrap_or(0);
}

/// The largest number stands for no limit.
fn or_unlimited(limit: Option<i64>) -> Value {
    Value::Number(limit.unwrap_or(i64::MAX))
}

fn limit(value: &Value) -> Option<i64> {
    Some(value.number()).filter(|limit| *limit != i64::MAX)
}

fn or_minus_one(limit: Option<i64>) -> Value {
    Value::Number(limit.unwrap_or(-1))
}
