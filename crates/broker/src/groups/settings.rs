//! The part of Kafka's broker configuration that groups follow. The defaults are Kafka's.

use std::str::FromStr;
use std::time::Duration;

use crate::Config;
use crate::groups::{classic, consumer};

/// How groups are kept.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// `group.min.session.timeout.ms`.
    pub(crate) session_timeout_min: Duration,
    /// `group.max.session.timeout.ms`.
    pub(crate) session_timeout_max: Duration,
    /// `group.initial.rebalance.delay.ms` and `group.max.size`.
    pub(crate) classic: classic::Limits,
    /// `group.consumer.heartbeat.interval.ms`.
    pub(crate) consumer_heartbeat_interval: Duration,
    /// `group.consumer.session.timeout.ms` and `group.consumer.max.size`.
    pub(crate) consumer: consumer::Limits,
    /// `offset.metadata.max.bytes`.
    pub(crate) metadata_bytes_max: usize,
    /// `offsets.retention.minutes`.
    pub(crate) offsets_retention: Duration,
    /// `offsets.retention.check.interval.ms`.
    pub(crate) retention_check_interval: Duration,
}

impl Settings {
    /// As `config` has them. A value that cannot be read is reported and left at its default.
    pub(crate) fn of(config: &Config) -> Self {
        let ms = |name, default| Duration::from_millis(number(config, name, default));
        let retention_minutes: u64 = number(config, "offsets.retention.minutes", 7 * 24 * 60);
        Self {
            session_timeout_min: ms("group.min.session.timeout.ms", 6_000),
            session_timeout_max: ms("group.max.session.timeout.ms", 30 * 60 * 1000),
            classic: classic::Limits {
                initial_delay: ms("group.initial.rebalance.delay.ms", 3_000),
                members_max: number(config, "group.max.size", i32::MAX as usize),
            },
            consumer_heartbeat_interval: ms("group.consumer.heartbeat.interval.ms", 5_000),
            consumer: consumer::Limits {
                session_timeout: ms("group.consumer.session.timeout.ms", 45_000),
                members_max: number(config, "group.consumer.max.size", i32::MAX as usize),
            },
            metadata_bytes_max: number(config, "offset.metadata.max.bytes", 4_096),
            offsets_retention: Duration::from_secs(retention_minutes.saturating_mul(60)),
            retention_check_interval: ms("offsets.retention.check.interval.ms", 10 * 60 * 1000),
        }
    }
}

fn number<T: FromStr + Copy>(config: &Config, name: &str, default: T) -> T {
    let Some(text) = config.properties.get(name) else { return default };
    text.trim().parse().unwrap_or_else(|_| {
        tracing::warn!(property = name, value = %text, "not a number; the default is used");
        default
    })
}
