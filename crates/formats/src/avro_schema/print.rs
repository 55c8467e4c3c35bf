//! [`Document`] to text: compact JSON with attributes in the order Avro's Java library prints them,
//! so that equal schemas have equal texts.

use std::fmt;

use serde_json::{Map, Value};

use super::model::{Document, Field, Kind, Properties, Schema};
use super::names;

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        json(&self.root, None).fmt(f)
    }
}

/// Shows the schema with its names spelled out in full where it is shown from.
impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        json(self, None).fmt(f)
    }
}

fn json(schema: &Schema, space: Option<&str>) -> Value {
    let mut object = Map::new();
    match &schema.kind {
        Kind::Union(branches) => {
            return Value::Array(branches.iter().map(|branch| json(branch, space)).collect());
        }
        Kind::Reference(name) => return Value::String(relative(name, space)),
        Kind::Array(items) => {
            object.insert("type".to_owned(), "array".into());
            object.insert("items".to_owned(), json(items, space));
        }
        Kind::Map(values) => {
            object.insert("type".to_owned(), "map".into());
            object.insert("values".to_owned(), json(values, space));
        }
        Kind::Record(record) => {
            head(&mut object, "record", &record.name, space, record.doc.as_deref());
            let inner = names::split(&record.name).0;
            let fields = record.fields.iter().map(|field| field_json(field, inner)).collect();
            object.insert("fields".to_owned(), Value::Array(fields));
            return close(object, &schema.properties, &record.aliases);
        }
        Kind::Enum(symbols) => {
            head(&mut object, "enum", &symbols.name, space, symbols.doc.as_deref());
            object.insert("symbols".to_owned(), symbols.symbols.clone().into());
            if let Some(default) = &symbols.default {
                object.insert("default".to_owned(), default.clone().into());
            }
            return close(object, &schema.properties, &symbols.aliases);
        }
        Kind::Fixed(fixed) => {
            head(&mut object, "fixed", &fixed.name, space, fixed.doc.as_deref());
            object.insert("size".to_owned(), fixed.size.into());
            return close(object, &schema.properties, &fixed.aliases);
        }
        _ if schema.properties.is_empty() => return schema.type_name().into(),
        _ => {
            object.insert("type".to_owned(), schema.type_name().into());
        }
    }
    close(object, &schema.properties, &[])
}

fn head(
    object: &mut Map<String, Value>,
    ty: &str,
    name: &str,
    space: Option<&str>,
    doc: Option<&str>,
) {
    let (own, simple) = names::split(name);
    object.insert("type".to_owned(), ty.into());
    object.insert("name".to_owned(), simple.into());
    if own != space {
        object.insert("namespace".to_owned(), own.unwrap_or_default().into());
    }
    if let Some(doc) = doc {
        object.insert("doc".to_owned(), doc.into());
    }
}

fn close(mut object: Map<String, Value>, properties: &Properties, aliases: &[String]) -> Value {
    object.extend(properties.clone());
    if !aliases.is_empty() {
        object.insert("aliases".to_owned(), aliases.to_vec().into());
    }
    Value::Object(object)
}

fn field_json(field: &Field, space: Option<&str>) -> Value {
    let mut object = Map::new();
    object.insert("name".to_owned(), field.name.clone().into());
    object.insert("type".to_owned(), json(&field.schema, space));
    if let Some(doc) = &field.doc {
        object.insert("doc".to_owned(), doc.clone().into());
    }
    if let Some(default) = &field.default {
        object.insert("default".to_owned(), default.clone());
    }
    if let Some(order) = &field.order {
        object.insert("order".to_owned(), order.clone().into());
    }
    close(object, &field.properties, &field.aliases)
}

/// A reference is short within its own namespace.
fn relative(name: &str, space: Option<&str>) -> String {
    let (own, simple) = names::split(name);
    if own == space { simple.to_owned() } else { name.to_owned() }
}
