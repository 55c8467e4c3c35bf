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

/// A number without effect here: it must still be one, or a mistyped property goes unnoticed.
const fn unused_number(name: &'static str, why: &'static str) -> OptionDef {
    OptionDef::new(name, Kind::Integer { min: -1, max: i64::MAX }, why)
}

const fn only(name: &'static str, value: &'static str) -> OptionDef {
    OptionDef::new(name, Kind::Only(value), "")
}

const fn refused(name: &'static str, instead: &'static str) -> OptionDef {
    OptionDef::new(name, Kind::Refused(instead), "")
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
    OptionDef::new(
        "skipped.operations",
        Kind::Items(&["c", "u", "d", "t", "none"]),
        "operations not to capture",
    )
    .default("t"),
    flag("skip.messages.without.change", "updates that change no captured column are left out")
        .default("false"),
    patterns("column.truncate.to.*", "column.truncate.to.N.chars: texts to cut"),
    patterns("column.mask.with.*", "column.mask.with.N.chars: texts to hide"),
    text("message.key.columns", "database.table:column,column; ... for other keys"),
    flag("include.query", "the source block names the statement, if the server tells it")
        .default("false"),
    number("heartbeat.interval.ms", 0, 86_400_000).default("0"),
    text("topic.heartbeat.prefix", "first part of the heartbeat topic's name")
        .aliases(&["heartbeat.topics.prefix"])
        .default("__debezium-heartbeat"),
    words("topic.delimiter", &[".", "-", "_"]).default("."),
    flag("sanitize.field.names", "as field.name.adjustment.mode=avro").default("false"),
    words("event.processing.failure.handling.mode", &["fail", "warn", "skip", "ignore"])
        .aliases(&["event.deserialization.failure.handling.mode"])
        .default("fail"),
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

/// Properties that other set-ups need and that have no effect on records here, those with one value
/// only, and those that are refused. What would change records is never accepted without effect.
pub const COMPATIBILITY: &[OptionDef] = &[
    only("include.schema.changes", "false"),
    only("heartbeat.action.query", ""),
    only("provide.transaction.metadata", "false"),
    only("include.schema.comments", "false"),
    only("column.propagate.source.type", ""),
    only("datatype.propagate.source.type", ""),
    only("converters", ""),
    only("post.processors", ""),
    only("snapshot.select.statement.overrides", ""),
    only("snapshot.query.mode", "select_all"),
    only("gtid.source.includes", ""),
    only("gtid.source.excludes", ""),
    only("signal.data.collection", ""),
    only("source.struct.version", "v2"),
    words(
        "topic.naming.strategy",
        &[
            "io.debezium.schema.SchemaTopicNamingStrategy",
            "io.debezium.schema.DefaultTopicNamingStrategy",
        ],
    ),
    refused("column.mask.hash.*", "use column.mask.with.N.chars"),
    refused("signal.*", "pause and resume the connector, or create it anew under another name"),
    refused("notification.sink.*", "DESCRIBE CONNECTOR shows progress"),
    refused("topic.creation.groups", "topic.creation.default.* holds for all topics"),
    refused("database.ssl.keystore", "clients without a certificate are supported only"),
    refused("database.ssl.keystore.password", "see database.ssl.keystore"),
    refused("database.ssl.truststore", "give the authorities in PEM as database.ssl.ca"),
    refused("database.ssl.truststore.password", "see database.ssl.truststore"),
    ignored("database.history", "the schema history is kept in connect-offsets"),
    ignored("database.history.*", "the schema history is kept in connect-offsets"),
    ignored("schema.history.internal", "the schema history is kept in connect-offsets"),
    ignored("schema.history.internal.*", "the schema history is kept in connect-offsets"),
    ignored("database.allowPublicKeyRetrieval", "the server's key is always asked for"),
    ignored("database.useSSL", "database.ssl.mode decides"),
    ignored("database.serverTimezone", "sessions run in UTC"),
    ignored("database.connectionTimeZone", "sessions run in UTC"),
    unused_number("database.server.id.offset", "there is one task"),
    ignored("database.dbname", "the include lists decide"),
    ignored("database.protocol", "there is one protocol"),
    ignored("database.jdbc.driver", "the driver is built in"),
    ignored("database.jdbc.protocol", "the driver is built in"),
    unused_number("database.query.timeout.ms", "sessions have no time limit"),
    ignored("driver.*", "the driver is built in"),
    ignored("connection.adapter", "the class decides"),
    ignored("connect.keep.alive", "connections are watched by heartbeats"),
    unused_number("connect.keep.alive.interval.ms", "connections are watched by heartbeats"),
    unused_number("max.batch.size", "batches grow with what has arrived"),
    unused_number("max.queue.size", "there is no queue"),
    unused_number("max.queue.size.in.bytes", "there is no queue"),
    unused_number("poll.interval.ms", "nothing is polled"),
    unused_number("snapshot.fetch.size", "rows are streamed"),
    unused_number("snapshot.max.threads", "there is one task"),
    unused_number("snapshot.delay.ms", "the snapshot begins at once"),
    unused_number("snapshot.lock.timeout.ms", "the server's lock_wait_timeout holds"),
    ignored("snapshot.new.tables", "new tables are captured from their creation"),
    ignored("snapshot.tables.order.by.row.count", "tables are read by name"),
    unused_number("incremental.snapshot.chunk.size", "snapshots are chunked anyway"),
    ignored("incremental.snapshot.*", "snapshots are chunked anyway"),
    unused_number("min.row.count.to.stream.results", "rows are always streamed"),
    ignored("inconsistent.schema.handling.mode", "the server is asked"),
    ignored("enable.time.adjuster", "two-digit years are resolved by the server"),
    unused_number("binlog.buffer.size", "transactions are cut, not buffered"),
    ignored("use.nongraceful.disconnect", "connections are closed at once"),
    ignored("topic.creation.enable", "topics are always created"),
    unused_number("topic.creation.default.replication.factor", "there is one log"),
    ignored("topic.creation.default.*", "there is one log"),
    unused_number("topic.cache.size", "names of topics are not cached"),
    ignored("internal.*", "inner workings of another implementation"),
    unused_number("retriable.restart.connector.wait.ms", "waits grow with failures"),
    ignored("event.converting.failure.handling.mode", "no value fails"),
    ignored("notification.*", "DESCRIBE CONNECTOR shows progress"),
    ignored("custom.metric.tags", "metrics carry the connector's name"),
    unused_number("errors.max.retries", "retries are not limited"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{COMPATIBILITY, OPTIONS};
    use crate::config::Settings;

    fn validate(property: &str, value: &str) -> crate::Result<Settings> {
        let given =
            [("database.hostname", "h"), ("database.user", "u"), ("topic.prefix", "p")].into_iter();
        let given = given.chain([(property, value)]);
        let given: BTreeMap<String, String> =
            given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Settings::validate(&[OPTIONS, COMPATIBILITY], &given)
    }

    #[test]
    fn what_would_change_records_is_never_accepted_without_effect() {
        for (property, value, expected) in [
            ("include.schema.changes", "true", "only 'false' is"),
            ("provide.transaction.metadata", "true", "only 'false' is"),
            ("include.schema.comments", "true", "only 'false' is"),
            ("column.mask.hash.SHA-256.with.salt.x", "a", "column.mask.with.N.chars"),
            ("signal.enabled.channels", "kafka", "create it anew"),
            ("notification.sink.topic.name", "n", "DESCRIBE CONNECTOR"),
            ("skipped.operations", "c,x", "expected is one of c, u, d, t, none"),
            ("topic.naming.strategy", "com.example.Mine", "SchemaTopicNamingStrategy"),
            ("database.ssl.truststore", "f.jks", "database.ssl.ca"),
            ("max.batch.size", "abc", "a whole number"),
            ("incremental.snapshot.chunk.size", "many", "a whole number"),
        ] {
            let error = validate(property, value).unwrap_err().to_string();
            assert!(error.contains(property) && error.contains(expected), "{error}");
        }
    }

    #[test]
    fn what_changes_no_record_is_accepted() {
        for (property, value) in [
            ("max.batch.size", "2048"),
            ("poll.interval.ms", "500"),
            ("database.history.kafka.topic", "h"),
            ("schema.history.internal.kafka.bootstrap.servers", "b:9092"),
            ("database.allowPublicKeyRetrieval", "true"),
            ("topic.creation.default.replication.factor", "3"),
            ("skipped.operations", "none"),
            ("event.deserialization.failure.handling.mode", "warn"),
        ] {
            assert!(validate(property, value).is_ok(), "{property}");
        }
    }
}
