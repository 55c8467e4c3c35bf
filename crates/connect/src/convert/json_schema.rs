//! The schema that Connect's JsonConverter puts beside each payload when `schemas.enable` is true.

use serde_json::{Map, Value};

use super::avro_schema::{constant, parameters};
use super::{Schema, Type};

/// The schema's JSON text.
pub fn json_schema(schema: &Schema) -> String {
    object(schema, None).to_string()
}

fn object(schema: &Schema, field: Option<&str>) -> Value {
    let mut object = Map::new();
    object.insert("type".into(), kind_name(&schema.kind).into());
    if let Type::Struct(fields) = &schema.kind {
        let fields = fields.iter().map(|f| self::object(&f.schema, Some(&f.name))).collect();
        object.insert("fields".into(), Value::Array(fields));
    }
    object.insert("optional".into(), schema.optional.into());
    if let Some(name) = &schema.name {
        object.insert("name".into(), name.clone().into());
    }
    if let Some(version) = schema.version {
        object.insert("version".into(), version.into());
    }
    if !schema.parameters.is_empty() {
        object.insert("parameters".into(), parameters(schema));
    }
    if let Some(default) = &schema.default {
        object.insert("default".into(), constant(default));
    }
    if let Some(field) = field {
        object.insert("field".into(), field.into());
    }
    Value::Object(object)
}

fn kind_name(kind: &Type) -> &'static str {
    match kind {
        Type::Boolean => "boolean",
        Type::Int16 => "int16",
        Type::Int32 => "int32",
        Type::Int64 => "int64",
        Type::Float32 => "float",
        Type::Float64 => "double",
        Type::String => "string",
        Type::Bytes => "bytes",
        Type::Struct(_) => "struct",
    }
}
