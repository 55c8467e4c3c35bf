//! Every property the server knows, declared once: name, kind of value, default, and whether a
//! session may set it (spec sections 7.4 and 7.5).

/// A property.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Its name.
    pub name: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// Its default; `None` when it has none.
    pub default: Option<&'static str>,
    /// Whether SET may change it.
    pub is_editable: bool,
}

/// What a value must be.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A whole number in the range.
    Integer {
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// Any text.
    Text,
    /// One of the words, in any case.
    Word(&'static [&'static str]),
    /// Name of a serialization format.
    Format,
}

const COUNT: Kind = Kind::Integer { min: 1, max: i32::MAX as i64 };
const SIZE: Kind = Kind::Integer { min: 0, max: i64::MAX };
const LIMIT: Kind = Kind::Integer { min: -1, max: i64::MAX };

const fn session(name: &'static str, kind: Kind, default: &'static str) -> Definition {
    Definition { name, kind, default: Some(default), is_editable: true }
}

const fn server(name: &'static str, kind: Kind, default: &'static str) -> Definition {
    Definition { name, kind, default: Some(default), is_editable: false }
}

const fn unset(name: &'static str, kind: Kind, is_editable: bool) -> Definition {
    Definition { name, kind, default: None, is_editable }
}

/// The properties, by name within their groups.
pub const DEFINITIONS: &[Definition] = &[
    // What a session sets for its queries; the names are Kafka Streams'.
    session("auto.offset.reset", Kind::Word(&["earliest", "latest"]), "latest"),
    session("cache.max.bytes.buffering", SIZE, "10000000"),
    session("commit.interval.ms", SIZE, "2000"),
    session("max.task.idle.ms", LIMIT, "0"),
    session("num.stream.threads", COUNT, "4"),
    session("num.standby.replicas", SIZE, "0"),
    session(
        "processing.guarantee",
        Kind::Word(&["at_least_once", "exactly_once", "exactly_once_beta", "exactly_once_v2"]),
        "exactly_once_v2",
    ),
    session("topology.optimization", Kind::Text, "all"),
    // Kafka Streams looks for closed windows once a second of wall-clock time, so that windows can be
    // lost when events arrive faster than real time. Here results must not hang on the wall clock.
    session("__emit.interval.ms.kstreams.windowed.aggregation__", SIZE, "0"),
    // Queries.
    session("ksql.query.push.v2.enabled", Kind::Boolean, "false"),
    session("ksql.query.pull.table.scan.enabled", Kind::Boolean, "true"),
    session("ksql.query.pull.range.scan.enabled", Kind::Boolean, "true"),
    session("ksql.query.pull.stream.enabled", Kind::Boolean, "true"),
    session("ksql.query.pull.limit.clause.enabled", Kind::Boolean, "true"),
    session("ksql.query.pull.max.allowed.offset.lag", SIZE, "9223372036854775807"),
    session("ksql.timestamp.throw.on.invalid", Kind::Boolean, "false"),
    session("ksql.fail.on.deserialization.error", Kind::Boolean, "false"),
    session("ksql.fail.on.production.error", Kind::Boolean, "true"),
    session("ksql.functions.collect_list.limit", SIZE, "9223372036854775807"),
    session("ksql.functions.collect_set.limit", SIZE, "9223372036854775807"),
    session("ksql.lambdas.enabled", Kind::Boolean, "true"),
    session("ksql.suppress.enabled", Kind::Boolean, "true"),
    session("ksql.suppress.buffer.size.bytes", LIMIT, "-1"),
    session("ksql.headers.columns.enabled", Kind::Boolean, "true"),
    session("ksql.create.or.replace.enabled", Kind::Boolean, "true"),
    session("ksql.source.table.materialization.enabled", Kind::Boolean, "true"),
    session("ksql.insert.into.values.enabled", Kind::Boolean, "true"),
    session("ksql.variable.substitution.enable", Kind::Boolean, "true"),
    session("ksql.assert.topic.default.timeout.ms", SIZE, "1000"),
    session("ksql.assert.schema.default.timeout.ms", SIZE, "1000"),
    session("ksql.new.query.planner.enabled", Kind::Boolean, "false"),
    // Properties of older releases: taken so that old statements run, and without effect.
    unset("ksql.sink.partitions", Kind::Integer { min: 1, max: i32::MAX as i64 }, true),
    unset("ksql.sink.replicas", Kind::Integer { min: 1, max: i16::MAX as i64 }, true),
    session("ksql.windowed.session.key.legacy", Kind::Boolean, "false"),
    session(
        "default.timestamp.extractor",
        Kind::Text,
        "org.apache.kafka.streams.processor.FailOnInvalidTimestamp",
    ),
    // Formats.
    session("ksql.persistence.default.format.key", Kind::Format, "KAFKA"),
    unset("ksql.persistence.default.format.value", Kind::Format, true),
    unset("ksql.persistence.wrap.single.values", Kind::Boolean, true),
    session("ksql.output.topic.name.prefix", Kind::Text, ""),
    session("ksql.internal.topic.replicas", COUNT, "1"),
    session("ksql.internal.topic.min.insync.replicas", COUNT, "1"),
    session("ksql.create.topic.inherit.source.replicas.enabled", Kind::Boolean, "true"),
    session("ksql.sink.window.change.log.additional.retention", SIZE, "1000000"),
    // The server.
    server("ksql.service.id", Kind::Text, "default_"),
    server("ksql.pull.queries.enable", Kind::Boolean, "true"),
    server("ksql.max.push.queries", SIZE, "100"),
    server("ksql.query.persistent.active.limit", SIZE, "2147483647"),
    server("ksql.query.error.max.queue.size", SIZE, "10"),
    server("ksql.query.retry.backoff.initial.ms", SIZE, "15000"),
    server("ksql.query.retry.backoff.max.ms", SIZE, "900000"),
    server("ksql.query.pull.max.qps", SIZE, "2147483647"),
    server("ksql.query.pull.max.concurrent.requests", SIZE, "2147483647"),
    server("ksql.properties.overrides.denylist", Kind::Text, ""),
    server("ksql.properties.overrides.allowlist", Kind::Text, ""),
    server("ksql.logging.processing.topic.auto.create", Kind::Boolean, "true"),
    server("ksql.logging.processing.stream.auto.create", Kind::Boolean, "true"),
    server("ksql.logging.processing.topic.partitions", COUNT, "1"),
    server("ksql.logging.processing.rows.include", Kind::Boolean, "false"),
    server("ksql.logging.processing.stream.name", Kind::Text, "KSQL_PROCESSING_LOG"),
    unset("ksql.logging.processing.topic.name", Kind::Text, false),
    server("ksql.runtime.feature.shared.enabled", Kind::Boolean, "false"),
    server("ksql.idle.connection.timeout.seconds", SIZE, "86400"),
    server("ksql.server.command.response.timeout.ms", SIZE, "5000"),
    unset("ksql.schema.registry.url", Kind::Text, false),
    unset("ksql.connect.url", Kind::Text, false),
    unset("ksql.extension.dir", Kind::Text, false),
    unset("ksql.queries.file", Kind::Text, false),
    unset("bootstrap.servers", Kind::Text, false),
    unset("listeners", Kind::Text, false),
];
