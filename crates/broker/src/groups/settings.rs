//! The configured bounds of groups, as they are set when they are asked for.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::consumer::Assignor;
use super::{classic, consumer};
use crate::config::{Settings, Value};

/// What the session of a classic member may last.
pub(super) fn session_timeouts(settings: &Settings) -> RangeInclusive<Duration> {
    duration(settings, "group.min.session.timeout.ms")
        ..=duration(settings, "group.max.session.timeout.ms")
}

/// The bounds of classic groups.
pub(super) fn classic_limits(settings: &Settings) -> classic::Limits {
    classic::Limits {
        initial_delay: duration(settings, "group.initial.rebalance.delay.ms"),
        members_max: count(settings.number("group.max.size")),
    }
}

/// The bounds of `group`, if it is of the consumer protocol.
pub(super) fn consumer_limits(settings: &Settings, group: &str) -> consumer::Limits {
    let set = settings.group_number(group, "consumer.session.timeout.ms");
    let session_timeout = bounded(
        ms(set),
        duration(settings, "group.consumer.min.session.timeout.ms"),
        duration(settings, "group.consumer.max.session.timeout.ms"),
    );
    consumer::Limits {
        session_timeout,
        members_max: count(settings.number("group.consumer.max.size")),
        assignor: assignors(settings).first().copied().unwrap_or(Assignor::Uniform),
        pattern_refresh: duration(settings, "group.consumer.regex.refresh.interval.ms"),
    }
}

/// How often members of `group` are to send heartbeats.
pub(super) fn heartbeat_interval(settings: &Settings, group: &str) -> Duration {
    bounded(
        ms(settings.group_number(group, "consumer.heartbeat.interval.ms")),
        duration(settings, "group.consumer.min.heartbeat.interval.ms"),
        duration(settings, "group.consumer.max.heartbeat.interval.ms"),
    )
}

/// The assignors that members may ask for, the default first.
pub(super) fn assignors(settings: &Settings) -> Vec<Assignor> {
    match settings.value("group.consumer.assignors") {
        Some(Value::List(names)) => {
            names.iter().filter_map(|name| Assignor::named(name.trim())).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a classic group with members may become one of the consumer protocol.
pub(super) fn may_upgrade(settings: &Settings) -> bool {
    may_migrate(settings, "upgrade")
}

/// Whether a group of the consumer protocol with members may become a classic one.
pub(super) fn may_downgrade(settings: &Settings) -> bool {
    may_migrate(settings, "downgrade")
}

fn may_migrate(settings: &Settings, way: &str) -> bool {
    match settings.value("group.consumer.migration.policy") {
        Some(Value::Text(policy)) => policy == "bidirectional" || policy == way,
        _ => false,
    }
}

/// How long the metadata of an offset may be.
pub(super) fn metadata_bytes_max(settings: &Settings) -> usize {
    count(settings.number("offset.metadata.max.bytes"))
}

/// How long the offsets of a group without members are kept.
pub(super) fn offsets_retention_ms(settings: &Settings) -> i64 {
    settings.number("offsets.retention.minutes").saturating_mul(60_000)
}

/// How often offsets that nobody needs are looked for.
pub(super) fn retention_check_interval(settings: &Settings) -> Duration {
    duration(settings, "offsets.retention.check.interval.ms").max(Duration::from_millis(1))
}

/// `value` within bounds, also when these are the wrong way round.
fn bounded(value: Duration, min: Duration, max: Duration) -> Duration {
    value.min(max).max(min)
}

fn duration(settings: &Settings, name: &'static str) -> Duration {
    ms(settings.number(name))
}

fn ms(number: i64) -> Duration {
    Duration::from_millis(u64::try_from(number).unwrap_or(0))
}

fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}
