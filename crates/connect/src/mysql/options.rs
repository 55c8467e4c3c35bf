//! Every property of the MySQL and MariaDB connectors, with Debezium's names of all its versions.

use crate::config::{Kind, OptionDef};

const fn text(name: &'static str, doc: &'static str) -> OptionDef {
    OptionDef::new(name, Kind::Text, doc)
}

const fn flag(name: &'static str, doc: &'static str) -> OptionDef {
    OptionDef::new(name, Kind::Boolean, doc)
}

const fn patterns(name: &'static str, doc: &'static str) -> OptionDef {
    OptionDef::new(name, Kind::Patterns, doc)
}

const fn words(name: &'static str, words: &'static [&'static str]) -> OptionDef {
    OptionDef::new(name, Kind::OneOf(words), "")
}

const fn number(name: &'static str, min: i64, max: i64) -> OptionDef {
    OptionDef::new(name, Kind::Integer { min, max }, "")
}

const fn ignored(name: &'static str, why: &'static str) -> OptionDef {
    OptionDef::new(name, Kind::Ignored, why)
}

const fn only(name: &'static str, value: &'static str) -> OptionDef {
    OptionDef::new(name, Kind::Only(value), "")
}

/// Properties with an effect.
pub const OPTIONS: &[OptionDef] = &[
    text("database.hostname", "name or address of the database server").required(),
    number("database.port", 1, 65_535).default("3306"),
    text("database.user", "the user to connect as").required(),
    OptionDef::new("database.password", Kind::Password, "the user's password").default(""),
    number("database.server.id", 1, 4_294_967_295),
    text("topic.prefix", "name of the server in topics and schemas")
        .aliases(&["database.server.name"])
        .required(),
    words(
        "database.ssl.mode",
        &["disabled", "preferred", "required", "verify_ca", "verify_identity"],
    )
    .aliases(&["database.sslMode"])
    .default("preferred"),
    text("database.ssl.ca", "file with the certificate authorities to trust, in PEM"),
    patterns("database.include.list", "databases to capture").aliases(&["database.whitelist"]),
    patterns("database.exclude.list", "databases not to capture").aliases(&["database.blacklist"]),
    patterns("table.include.list", "tables to capture").aliases(&["table.whitelist"]),
    patterns("table.exclude.list", "tables not to capture").aliases(&["table.blacklist"]),
    patterns("column.include.list", "columns to capture").aliases(&["column.whitelist"]),
    patterns("column.exclude.list", "columns not to capture").aliases(&["column.blacklist"]),
    words(
        "snapshot.mode",
        &["initial", "initial_only", "when_needed", "never", "schema_only", "no_data"],
    )
    .default("initial"),
    words("snapshot.locking.mode", &["minimal", "minimal_at_least", "minimal_percona", "none"])
        .default("minimal"),
    words("decimal.handling.mode", &["precise", "double", "string"]).default("precise"),
    words("bigint.unsigned.handling.mode", &["long", "precise"]).default("long"),
    words("time.precision.mode", &["adaptive_time_microseconds", "connect"])
        .default("adaptive_time_microseconds"),
    words("binary.handling.mode", &["bytes", "base64", "base64-url-safe", "hex"]).default("bytes"),
    words("schema.name.adjustment.mode", &["none", "avro"]).default("avro"),
    words("field.name.adjustment.mode", &["none", "avro"]).default("none"),
    flag("tombstones.on.delete", "a tombstone follows each delete").default("true"),
    text("skipped.operations", "operations not to capture: c, u, d, t or none").default("t"),
    number("topic.creation.default.partitions", 1, 10_000).default("1"),
    OptionDef::new(
        "topic.creation.default.cleanup.policy",
        Kind::OneOf(&["delete", "compact", "compact,delete"]),
        "",
    )
    .default("delete"),
    number("topic.creation.default.retention.ms", -1, i64::MAX).default("-1"),
    number("connect.timeout.ms", 1, 3_600_000).default("30000"),
];

/// Properties that other set-ups need and this one does not, and those with one value only.
pub const COMPATIBILITY: &[OptionDef] = &[
    only("include.schema.changes", "false"),
    only("heartbeat.interval.ms", "0"),
    only("heartbeat.action.query", ""),
    only("provide.transaction.metadata", "false"),
    only("include.query", "false"),
    only("column.propagate.source.type", ""),
    only("datatype.propagate.source.type", ""),
    only("converters", ""),
    only("message.key.columns", ""),
    only("snapshot.select.statement.overrides", ""),
    only("gtid.source.includes", ""),
    only("gtid.source.excludes", ""),
    only("signal.data.collection", ""),
    ignored("heartbeat.topics.prefix", "there are no heartbeat records"),
    ignored("topic.heartbeat.prefix", "there are no heartbeat records"),
    ignored("include.schema.comments", "schemas carry no comments"),
    ignored("sanitize.field.names", "Avro names are always valid"),
    ignored("database.history", "the schema history is kept in connect-offsets"),
    ignored("database.history.*", "the schema history is kept in connect-offsets"),
    ignored("schema.history.internal", "the schema history is kept in connect-offsets"),
    ignored("schema.history.internal.*", "the schema history is kept in connect-offsets"),
    ignored("database.allowPublicKeyRetrieval", "the server's key is always asked for"),
    ignored("database.useSSL", "database.ssl.mode decides"),
    ignored("database.serverTimezone", "sessions run in UTC"),
    ignored("database.server.id.offset", "there is one task"),
    ignored("database.dbname", "the include lists decide"),
    ignored("database.protocol", "there is one protocol"),
    ignored("database.jdbc.driver", "the driver is built in"),
    ignored("database.jdbc.protocol", "the driver is built in"),
    ignored("database.query.timeout.ms", "sessions have no time limit"),
    ignored("driver.*", "the driver is built in"),
    ignored("connection.adapter", "the class decides"),
    ignored("connect.keep.alive", "connections are watched by heartbeats"),
    ignored("connect.keep.alive.interval.ms", "connections are watched by heartbeats"),
    ignored("max.batch.size", "batches grow with what has arrived"),
    ignored("max.queue.size", "there is no queue"),
    ignored("max.queue.size.in.bytes", "there is no queue"),
    ignored("poll.interval.ms", "nothing is polled"),
    ignored("snapshot.fetch.size", "rows are streamed"),
    ignored("snapshot.max.threads", "there is one task"),
    ignored("snapshot.delay.ms", "the snapshot begins at once"),
    ignored("snapshot.lock.timeout.ms", "the server's lock_wait_timeout holds"),
    ignored("snapshot.new.tables", "new tables are captured from their creation"),
    ignored("snapshot.query.mode", "all columns are read"),
    ignored("snapshot.tables.order.by.row.count", "tables are read by name"),
    ignored("incremental.snapshot.*", "snapshots are chunked anyway"),
    ignored("min.row.count.to.stream.results", "rows are always streamed"),
    ignored("event.deserialization.failure.handling.mode", "a malformed event fails"),
    ignored("event.processing.failure.handling.mode", "a malformed event fails"),
    ignored("inconsistent.schema.handling.mode", "the server is asked"),
    ignored("enable.time.adjuster", "two-digit years are resolved by the server"),
    ignored("binlog.buffer.size", "transactions are cut, not buffered"),
    ignored("use.nongraceful.disconnect", ""),
    ignored("source.struct.version", "there is one version"),
    ignored("topic.naming.strategy", "topics are called prefix.database.table"),
    ignored("topic.creation.enable", "topics are always created"),
    ignored("topic.creation.*", "there is one log"),
    ignored("internal.*", ""),
    ignored("retriable.restart.connector.wait.ms", "waits grow with failures"),
    ignored("event.converting.failure.handling.mode", "no value fails"),
    ignored("skip.messages.without.change", "every change is captured"),
    ignored("notification.*", "DESCRIBE CONNECTOR shows progress"),
    ignored("custom.metric.tags", ""),
    ignored("errors.max.retries", "retries are not limited"),
];
