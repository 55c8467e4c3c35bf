//! Avro schema text to [`Document`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::model::{Document, Enum, Field, Fixed, Kind, Properties, Record, Schema};
use super::names::{self, check_name, qualify};
use crate::{Error, Result};

impl Document {
    /// Parses a schema text.
    ///
    /// # Errors
    /// `InvalidSchema` when it is no JSON, names an unknown type, or breaks Avro's rules.
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_with(text, &[])
    }

    /// Parses a schema text that may use the names of other documents.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_with(text: &str, references: &[Document]) -> Result<Self> {
        let json: Value = serde_json::from_str(text)
            .map_err(|error| Error::InvalidSchema(format!("schema is no JSON: {error}")))?;
        let mut parser = Parser { names: HashMap::new(), open: HashSet::new() };
        for document in references {
            parser.names.extend(document.names.clone());
        }
        let root = parser.schema(&json, None)?;
        Ok(Self { root, names: parser.names })
    }
}

struct Parser {
    names: HashMap<Arc<str>, Schema>,
    /// Records whose fields are being parsed: they may be referred to already.
    open: HashSet<Arc<str>>,
}

fn invalid(reason: impl Into<String>) -> Error {
    Error::InvalidSchema(reason.into())
}

impl Parser {
    fn schema(&mut self, json: &Value, namespace: Option<&str>) -> Result<Schema> {
        match json {
            Value::String(name) => self.named(name, namespace),
            Value::Array(branches) => self.union(branches, namespace),
            Value::Object(object) => self.object(object, namespace),
            other => Err(invalid(format!("Undefined type: {other}"))),
        }
    }

    fn named(&mut self, name: &str, namespace: Option<&str>) -> Result<Schema> {
        if let Some(primitive) = primitive(name) {
            return Ok(Schema::plain(primitive));
        }
        let candidates = [qualify(name, namespace), Arc::from(name)];
        let known = |n: &Arc<str>| self.names.contains_key(n) || self.open.contains(n);
        match candidates.into_iter().find(known) {
            Some(full_name) => Ok(Schema::plain(Kind::Reference(full_name))),
            None => Err(invalid(format!("Undefined name: \"{name}\""))),
        }
    }

    fn union(&mut self, branches: &[Value], namespace: Option<&str>) -> Result<Schema> {
        let mut seen = HashSet::new();
        let mut schemas = Vec::with_capacity(branches.len());
        for branch in branches {
            let schema = self.schema(branch, namespace)?;
            if matches!(schema.kind, Kind::Union(_)) {
                return Err(invalid("Nested union"));
            }
            if !seen.insert(schema.type_name().to_owned()) {
                return Err(invalid(format!("Duplicate in union: {}", schema.type_name())));
            }
            schemas.push(schema);
        }
        Ok(Schema::plain(Kind::Union(schemas)))
    }

    fn object(&mut self, object: &Map<String, Value>, namespace: Option<&str>) -> Result<Schema> {
        let ty = object.get("type").ok_or_else(|| invalid("No type in schema"))?;
        let Value::String(ty) = ty else { return self.schema(ty, namespace) };
        match ty.as_str() {
            "record" | "error" => self.record(object, namespace),
            "enum" => self.symbols(object, namespace),
            "fixed" => self.fixed(object, namespace),
            "array" => {
                let items = self.child(object, "items", "array", namespace)?;
                Ok(with_rest(Kind::Array(items), object, &["type", "items"]))
            }
            "map" => {
                let values = self.child(object, "values", "map", namespace)?;
                Ok(with_rest(Kind::Map(values), object, &["type", "values"]))
            }
            name => match primitive(name) {
                Some(kind) => Ok(with_rest(kind, object, &["type"])),
                None => self.named(name, namespace),
            },
        }
    }

    fn child(
        &mut self,
        object: &Map<String, Value>,
        attribute: &str,
        ty: &str,
        namespace: Option<&str>,
    ) -> Result<Box<Schema>> {
        let json = object
            .get(attribute)
            .ok_or_else(|| invalid(format!("{ty} has no {attribute} type")))?;
        Ok(Box::new(self.schema(json, namespace)?))
    }

    fn record(&mut self, object: &Map<String, Value>, namespace: Option<&str>) -> Result<Schema> {
        let name = self.new_name(object, namespace)?;
        let space = names::split(&name).0.map(str::to_owned);
        let Some(Value::Array(members)) = object.get("fields") else {
            return Err(invalid(format!("Record {name} has no fields")));
        };
        self.open.insert(name.clone());
        let mut fields = Vec::with_capacity(members.len());
        let mut seen = HashSet::new();
        for member in members {
            let field = self.field(member, &name, space.as_deref())?;
            if !seen.insert(field.name.clone()) {
                return Err(invalid(format!("Duplicate field {} in record {name}", field.name)));
            }
            fields.push(field);
        }
        self.open.remove(&name);
        let aliases = full_aliases(object, space.as_deref())?;
        let doc = text(object, "doc");
        let record = Arc::new(Record { name: name.clone(), aliases, doc, fields });
        let known = ["type", "name", "namespace", "fields", "doc", "aliases"];
        Ok(self.define(name, with_rest(Kind::Record(record), object, &known)))
    }

