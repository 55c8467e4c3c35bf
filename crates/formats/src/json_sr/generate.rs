//! The JSON Schema that a source with given columns registers.

use serde_json::{Map, Value, json};
use types::{Column, SerdeSpec, SqlType};

use crate::part::{Part, is_unwrapped};

/// The schema text for `columns`.
pub fn schema_text(spec: &SerdeSpec, columns: &[Column], part: Part) -> String {
    let schema = match columns {
        [only] if is_unwrapped(spec, columns, part) => nullable(type_json(&only.ty)),
        columns => object(columns.iter().map(|column| (column.name.as_str(), &column.ty))),
    };
    schema.to_string()
}

fn nullable(schema: Value) -> Value {
    json!({"oneOf": [{"type": "null"}, schema]})
}

fn object<'a>(fields: impl Iterator<Item = (&'a str, &'a SqlType)>) -> Value {
    let mut properties = Map::new();
    for (index, (name, ty)) in fields.enumerate() {
        let property = json!({
            "connect.index": index,
            "oneOf": [{"type": "null"}, type_json(ty)],
        });
        properties.insert(name.to_owned(), property);
    }
    json!({"type": "object", "properties": properties})
}

fn type_json(ty: &SqlType) -> Value {
    match ty {
        SqlType::Boolean => json!({"type": "boolean"}),
        SqlType::Integer => json!({"type": "integer", "connect.type": "int32"}),
        SqlType::Bigint => json!({"type": "integer", "connect.type": "int64"}),
        SqlType::Double => json!({"type": "number", "connect.type": "float64"}),
        SqlType::Decimal { precision, scale } => json!({
            "type": "number",
            "title": "org.apache.kafka.connect.data.Decimal",
            "connect.version": 1,
            "connect.type": "bytes",
            "connect.parameters": {
                "scale": scale.to_string(),
                "connect.decimal.precision": precision.to_string(),
            },
        }),
        SqlType::String => json!({"type": "string"}),
        SqlType::Bytes => json!({"type": "string", "connect.type": "bytes"}),
        SqlType::Time => logical("Time", "int32"),
        SqlType::Date => logical("Date", "int32"),
        SqlType::Timestamp => logical("Timestamp", "int64"),
        SqlType::Array(element) => {
            json!({"type": "array", "items": nullable(type_json(element))})
        }
        SqlType::Map(_, value) => json!({
            "type": "object",
            "connect.type": "map",
            "additionalProperties": nullable(type_json(value)),
        }),
        SqlType::Struct(fields) => object(fields.iter().map(|f| (f.name.as_str(), &f.ty))),
    }
}

fn logical(class: &str, ty: &str) -> Value {
    json!({
        "type": "integer",
        "title": format!("org.apache.kafka.connect.data.{class}"),
        "connect.version": 1,
        "connect.type": ty,
    })
}
