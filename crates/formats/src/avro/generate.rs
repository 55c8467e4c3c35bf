//! The Avro schema that a source with given columns registers (spec sections 6.4 and 6.7).

use serde_json::{Value, json};
use types::{Column, SerdeSpec, SqlType};

use crate::avro_schema::check_name;
use crate::part::{Part, is_unwrapped};
use crate::{Error, Result};

/// Full name of the record when none was set.
const FULL_NAME_DEFAULT: &str = "io.confluent.ksql.avro_schemas.KsqlDataSourceSchema";

/// The schema text for `columns`.
///
/// # Errors
/// `Unsupported` when a name is none that Avro allows.
pub fn schema_text(spec: &SerdeSpec, columns: &[Column], part: Part) -> Result<String> {
    let full_name = spec.full_schema_name.as_deref().unwrap_or(FULL_NAME_DEFAULT);
    full_name.split('.').try_for_each(check_name).map_err(incompatible)?;
    let unwrapped = is_unwrapped(spec, columns, part);
    check_names(columns, unwrapped).map_err(Error::Unsupported)?;
    let schema = match columns {
        [only] if unwrapped => type_json(&only.ty, full_name),
        columns => record(columns.iter().map(|c| (c.name.as_str(), &c.ty)), full_name),
    };
    Ok(schema.to_string())
}

fn incompatible(error: Error) -> Error {
    match error {
        Error::InvalidSchema(reason) => {
            Error::Unsupported(format!("Schema is not compatible with Avro: {reason}"))
        }
        other => other,
    }
}

/// Whether Avro allows the columns' and their fields' names.
///
/// # Errors
/// The reason for the user.
pub fn check_names(columns: &[Column], unwrapped: bool) -> std::result::Result<(), String> {
    let check = |name: &str| check_name(name).map_err(|error| incompatible(error).to_string());
    for column in columns {
        if !unwrapped {
            check(&column.name)?;
        }
        check_type(&column.ty, &check)?;
    }
    Ok(())
}

fn check_type(
    ty: &SqlType,
    check: &dyn Fn(&str) -> std::result::Result<(), String>,
) -> std::result::Result<(), String> {
    match ty {
        SqlType::Array(element) => check_type(element, check),
        SqlType::Map(_, value) => check_type(value, check),
        SqlType::Struct(fields) => fields.iter().try_for_each(|field| {
            check(&field.name)?;
            check_type(&field.ty, check)
        }),
        _ => Ok(()),
    }
}

fn record<'a>(fields: impl Iterator<Item = (&'a str, &'a SqlType)>, full_name: &str) -> Value {
    let field = |(name, ty): (&str, &SqlType)| {
        let inner = format!("{full_name}_{name}");
        json!({"name": name, "type": ["null", type_json(ty, &inner)], "default": null})
    };
    let fields: Vec<Value> = fields.map(field).collect();
    let (namespace, name) = match full_name.rsplit_once('.') {
        Some((namespace, name)) => (Some(namespace), name),
        None => (None, full_name),
    };
    let mut record = json!({"type": "record", "name": name});
    if let Some(namespace) = namespace {
        record["namespace"] = namespace.into();
    }
    record["fields"] = fields.into();
    record["connect.name"] = full_name.into();
    record
}

/// The non-null schema of `ty`; records within are called `full_name` and names derived from it.
fn type_json(ty: &SqlType, full_name: &str) -> Value {
    match ty {
        SqlType::Boolean => "boolean".into(),
        SqlType::Integer => "int".into(),
        SqlType::Bigint => "long".into(),
        SqlType::Double => "double".into(),
        SqlType::Decimal { precision, scale } => json!({
            "type": "bytes", "scale": scale, "precision": precision, "logicalType": "decimal",
        }),
        SqlType::String => "string".into(),
        SqlType::Bytes => "bytes".into(),
        SqlType::Time => logical("int", "Time", "time-millis"),
        SqlType::Date => logical("int", "Date", "date"),
        SqlType::Timestamp => logical("long", "Timestamp", "timestamp-millis"),
        SqlType::Array(element) => {
            json!({"type": "array", "items": ["null", type_json(element, full_name)]})
        }
        SqlType::Map(_, value) => {
            let inner = format!("{full_name}_MapValue");
            json!({"type": "map", "values": ["null", type_json(value, &inner)]})
        }
        SqlType::Struct(fields) => {
            record(fields.iter().map(|f| (f.name.as_str(), &f.ty)), full_name)
        }
    }
}

/// Connect's logical types carry their class too, for converters that go by it.
fn logical(ty: &str, class: &str, logical_type: &str) -> Value {
    json!({
        "type": ty,
        "connect.version": 1,
        "connect.name": format!("org.apache.kafka.connect.data.{class}"),
        "logicalType": logical_type,
    })
}
