//! Avro schemas as Confluent's converter writes them: Connect's names, versions, parameters and
//! types as `connect.*` annotations beside the Avro type.

use serde_json::{Map, Value, json};

use super::{Constant, Field, Nullness, Schema, Type};

/// Name that the converter gives a struct without one.
const UNNAMED: &str = "ConnectDefault";

/// The schema's JSON text.
pub fn avro_schema(schema: &Schema) -> String {
    let mut seen = Vec::new();
    wrapped(schema, None, &mut seen).to_string()
}

/// The schema with its union around it when optional.
fn wrapped(schema: &Schema, namespace: Option<&str>, seen: &mut Vec<String>) -> Value {
    let bare = bare(schema, namespace, seen);
    match schema.nullness() {
        Nullness::Required => bare,
        Nullness::NullFirst => json!(["null", bare]),
        Nullness::NullLast => json!([bare, "null"]),
    }
}

fn bare(schema: &Schema, namespace: Option<&str>, seen: &mut Vec<String>) -> Value {
    let mut object = Map::new();
    match &schema.kind {
        Type::Struct(fields) => {
            if let Some(reference) = reference(schema, namespace, seen) {
                return reference;
            }
            record(schema, fields, namespace, seen, &mut object);
        }
        primitive => {
            object.insert("type".into(), primitive_name(primitive).into());
        }
    }
    annotate(schema, &mut object);
    match (object.len(), object.get("type")) {
        (1, Some(Value::String(name))) => Value::String(name.clone()),
        _ => Value::Object(object),
    }
}

/// The name of a record that was already written out.
fn reference(schema: &Schema, namespace: Option<&str>, seen: &[String]) -> Option<Value> {
    let full = schema.name.as_deref().unwrap_or(UNNAMED);
    let known = seen.iter().any(|name| name == full);
    let (space, name) = split(full);
    known.then(|| Value::from(if space == namespace { name } else { full }))
}

fn record(
    schema: &Schema,
    fields: &[Field],
    namespace: Option<&str>,
    seen: &mut Vec<String>,
    object: &mut Map<String, Value>,
) {
    let full = schema.name.as_deref().unwrap_or(UNNAMED);
    seen.push(full.to_owned());
    let (space, name) = split(full);
    object.insert("type".into(), "record".into());
    object.insert("name".into(), name.into());
    if let Some(space) = space.filter(|space| Some(*space) != namespace) {
        object.insert("namespace".into(), space.into());
    }
    let inner = space.or(namespace);
    let fields = fields.iter().map(|field| self::field(field, inner, seen)).collect();
    object.insert("fields".into(), Value::Array(fields));
}

fn field(field: &Field, namespace: Option<&str>, seen: &mut Vec<String>) -> Value {
    let mut object = Map::new();
    object.insert("name".into(), field.name.clone().into());
    object.insert("type".into(), wrapped(&field.schema, namespace, seen));
    match (&field.schema.default, field.schema.optional) {
        (Some(default), _) => object.insert("default".into(), constant(default)),
        (None, true) => object.insert("default".into(), Value::Null),
        (None, false) => None,
    };
    Value::Object(object)
}

fn split(full: &str) -> (Option<&str>, &str) {
    match full.rsplit_once('.') {
        Some((space, name)) => (Some(space), name),
        None => (None, full),
    }
}

fn primitive_name(kind: &Type) -> &'static str {
    match kind {
        Type::Boolean => "boolean",
        Type::Int16 | Type::Int32 => "int",
        Type::Int64 => "long",
        Type::Float32 => "float",
        Type::Float64 => "double",
        Type::String => "string",
        Type::Bytes => "bytes",
        Type::Struct(_) => "record",
    }
}

fn annotate(schema: &Schema, object: &mut Map<String, Value>) {
    logical(schema, object);
    if let Some(version) = schema.version {
        object.insert("connect.version".into(), version.into());
    }
    if !schema.parameters.is_empty() {
        object.insert("connect.parameters".into(), parameters(schema));
    }
    if let Some(default) = &schema.default {
        object.insert("connect.default".into(), constant(default));
    }
    if let Some(name) = &schema.name {
        object.insert("connect.name".into(), name.clone().into());
    }
    if schema.kind == Type::Int16 {
        object.insert("connect.type".into(), "int16".into());
    }
}

/// Avro's own logical types for Connect's.
fn logical(schema: &Schema, object: &mut Map<String, Value>) {
    let logical = match schema.name.as_deref() {
        Some("org.apache.kafka.connect.data.Decimal") => "decimal",
        Some("org.apache.kafka.connect.data.Date") => "date",
        Some("org.apache.kafka.connect.data.Time") => "time-millis",
        Some("org.apache.kafka.connect.data.Timestamp") => "timestamp-millis",
        _ => return,
    };
    let number = |name: &str| {
        let found = schema.parameters.iter().find(|(parameter, _)| *parameter == name);
        found.and_then(|(_, value)| value.parse::<i64>().ok())
    };
    if logical == "decimal" {
        object.insert("scale".into(), number("scale").unwrap_or(0).into());
        let precision = number("connect.decimal.precision").unwrap_or(64);
        object.insert("precision".into(), precision.into());
    }
    object.insert("logicalType".into(), logical.into());
}

/// Parameters as a JSON object.
pub(super) fn parameters(schema: &Schema) -> Value {
    let entries =
        schema.parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into()));
    Value::Object(entries.collect())
}

/// A default as JSON.
pub(super) fn constant(constant: &Constant) -> Value {
    match constant {
        Constant::Int(value) => (*value).into(),
        Constant::Float(value) => (*value).into(),
        Constant::Text(value) => value.clone().into(),
    }
}
