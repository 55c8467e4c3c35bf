//! Entries of the broker about parts of Kafka that are not here: other brokers, controllers, tiered
//! storage, threads and queues of its own kind. They are accepted, so that a file of Kafka's works, and
//! shown as Kafka shows them.

use crate::config::definition::Definition;
use crate::config::value::Valid;

/// All of them, by name.
#[rustfmt::skip]
pub(super) const UNUSED: &[Definition] = &[
    Definition::class("alter.config.policy.class.name", "Kafka's class that decides about changed configurations."),
    Definition::int("alter.log.dirs.replication.quota.window.num", "Windows in which Kafka measures moves between directories.")
        .or("11").at_least(1),
    Definition::int("alter.log.dirs.replication.quota.window.size.seconds", "Length of these windows.")
        .or("1").at_least(1),
    Definition::boolean("auto.leader.rebalance.enable", "Whether leaders move back to their preferred brokers; there is one broker.")
        .or("true"),
    Definition::int("background.threads", "Threads of Kafka for work aside.")
        .or("10").at_least(1).dynamic(),
    Definition::int("broker.heartbeat.interval.ms", "How often Kafka's broker tells its controller that it lives.")
        .or("2000"),
    Definition::int("broker.session.timeout.ms", "How long Kafka's broker may be silent.")
        .or("9000"),
    Definition::class("client.quota.callback.class", "Kafka's class that decides about quotas."),
    Definition::boolean("controlled.shutdown.enable", "Whether leaders move away before Kafka stops; there is one broker.")
        .or("true"),
    Definition::int("controlled.shutdown.max.retries", "How often Kafka tries that.")
        .or("3"),
    Definition::long("controlled.shutdown.retry.backoff.ms", "How long Kafka waits between tries.")
        .or("5000"),
    Definition::string("controller.listener.names", "Listeners of Kafka's controllers; there is none here."),
    Definition::long("controller.performance.always.log.threshold.ms", "Which events Kafka's controller logs as slow.")
        .or("2000").at_least(0),
    Definition::long("controller.performance.sample.period.ms", "How often Kafka's controller logs its speed.")
        .or("60000").at_least(100),
    Definition::list("controller.quorum.bootstrap.servers", "Where Kafka's controllers are found.")
        .or(""),
    Definition::int("controller.quorum.append.linger.ms", "How long Kafka's controllers gather writes.")
        .or("25").at_least(0),
    Definition::boolean("controller.quorum.auto.join.enable", "Whether Kafka's controllers join by themselves.")
        .or("false"),
    Definition::int("controller.quorum.election.backoff.max.ms", "How long Kafka's controllers wait between elections.")
        .or("1000"),
    Definition::int("controller.quorum.election.timeout.ms", "How long Kafka's controllers wait for an election.")
        .or("1000"),
    Definition::int("controller.quorum.fetch.timeout.ms", "How long Kafka's controllers wait for their leader.")
        .or("2000"),
    Definition::int("controller.quorum.request.timeout.ms", "How long Kafka's controllers wait for an answer.")
        .or("2000"),
    Definition::int("controller.quorum.retry.backoff.ms", "How long Kafka's controllers wait before trying again.")
        .or("20"),
    Definition::list("controller.quorum.voters", "Kafka's controllers.")
        .or(""),
    Definition::short("controller.quota.window.num", "Windows in which Kafka measures changes of topics.")
        .or("11").at_least(1),
    Definition::int("controller.quota.window.size.seconds", "Length of these windows.")
        .or("1").at_least(1),
    Definition::int("controller.socket.timeout.ms", "How long Kafka's broker waits for its controller.")
        .or("30000"),
    Definition::class("create.topic.policy.class.name", "Kafka's class that decides about new topics."),
    Definition::int("delete.records.purgatory.purge.interval.requests", "How often Kafka tidies requests that wait.")
        .or("1"),
    Definition::string("early.start.listeners", "Listeners that Kafka starts before its authorizer."),
    Definition::int("fetch.purgatory.purge.interval.requests", "How often Kafka tidies requests that wait.")
        .or("1000"),
    Definition::int("initial.broker.registration.timeout.ms", "How long Kafka's broker waits for its controller.")
        .or("60000"),
    Definition::string("inter.broker.listener.name", "Listener between Kafka's brokers; there is one."),
    Definition::long("leader.imbalance.check.interval.seconds", "How often Kafka looks whether leaders are spread.")
        .or("300").at_least(1),
    Definition::int("leader.imbalance.per.broker.percentage", "How unevenly leaders may be spread.")
        .or("10"),
    Definition::int("metadata.log.max.record.bytes.between.snapshots", "How often Kafka writes its metadata whole.")
        .or("20971520").at_least(1),
    Definition::long("metadata.log.max.snapshot.interval.ms", "How often Kafka writes its metadata whole.")
        .or("3600000").at_least(0),
    Definition::string("metadata.log.dir", "Where Kafka keeps its metadata; here it is in the log."),
    Definition::int("metadata.log.segment.bytes", "Segments of Kafka's metadata.")
        .or("1073741824").at_least(12),
    Definition::long("metadata.log.segment.ms", "Segments of Kafka's metadata.")
        .or("604800000"),
    Definition::int("metadata.max.idle.interval.ms", "How often Kafka's controller writes when nothing happens.")
        .or("500").at_least(0),
    Definition::long("metadata.max.retention.bytes", "How much of its metadata Kafka keeps.")
        .or("104857600"),
    Definition::long("metadata.max.retention.ms", "How long Kafka keeps its metadata.")
        .or("604800000"),
    Definition::list("metric.reporters", "Kafka's classes for metrics; the server has its own page.")
        .or("org.apache.kafka.common.metrics.JmxReporter").dynamic(),
    Definition::int("metrics.num.samples", "Samples from which Kafka computes metrics.")
        .or("2").at_least(1),
    Definition::string("metrics.recording.level", "How much Kafka measures.")
        .or("INFO"),
    Definition::long("metrics.sample.window.ms", "Length of Kafka's samples.")
        .or("30000").at_least(1),
    Definition::int("num.io.threads", "Threads with which Kafka handles requests.")
        .or("8").at_least(1).dynamic(),
    Definition::int("num.network.threads", "Threads with which Kafka reads and writes connections.")
        .or("3").at_least(1).dynamic(),
    Definition::int("num.replica.alter.log.dirs.threads", "Threads with which Kafka moves replicas between directories."),
    Definition::int("num.replica.fetchers", "Threads with which Kafka copies replicas.")
        .or("1").dynamic(),
    Definition::class("kafka.metrics.reporters", "Kafka's older classes for metrics.")
        .or(""),
    Definition::int("kafka.metrics.polling.interval.secs", "How often these are asked.")
        .or("10").at_least(1),
    Definition::list("process.roles", "What a Kafka process is; this one is broker and controller.")
        .or("broker,controller").valid(Valid::SomeOf(&["broker", "controller"])),
    Definition::int("producer.purgatory.purge.interval.requests", "How often Kafka tidies requests that wait.")
        .or("1000"),
    Definition::int("queued.max.requests", "Requests that wait in Kafka for a thread.")
        .or("500").at_least(1),
    Definition::int("quota.window.num", "Windows in which Kafka measures clients.")
        .or("11").at_least(1),
    Definition::int("quota.window.size.seconds", "Length of these windows.")
        .or("1").at_least(1),
    Definition::boolean("remote.log.storage.system.enable", "Whether topics can be tiered; they cannot.")
        .or("false").valid(Valid::Only("false")),
    Definition::int("replica.fetch.backoff.ms", "How long followers wait after an error; there are none.")
        .or("1000").at_least(0),
    Definition::int("replica.fetch.max.bytes", "How much followers fetch of a partition; there are none.")
        .or("1048576").at_least(0),
    Definition::int("replica.fetch.min.bytes", "How little followers wait for; there are none.")
        .or("1"),
    Definition::int("replica.fetch.response.max.bytes", "How much followers fetch at once; there are none.")
        .or("10485760").at_least(0),
    Definition::int("replica.fetch.wait.max.ms", "How long followers wait; there are none.")
        .or("500"),
    Definition::long("replica.high.watermark.checkpoint.interval.ms", "How often Kafka notes high watermarks.")
        .or("5000"),
    Definition::long("replica.lag.time.max.ms", "How long a follower may lag; there are none.")
        .or("30000"),
    Definition::class("replica.selector.class", "Kafka's class that chooses a replica to read from."),
    Definition::int("replica.socket.receive.buffer.bytes", "Buffers of followers; there are none.")
        .or("65536"),
    Definition::int("replica.socket.timeout.ms", "How long followers wait for an answer; there are none.")
        .or("30000"),
    Definition::int("replication.quota.window.num", "Windows in which Kafka measures followers.")
        .or("11").at_least(1),
    Definition::int("replication.quota.window.size.seconds", "Length of these windows.")
        .or("1").at_least(1),
    Definition::int("request.timeout.ms", "How long Kafka's brokers wait for each other.")
        .or("30000"),
    Definition::string("security.inter.broker.protocol", "Protocol between Kafka's brokers; there is one.")
        .or("PLAINTEXT"),
    Definition::long("socket.connection.setup.timeout.max.ms", "How long Kafka's brokers wait for a connection to each other.")
        .or("30000"),
    Definition::long("socket.connection.setup.timeout.ms", "How long Kafka's brokers wait for a connection to each other.")
        .or("10000"),
    Definition::int("socket.listen.backlog.size", "How many connections wait to be accepted.")
        .or("50").at_least(1),
    Definition::int("socket.receive.buffer.bytes", "The system's buffer of a connection; its own choice holds.")
        .or("102400"),
    Definition::int("socket.send.buffer.bytes", "The system's buffer of a connection; its own choice holds.")
        .or("102400"),
    Definition::int("telemetry.max.bytes", "The most metrics a client may push at once; nothing here receives them.")
        .or("1048576").at_least(1),
    Definition::int("group.share.delivery.count.limit", "How often a share group delivers a record; there are no share groups.")
        .or("5").valid(Valid::Between(2, 10)),
    Definition::int("group.share.heartbeat.interval.ms", "How often members of share groups send heartbeats; there are no share groups.")
        .or("5000").at_least(1),
    Definition::int("group.share.max.heartbeat.interval.ms", "The longest interval of a share group; there are no share groups.")
        .or("15000").at_least(1),
    Definition::int("group.share.max.record.lock.duration.ms", "How long a share group may hold a record; there are no share groups.")
        .or("60000").at_least(30_000),
    Definition::int("group.share.max.session.timeout.ms", "The longest session timeout of a share group; there are no share groups.")
        .or("60000").at_least(1),
    Definition::int("group.share.max.share.sessions", "The most share sessions; there are no share groups.")
        .or("2000").at_least(1),
    Definition::int("group.share.max.size", "The most members of a share group; there are no share groups.")
        .or("200").valid(Valid::Between(1, 1000)),
    Definition::int("group.share.min.heartbeat.interval.ms", "The shortest interval of a share group; there are no share groups.")
        .or("5000").at_least(1),
    Definition::int("group.share.min.record.lock.duration.ms", "How short a share group may hold a record; there are no share groups.")
        .or("15000").valid(Valid::Between(1000, 30_000)),
    Definition::int("group.share.min.session.timeout.ms", "The shortest session timeout of a share group; there are no share groups.")
        .or("45000").at_least(1),
    Definition::int("group.share.partition.max.record.locks", "The most records a share group holds of a partition; there are no share groups.")
        .or("2000").valid(Valid::Between(100, 10_000)),
    Definition::int("group.share.record.lock.duration.ms", "How long a share group's member holds a record; there are no share groups.")
        .or("30000").valid(Valid::Between(1000, 60_000)),
    Definition::int("group.share.session.timeout.ms", "How long a member of a share group may be silent; there are no share groups.")
        .or("45000").at_least(1),
    Definition::int("group.streams.heartbeat.interval.ms", "How often members of streams groups send heartbeats; there are no streams groups.")
        .or("5000").at_least(1),
    Definition::int("group.streams.max.heartbeat.interval.ms", "The longest interval of a streams group; there are no streams groups.")
        .or("15000").at_least(1),
    Definition::int("group.streams.max.session.timeout.ms", "The longest session timeout of a streams group; there are no streams groups.")
        .or("60000").at_least(1),
    Definition::int("group.streams.max.size", "The most members of a streams group; there are no streams groups.")
        .or("2147483647").at_least(1),
    Definition::int("group.streams.max.standby.replicas", "The most standby tasks of a streams group; there are no streams groups.")
        .or("2").at_least(0),
    Definition::int("group.streams.min.heartbeat.interval.ms", "The shortest interval of a streams group; there are no streams groups.")
        .or("5000").at_least(1),
    Definition::int("group.streams.min.session.timeout.ms", "The shortest session timeout of a streams group; there are no streams groups.")
        .or("45000").at_least(1),
    Definition::int("group.streams.num.standby.replicas", "Standby tasks of a streams group; there are no streams groups.")
        .or("0").at_least(0),
    Definition::int("group.streams.session.timeout.ms", "How long a member of a streams group may be silent; there are no streams groups.")
        .or("45000").at_least(1),
];
