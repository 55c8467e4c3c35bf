//! Entries of the broker about three parts of Kafka that are not here: tiered storage, SASL by OAuth and
//! share groups. They are accepted, so that a file of Kafka's works, and shown as Kafka shows them.

use crate::config::definition::Definition;

const TIERED: &str = "About tiered storage, which is not here.";
const OAUTH: &str = "About SASL by OAuth, which is not here.";
const SHARE: &str = "About share groups, which are not here.";

/// All of them, by name.
#[rustfmt::skip]
pub(super) const ABSENT: &[Definition] = &[
    Definition::int("add.partitions.to.txn.retry.backoff.max.ms", "The longest pause between tries of Kafka's broker to verify a transaction at another.")
        .or("100").at_least(0),
    Definition::int("add.partitions.to.txn.retry.backoff.ms", "The first pause between such tries.")
        .or("20").at_least(1),
    Definition::list("config.providers", "Kafka's classes that fetch values of properties from elsewhere.")
        .or(""),
    Definition::boolean("follower.fetch.last.tiered.offset.enable", TIERED)
        .or("false"),
    Definition::list("group.share.assignors", SHARE)
        .or("simple"),
    Definition::int("remote.fetch.max.wait.ms", TIERED)
        .or("500").dynamic(),
    Definition::long("remote.list.offsets.request.timeout.ms", TIERED)
        .or("30000").dynamic(),
    Definition::long("remote.log.index.file.cache.total.size.bytes", TIERED)
        .or("1073741824").dynamic(),
    Definition::int("remote.log.manager.copier.thread.pool.size", TIERED)
        .or("10").dynamic(),
    Definition::long("remote.log.manager.copy.max.bytes.per.second", TIERED)
        .or("9223372036854775807").dynamic(),
    Definition::int("remote.log.manager.copy.quota.window.num", TIERED)
        .or("11"),
    Definition::int("remote.log.manager.copy.quota.window.size.seconds", TIERED)
        .or("1"),
    Definition::int("remote.log.manager.expiration.thread.pool.size", TIERED)
        .or("10").dynamic(),
    Definition::long("remote.log.manager.fetch.max.bytes.per.second", TIERED)
        .or("9223372036854775807").dynamic(),
    Definition::int("remote.log.manager.fetch.quota.window.num", TIERED)
        .or("11"),
    Definition::int("remote.log.manager.fetch.quota.window.size.seconds", TIERED)
        .or("1"),
    Definition::int("remote.log.manager.follower.thread.pool.size", TIERED)
        .or("2").dynamic(),
    Definition::long("remote.log.manager.task.interval.ms", TIERED)
        .or("30000"),
    Definition::int("remote.log.manager.thread.pool.size", TIERED)
        .or("2").dynamic(),
    Definition::int("remote.log.metadata.custom.metadata.max.bytes", TIERED)
        .or("128"),
    Definition::string("remote.log.metadata.manager.class.name", TIERED)
        .or("org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager"),
    Definition::string("remote.log.metadata.manager.class.path", TIERED),
    Definition::string("remote.log.metadata.manager.impl.prefix", TIERED)
        .or("rlmm.config."),
    Definition::string("remote.log.metadata.manager.listener.name", TIERED),
    Definition::int("remote.log.reader.max.pending.tasks", TIERED)
        .or("100"),
    Definition::int("remote.log.reader.threads", TIERED)
        .or("10").dynamic(),
    Definition::string("remote.log.storage.manager.class.name", TIERED),
    Definition::string("remote.log.storage.manager.class.path", TIERED),
    Definition::string("remote.log.storage.manager.impl.prefix", TIERED)
        .or("rsm.config."),
    Definition::int("sasl.login.connect.timeout.ms", OAUTH),
    Definition::int("sasl.login.read.timeout.ms", OAUTH),
    Definition::long("sasl.login.retry.backoff.max.ms", OAUTH)
        .or("10000"),
    Definition::long("sasl.login.retry.backoff.ms", OAUTH)
        .or("100"),
    Definition::string("sasl.oauthbearer.assertion.algorithm", OAUTH)
        .or("RS256"),
    Definition::string("sasl.oauthbearer.assertion.claim.aud", OAUTH),
    Definition::int("sasl.oauthbearer.assertion.claim.exp.seconds", OAUTH)
        .or("300"),
    Definition::string("sasl.oauthbearer.assertion.claim.iss", OAUTH),
    Definition::boolean("sasl.oauthbearer.assertion.claim.jti.include", OAUTH)
        .or("false"),
    Definition::int("sasl.oauthbearer.assertion.claim.nbf.seconds", OAUTH)
        .or("60"),
    Definition::string("sasl.oauthbearer.assertion.claim.sub", OAUTH),
    Definition::string("sasl.oauthbearer.assertion.file", OAUTH),
    Definition::string("sasl.oauthbearer.assertion.private.key.file", OAUTH),
    Definition::password("sasl.oauthbearer.assertion.private.key.passphrase", OAUTH),
    Definition::string("sasl.oauthbearer.assertion.template.file", OAUTH),
    Definition::string("sasl.oauthbearer.client.credentials.client.id", OAUTH),
    Definition::password("sasl.oauthbearer.client.credentials.client.secret", OAUTH),
    Definition::int("sasl.oauthbearer.clock.skew.seconds", OAUTH)
        .or("30"),
    Definition::list("sasl.oauthbearer.expected.audience", OAUTH)
        .or(""),
    Definition::string("sasl.oauthbearer.expected.issuer", OAUTH),
    Definition::long("sasl.oauthbearer.jwks.endpoint.refresh.ms", OAUTH)
        .or("3600000"),
    Definition::long("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", OAUTH)
        .or("10000"),
    Definition::long("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", OAUTH)
        .or("100"),
    Definition::string("sasl.oauthbearer.jwks.endpoint.url", OAUTH),
    Definition::class("sasl.oauthbearer.jwt.retriever.class", OAUTH)
        .or("org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever"),
    Definition::class("sasl.oauthbearer.jwt.validator.class", OAUTH)
        .or("org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator"),
    Definition::string("sasl.oauthbearer.scope", OAUTH),
    Definition::string("sasl.oauthbearer.scope.claim.name", OAUTH)
        .or("scope"),
    Definition::string("sasl.oauthbearer.sub.claim.name", OAUTH)
        .or("sub"),
    Definition::string("sasl.oauthbearer.token.endpoint.url", OAUTH),
    Definition::class("sasl.server.callback.handler.class", "Kafka's class for SASL on the broker's side."),
    Definition::int("share.coordinator.append.linger.ms", SHARE)
        .or("5"),
    Definition::int("share.coordinator.load.buffer.size", SHARE)
        .or("5242880"),
    Definition::int("share.coordinator.snapshot.update.records.per.snapshot", SHARE)
        .or("500"),
    Definition::int("share.coordinator.state.topic.compression.codec", SHARE)
        .or("0"),
    Definition::short("share.coordinator.state.topic.min.isr", SHARE)
        .or("2"),
    Definition::int("share.coordinator.state.topic.num.partitions", SHARE)
        .or("50"),
    Definition::short("share.coordinator.state.topic.replication.factor", SHARE)
        .or("3"),
    Definition::int("share.coordinator.state.topic.segment.bytes", SHARE)
        .or("104857600"),
    Definition::int("share.coordinator.threads", SHARE)
        .or("1"),
    Definition::int("share.coordinator.write.timeout.ms", SHARE)
        .or("5000"),
    Definition::int("share.fetch.purgatory.purge.interval.requests", SHARE)
        .or("1000"),
    Definition::boolean("ssl.allow.dn.changes", "Whether a changed certificate may have another name; certificates are read when the server starts.")
        .or("false"),
    Definition::boolean("ssl.allow.san.changes", "Whether a changed certificate may have other alternative names; certificates are read when the server starts.")
        .or("false"),
];
