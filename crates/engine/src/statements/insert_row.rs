//! A row given as JSON, inserted as INSERT VALUES would (spec section 8.6).

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sql::SourceDefinition;
use sql::format;
use types::SqlType;

use super::{Session, insert, lookup};
use crate::world::World;
use crate::{Error, Request, Result};

/// Inserts `row` into the stream called `target` and waits until it is on stable storage.
///
/// # Errors
/// When the target is unknown or no stream, or the row doesn't fit it.
pub fn insert_row(
    world: &World,
    target: &str,
    row: &Map<String, Value>,
    properties: &BTreeMap<String, String>,
) -> Result<()> {
    world.check_open()?;
    let request = Request { properties: properties.clone(), ..Request::default() };
    let session = Session::open(&world.properties, &request)?;
    let metastore = world.metastore();
    let source = lookup::source(&metastore, &stored_name(target))?;
    if source.kind == types::SourceKind::Table {
        return Err(Error::bad_statement(format!("Cannot insert into table {target}")));
    }
    let statement = sql::parse_statement(&statement(source, row)?)?;
    insert::run(world, &statement, &session)
}

/// Upper case unless it is back-quoted.
fn stored_name(written: &str) -> String {
    match written.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
        Some(quoted) => quoted.replace("``", "`"),
        None => written.to_uppercase(),
    }
}

/// The INSERT VALUES that means the same. Values are written as literals of their column's type, so
/// that there is one set of coercions.
fn statement(source: &SourceDefinition, row: &Map<String, Value>) -> Result<String> {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for (written, value) in row {
        let name = stored_name(written);
        let declared = source.schema.key.iter().chain(&source.schema.value);
        let column = declared.into_iter().find(|column| column.name == name);
        names.push(format::quoted_identifier(&name));
        values.push(literal(value, column.map(|column| &column.ty))?);
    }
    let target = format::quoted_identifier(&source.name);
    Ok(format!("INSERT INTO {target} ({}) VALUES ({});", names.join(", "), values.join(", ")))
}

/// `value` as SQL; members of an object become fields of a STRUCT or entries of a MAP by `ty`.
fn literal(value: &Value, ty: Option<&SqlType>) -> Result<String> {
    match value {
        Value::Null => Ok("NULL".to_owned()),
        Value::Bool(value) => Ok(value.to_string().to_uppercase()),
        Value::Number(number) => Ok(number.to_string()),
        Value::String(text) => Ok(format::string(text)),
        Value::Array(items) => {
            let element = match ty {
                Some(SqlType::Array(element)) => Some(&**element),
                _ => None,
            };
            let items: Result<Vec<String>> = items.iter().map(|v| literal(v, element)).collect();
            Ok(format!("ARRAY[{}]", items?.join(", ")))
        }
        Value::Object(members) => object(members, ty),
    }
}

fn object(members: &Map<String, Value>, ty: Option<&SqlType>) -> Result<String> {
    let mut parts = Vec::with_capacity(members.len());
    if let Some(SqlType::Map(_, value_type)) = ty {
        for (key, value) in members {
            parts.push(format!("{} := {}", format::string(key), literal(value, Some(value_type))?));
        }
        return Ok(format!("MAP({})", parts.join(", ")));
    }
    let Some(SqlType::Struct(fields)) = ty else {
        return Err(Error::bad_statement("A JSON object only fits a STRUCT or MAP column"));
    };
    for (key, value) in members {
        let name = stored_name(key);
        let field = fields.iter().find(|field| field.name == name);
        let value = literal(value, field.map(|field| &field.ty))?;
        parts.push(format!("{} := {value}", format::quoted_identifier(&name)));
    }
    Ok(format!("STRUCT({})", parts.join(", ")))
}
