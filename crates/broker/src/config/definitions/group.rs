//! Entries of a group, and of a subscription to clients' metrics.

use crate::config::definition::{Definition, same};
use crate::config::value::Valid;

/// Entries of a group, by name.
#[rustfmt::skip]
pub(crate) const GROUP: &[Definition] = &[
    Definition::int("consumer.heartbeat.interval.ms", "How often members of the group send heartbeats in the new protocol.")
        .or("5000").at_least(1).also(&[same("group.consumer.heartbeat.interval.ms")]).honoured(),
    Definition::int("consumer.session.timeout.ms", "How long a member of the group may be silent in the new protocol.")
        .or("45000").at_least(1).also(&[same("group.consumer.session.timeout.ms")]).honoured(),
    Definition::string("share.auto.offset.reset", "Where a share group begins; there are no share groups.")
        .or("latest"),
    Definition::int("share.heartbeat.interval.ms", "How often members of a share group send heartbeats; there are no share groups.")
        .or("5000").at_least(1).also(&[same("group.share.heartbeat.interval.ms")]),
    Definition::string("share.isolation.level", "What a share group may read; there are no share groups.")
        .or("read_uncommitted").valid(Valid::OneOf(&["read_committed", "read_uncommitted"])),
    Definition::int("share.record.lock.duration.ms", "How long a share group's member may hold a record; there are no share groups.")
        .or("30000").at_least(1000).also(&[same("group.share.record.lock.duration.ms")]),
    Definition::int("share.session.timeout.ms", "How long a member of a share group may be silent; there are no share groups.")
        .or("45000").at_least(1).also(&[same("group.share.session.timeout.ms")]),
    Definition::int("streams.heartbeat.interval.ms", "How often members of a streams group send heartbeats; there are no streams groups.")
        .or("5000").at_least(1).also(&[same("group.streams.heartbeat.interval.ms")]),
    Definition::int("streams.num.standby.replicas", "Standby tasks of a streams group; there are no streams groups.")
        .or("0").at_least(0).also(&[same("group.streams.num.standby.replicas")]),
    Definition::int("streams.session.timeout.ms", "How long a member of a streams group may be silent; there are no streams groups.")
        .or("45000").at_least(1).also(&[same("group.streams.session.timeout.ms")]),
];

/// Entries of a subscription to clients' metrics, by name.
#[rustfmt::skip]
pub(crate) const CLIENT_METRICS: &[Definition] = &[
    Definition::int("interval.ms", "How often clients would push their metrics; nothing here receives them.")
        .or("300000").valid(Valid::Between(100, 3_600_000)),
    Definition::list("match", "Which clients would push their metrics.")
        .or(""),
    Definition::list("metrics", "Which metrics clients would push.")
        .or(""),
];