    fn field(&mut self, json: &Value, record: &str, space: Option<&str>) -> Result<Field> {
        let Value::Object(object) = json else {
            return Err(invalid(format!("Field of {record} is no JSON object: {json}")));
        };
        let name = text(object, "name")
            .ok_or_else(|| invalid(format!("A field of {record} has no name")))?;
        check_name(&name)?;
        let ty = object
            .get("type")
            .ok_or_else(|| invalid(format!("Field {name} of {record} has no type")))?;
        let known = ["name", "type", "doc", "default", "order", "aliases"];
        Ok(Field {
            schema: self.schema(ty, space)?,
            aliases: aliases(object),
            doc: text(object, "doc"),
            default: object.get("default").cloned(),
            order: text(object, "order").filter(|order| order != "ascending"),
            properties: rest(object, &known),
            name,
        })
    }

    fn symbols(&mut self, object: &Map<String, Value>, namespace: Option<&str>) -> Result<Schema> {
        let name = self.new_name(object, namespace)?;
        let Some(Value::Array(list)) = object.get("symbols") else {
            return Err(invalid(format!("Enum {name} has no symbols")));
        };
        let mut symbols = Vec::with_capacity(list.len());
        for symbol in list {
            let Value::String(symbol) = symbol else {
                return Err(invalid(format!("Symbol of {name} is no string: {symbol}")));
            };
            check_name(symbol)?;
            if symbols.contains(symbol) {
                return Err(invalid(format!("Duplicate enum symbol: {symbol}")));
            }
            symbols.push(symbol.clone());
        }
        let default = text(object, "default");
        if let Some(default) = default.as_ref().filter(|default| !symbols.contains(default)) {
            return Err(invalid(format!("The enum default '{default}' is no symbol of {name}")));
        }
        let aliases = full_aliases(object, names::split(&name).0)?;
        let doc = text(object, "doc");
        let kind =
            Kind::Enum(Arc::new(Enum { name: name.clone(), aliases, doc, symbols, default }));
        let known = ["type", "name", "namespace", "symbols", "doc", "default", "aliases"];
        Ok(self.define(name, with_rest(kind, object, &known)))
    }

    fn fixed(&mut self, object: &Map<String, Value>, namespace: Option<&str>) -> Result<Schema> {
        let name = self.new_name(object, namespace)?;
        let size = object.get("size").and_then(Value::as_u64);
        let size = size
            .and_then(|size| usize::try_from(size).ok())
            .ok_or_else(|| invalid(format!("Invalid or no size of fixed {name}")))?;
        let aliases = full_aliases(object, names::split(&name).0)?;
        let doc = text(object, "doc");
        let kind = Kind::Fixed(Arc::new(Fixed { name: name.clone(), aliases, doc, size }));
        let known = ["type", "name", "namespace", "size", "doc", "aliases"];
        Ok(self.define(name, with_rest(kind, object, &known)))
    }

    /// The full name of the type that `object` defines; it must be new.
    fn new_name(&mut self, object: &Map<String, Value>, outer: Option<&str>) -> Result<Arc<str>> {
        let name = text(object, "name").ok_or_else(|| invalid("No name in schema"))?;
        let own = text(object, "namespace");
        let full_name = qualify(&name, own.as_deref().or(outer));
        full_name.split('.').try_for_each(check_name)?;
        if names::PRIMITIVES.contains(&&*full_name) {
            return Err(invalid(format!("Schemas may not be named after primitives: {name}")));
        }
        if self.names.contains_key(&full_name) || self.open.contains(&full_name) {
            return Err(invalid(format!("Can't redefine: {full_name}")));
        }
        Ok(full_name)
    }

    fn define(&mut self, name: Arc<str>, schema: Schema) -> Schema {
        self.names.insert(name, schema.clone());
        schema
    }
}

fn primitive(name: &str) -> Option<Kind> {
    Some(match name {
        "null" => Kind::Null,
        "boolean" => Kind::Boolean,
        "int" => Kind::Int,
        "long" => Kind::Long,
        "float" => Kind::Float,
        "double" => Kind::Double,
        "bytes" => Kind::Bytes,
        "string" => Kind::String,
        _ => return None,
    })
}

fn text(object: &Map<String, Value>, attribute: &str) -> Option<String> {
    object.get(attribute).and_then(Value::as_str).map(str::to_owned)
}

fn aliases(object: &Map<String, Value>) -> Vec<String> {
    let list = object.get("aliases").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn full_aliases(object: &Map<String, Value>, space: Option<&str>) -> Result<Vec<String>> {
    let full = |alias: String| {
        let name = qualify(&alias, space);
        name.split('.').try_for_each(check_name).map(|()| name.to_string())
    };
    aliases(object).into_iter().map(full).collect()
}

fn rest(object: &Map<String, Value>, known: &[&str]) -> Properties {
    let unknown = object.iter().filter(|(name, _)| !known.contains(&name.as_str()));
    unknown.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn with_rest(kind: Kind, object: &Map<String, Value>, known: &[&str]) -> Schema {
    Schema { kind, properties: rest(object, known) }
}
