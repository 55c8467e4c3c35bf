//! What an Avro schema consists of.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

/// Attributes that the specification gives no structure to, in their order: `logicalType`, `scale`,
/// `connect.name`, ...
pub type Properties = Map<String, Value>;

/// A schema text with the names it defines.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The schema itself.
    pub root: Schema,
    /// Named types by full name, also those of referenced documents.
    pub(super) names: HashMap<Arc<str>, Schema>,
}

/// A schema and its attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// The type.
    pub kind: Kind,
    /// Attributes without structure.
    pub properties: Properties,
}

/// The types of Avro.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the variants are Avro's own type names")]
pub enum Kind {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Array(Box<Schema>),
    Map(Box<Schema>),
    Union(Vec<Schema>),
    Record(Arc<Record>),
    Enum(Arc<Enum>),
    Fixed(Arc<Fixed>),
    /// A named type defined earlier, by full name.
    Reference(Arc<str>),
}

/// A record type.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Full name.
    pub name: Arc<str>,
    /// Other full names, for schema resolution.
    pub aliases: Vec<String>,
    /// Documentation.
    pub doc: Option<String>,
    /// The fields in order.
    pub fields: Vec<Field>,
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Name.
    pub name: String,
    /// Other names, for schema resolution.
    pub aliases: Vec<String>,
    /// Documentation.
    pub doc: Option<String>,
    /// Type.
    pub schema: Schema,
    /// Value when the writer has none.
    pub default: Option<Value>,
    /// Sort order when it is not ascending.
    pub order: Option<String>,
    /// Attributes without structure.
    pub properties: Properties,
}

/// An enum type.
#[derive(Clone, Debug, PartialEq)]
pub struct Enum {
    /// Full name.
    pub name: Arc<str>,
    /// Other full names.
    pub aliases: Vec<String>,
    /// Documentation.
    pub doc: Option<String>,
    /// The symbols in order.
    pub symbols: Vec<String>,
    /// Symbol for those the reader does not know.
    pub default: Option<String>,
}

/// A fixed type.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixed {
    /// Full name.
    pub name: Arc<str>,
    /// Other full names.
    pub aliases: Vec<String>,
    /// Documentation.
    pub doc: Option<String>,
    /// Number of bytes.
    pub size: usize,
}

impl Document {
    /// `schema` itself, or the named type it refers to.
    pub fn resolve<'a>(&'a self, schema: &'a Schema) -> &'a Schema {
        match &schema.kind {
            Kind::Reference(name) => {
                self.names.get(name).expect("the parser refuses references to unknown names")
            }
            _ => schema,
        }
    }

    /// The named type of that full name.
    pub fn named(&self, full_name: &str) -> Option<&Schema> {
        self.names.get(full_name)
    }
}

impl Schema {
    /// A schema without attributes.
    pub fn plain(kind: Kind) -> Self {
        Self { kind, properties: Properties::new() }
    }

    /// The `logicalType` attribute.
    pub fn logical_type(&self) -> Option<&str> {
        self.properties.get("logicalType")?.as_str()
    }

    /// A numeric attribute.
    pub fn number(&self, attribute: &str) -> Option<u64> {
        self.properties.get(attribute)?.as_u64()
    }

    /// The type's name: the full name of a named type, else the word for it.
    pub fn type_name(&self) -> &str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Boolean => "boolean",
            Kind::Int => "int",
            Kind::Long => "long",
            Kind::Float => "float",
            Kind::Double => "double",
            Kind::Bytes => "bytes",
            Kind::String => "string",
            Kind::Array(_) => "array",
            Kind::Map(_) => "map",
            Kind::Union(_) => "union",
            Kind::Record(record) => &record.name,
            Kind::Enum(symbols) => &symbols.name,
            Kind::Fixed(fixed) => &fixed.name,
            Kind::Reference(name) => name,
        }
    }
}
