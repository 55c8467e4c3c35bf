//! Schemas of what stands around rows: Debezium's envelope and source block, or the fields that
//! `ExtractNewRecordState` adds. The values are written in the same order in `output`.

use crate::convert::{Constant, Schema, Type};
use crate::transform::Unwrap;

/// Debezium's marks of snapshot records.
const SNAPSHOT_MARKS: &str =
    "true,first,first_in_data_collection,last_in_data_collection,last,false,incremental";

/// A row's schema with the metadata that the transform adds.
pub fn unwrapped(row: Schema, unwrap: &Unwrap) -> Schema {
    let Type::Struct(mut fields) = row.kind else { return row };
    fields.extend(unwrap.added.iter().map(|added| {
        let kind = match added.origin.as_str() {
            "ts_ms" | "source.ts_ms" | "pos" | "server_id" => Type::Int64,
            _ => Type::String,
        };
        Schema::new(kind).optional().field(added.name.clone())
    }));
    if unwrap.rewrites_deletes {
        fields.push(Schema::new(Type::String).optional().field("__deleted"));
    }
    Schema { kind: Type::Struct(fields), ..row }
}

/// The envelope's schema around a row's, with names that begin with `base`.
pub fn envelope(base: &str, row: Schema, connector: &str) -> Schema {
    let long = || Schema::new(Type::Int64).optional();
    let transaction = vec![
        Schema::new(Type::String).field("id"),
        Schema::new(Type::Int64).field("total_order"),
        Schema::new(Type::Int64).field("data_collection_order"),
    ];
    let fields = vec![
        row.clone().optional().field("before"),
        row.optional().field("after"),
        source_schema(connector).field("source"),
        Schema::record("event.block", transaction).version(1).optional().field("transaction"),
        Schema::new(Type::String).field("op"),
        long().field("ts_ms"),
        long().field("ts_us"),
        long().field("ts_ns"),
    ];
    Schema::record(format!("{base}.Envelope"), fields).version(2)
}

fn source_schema(connector: &str) -> Schema {
    let text = || Schema::new(Type::String);
    let long = || Schema::new(Type::Int64);
    let snapshot = text()
        .named("io.debezium.data.Enum")
        .parameter("allowed", SNAPSHOT_MARKS)
        .optional()
        .default(Constant::Text("false".to_owned()));
    let fields = vec![
        text().field("version"),
        text().field("connector"),
        text().field("name"),
        long().field("ts_ms"),
        snapshot.field("snapshot"),
        text().field("db"),
        text().optional().field("sequence"),
        long().optional().field("ts_us"),
        long().optional().field("ts_ns"),
        text().optional().field("table"),
        long().field("server_id"),
        text().optional().field("gtid"),
        text().field("file"),
        long().field("pos"),
        Schema::new(Type::Int32).field("row"),
        long().optional().field("thread"),
        text().optional().field("query"),
    ];
    Schema::record(format!("io.debezium.connector.{connector}.Source"), fields).version(1)
}
