//! The broker properties that transactions go by, with Kafka's names and defaults.

use std::str::FromStr;

use crate::Config;

/// How transactions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    /// `transaction.max.timeout.ms`: the longest timeout a client may ask for.
    pub(super) timeout_max_ms: i32,
    /// `transactional.id.expiration.ms`: how long an unused transactional id is remembered.
    pub(super) expiration_ms: i64,
    /// `transaction.state.log.num.partitions`, when the topic is created.
    pub(super) partitions: i32,
    /// `transaction.state.log.segment.bytes`, when the topic is created.
    pub(super) segment_bytes_max: u64,
}

impl Settings {
    /// What `config` says; Kafka's defaults where it says nothing.
    pub(super) fn of(config: &Config) -> Self {
        Self {
            timeout_max_ms: number(config, "transaction.max.timeout.ms", 900_000),
            expiration_ms: number(config, "transactional.id.expiration.ms", 604_800_000),
            partitions: number(config, "transaction.state.log.num.partitions", 50),
            segment_bytes_max: number(config, "transaction.state.log.segment.bytes", 104_857_600),
        }
    }
}

fn number<T: FromStr>(config: &Config, name: &str, default: T) -> T {
    let Some(text) = config.properties.get(name) else { return default };
    text.trim().parse().unwrap_or_else(|_| {
        tracing::warn!(property = name, value = text, "not a number, the default is used");
        default
    })
}
