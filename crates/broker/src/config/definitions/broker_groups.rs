//! Entries of the broker about consumer groups, their offsets, and transactions.

use crate::config::definition::Definition;
use crate::config::value::Valid;

/// Policies of `group.consumer.migration.policy`.
const MIGRATION_POLICIES: &[&str] = &["bidirectional", "disabled", "downgrade", "upgrade"];
/// Protocols of `group.coordinator.rebalance.protocols`.
const PROTOCOLS: &[&str] = &["classic", "consumer", "share", "streams"];

/// All of them, by name.
#[rustfmt::skip]
pub(super) const GROUPS: &[Definition] = &[
    Definition::list("group.consumer.assignors", "Assignors of the new group protocol, the default first.")
        .or("uniform,range").honoured(),
    Definition::int("group.consumer.heartbeat.interval.ms", "How often members send heartbeats in the new group protocol.")
        .or("5000").at_least(1).honoured(),
    Definition::int("group.consumer.max.heartbeat.interval.ms", "The longest interval a group may set for itself.")
        .or("15000").at_least(1).honoured(),
    Definition::int("group.consumer.max.session.timeout.ms", "The longest session timeout a group may set for itself.")
        .or("60000").at_least(1).honoured(),
    Definition::int("group.consumer.max.size", "The most members of a group in the new protocol.")
        .or("2147483647").at_least(1).honoured(),
    Definition::string("group.consumer.migration.policy", "Whether groups may change between the old protocol and the new one.")
        .or("bidirectional").valid(Valid::OneOf(MIGRATION_POLICIES)).honoured(),
    Definition::int("group.consumer.min.heartbeat.interval.ms", "The shortest interval a group may set for itself.")
        .or("5000").at_least(1).honoured(),
    Definition::int("group.consumer.min.session.timeout.ms", "The shortest session timeout a group may set for itself.")
        .or("45000").at_least(1).honoured(),
    Definition::int("group.consumer.regex.refresh.interval.ms", "How often regular expressions of subscriptions are matched again, even if the topics have not changed.")
        .or("600000").at_least(10_000).honoured(),
    Definition::int("group.consumer.session.timeout.ms", "How long a member may be silent in the new group protocol.")
        .or("45000").at_least(1).honoured(),
    Definition::int("group.coordinator.append.linger.ms", "How long Kafka's coordinator gathers writes; here the log's group commit does.")
        .or("5").at_least(-1),
    Definition::list("group.coordinator.rebalance.protocols", "Group protocols that Kafka has enabled.")
        .or("classic,consumer,streams").valid(Valid::SomeOf(PROTOCOLS)),
    Definition::int("group.coordinator.threads", "Threads of Kafka's coordinator.")
        .or("4").at_least(1),
    Definition::int("group.initial.rebalance.delay.ms", "How long the first rebalance of a new group waits for more members.")
        .or("3000").at_least(0).honoured(),
    Definition::int("group.max.session.timeout.ms", "The longest session timeout a member may ask for.")
        .or("1800000").at_least(1).honoured(),
    Definition::int("group.max.size", "The most members of a group.")
        .or("2147483647").at_least(1).honoured(),
    Definition::int("group.min.session.timeout.ms", "The shortest session timeout a member may ask for.")
        .or("6000").at_least(1).honoured(),
    Definition::int("offset.metadata.max.bytes", "The most metadata with a committed offset.")
        .or("4096").at_least(0).honoured(),
    Definition::int("offsets.commit.timeout.ms", "How long Kafka waits for replicas of a committed offset.")
        .or("5000").at_least(1),
    Definition::int("offsets.load.buffer.size", "How much Kafka reads at once while it takes up groups.")
        .or("5242880").at_least(1),
    Definition::long("offsets.retention.check.interval.ms", "How often offsets that have expired are looked for.")
        .or("600000").at_least(1).honoured(),
    Definition::int("offsets.retention.minutes", "How long the offsets of an empty group are kept.")
        .or("10080").at_least(1).honoured(),
    Definition::int("offsets.topic.compression.codec", "Codec of the topic of offsets, which is never compressed here.")
        .or("0"),
    Definition::int("offsets.topic.num.partitions", "Partitions of the topic of offsets when the log is created.")
        .or("50").at_least(1).honoured(),
    Definition::short("offsets.topic.replication.factor", "Replicas of the topic of offsets, which has one.")
        .or("3").at_least(1),
    Definition::int("offsets.topic.segment.bytes", "The largest segment of the topic of offsets in Kafka; here it is 16 MiB.")
        .or("104857600").at_least(1),
    Definition::long("transaction.abort.timed.out.transaction.cleanup.interval.ms", "How often Kafka looks for transactions that have timed out; here a timer wakes for the next.")
        .or("10000").at_least(1),
    Definition::int("transaction.max.timeout.ms", "The longest timeout a transaction may ask for.")
        .or("900000").at_least(1).honoured(),
    Definition::boolean("transaction.partition.verification.enable", "Whether a partition must be in the transaction that is written to it.")
        .or("true").dynamic(),
    Definition::int("transaction.remove.expired.transaction.cleanup.interval.ms", "How often transactional ids that have expired are looked for.")
        .or("3600000").at_least(1),
    Definition::int("transaction.state.log.load.buffer.size", "How much Kafka reads at once while it takes up transactions.")
        .or("5242880").at_least(1),
    Definition::int("transaction.state.log.min.isr", "In-sync replicas that the topic of transactions needs in Kafka.")
        .or("2").at_least(1),
    Definition::int("transaction.state.log.num.partitions", "Partitions of the topic of transactions when it is created.")
        .or("50").at_least(1).honoured(),
    Definition::short("transaction.state.log.replication.factor", "Replicas of the topic of transactions, which has one.")
        .or("3").at_least(1),
    Definition::int("transaction.state.log.segment.bytes", "The largest segment of the topic of transactions, when it is created.")
        .or("104857600").at_least(1).honoured(),
    Definition::boolean("transaction.two.phase.commit.enable", "Whether transactions may stay open for an outside coordinator; they may not.")
        .or("false").valid(Valid::Only("false")),
    Definition::int("transactional.id.expiration.ms", "How long an unused transactional id is remembered.")
        .or("604800000").at_least(1).honoured(),
];
