//! A schema's text understood: canonical form, and what compatibility rules work on.

use formats::SchemaType;
use formats::avro_schema::Document;
use formats::protobuf_schema::File;
use serde_json::Value;

use crate::contents::{Contents, Schema};
use crate::{Error, Result};

/// How deep references may follow references.
const REFERENCE_DEPTH_MAX: usize = 32;

/// A parsed schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Parsed {
    /// An Avro schema with its names resolved.
    Avro(Document),
    /// A JSON Schema, checked only to be JSON.
    Json(Value),
    /// A .proto file; its text is taken as it is.
    Protobuf {
        /// The text.
        text: String,
        /// What it says.
        file: File,
    },
}

impl Parsed {
    /// Parses `schema`, with the schemas it refers to taken from `contents`.
    ///
    /// # Errors
    /// `InvalidSchema` when the text is none of its type or a reference leads nowhere.
    pub fn parse(schema: &Schema, contents: &Contents) -> Result<Self> {
        match schema.schema_type {
            SchemaType::Avro => avro(schema, contents, 0).map(Self::Avro),
            SchemaType::Json => serde_json::from_str(&schema.text)
                .map(Self::Json)
                .map_err(|error| Error::InvalidSchema(format!("schema is no JSON: {error}"))),
            SchemaType::Protobuf => {
                let file = File::parse(&schema.text).map_err(invalid)?;
                Ok(Self::Protobuf { text: schema.text.to_string(), file })
            }
        }
    }

    /// The text that equal schemas have in common.
    pub fn canonical(&self) -> String {
        match self {
            Self::Avro(document) => document.to_string(),
            Self::Json(value) => value.to_string(),
            Self::Protobuf { text, .. } => text.clone(),
        }
    }

    /// Checks what only new schemas must keep: Avro defaults fit their types.
    ///
    /// # Errors
    /// `InvalidSchema` naming the field.
    pub fn check_new(&self) -> Result<()> {
        match self {
            Self::Avro(document) => document.check_defaults().map_err(invalid),
            Self::Json(_) | Self::Protobuf { .. } => Ok(()),
        }
    }
}

fn avro(schema: &Schema, contents: &Contents, depth: usize) -> Result<Document> {
    if depth > REFERENCE_DEPTH_MAX {
        return Err(Error::InvalidSchema("references are nested too deep".to_owned()));
    }
    let mut documents = Vec::with_capacity(schema.references.len());
    for reference in &schema.references {
        let target = contents.version(&reference.subject, reference.version).ok_or_else(|| {
            Error::InvalidSchema(format!(
                "No schema reference found for subject \"{}\" and version {}",
                reference.subject, reference.version
            ))
        })?;
        documents.push(avro(&target.schema, contents, depth + 1)?);
    }
    Document::parse_with(&schema.text, &documents).map_err(invalid)
}

fn invalid(error: formats::Error) -> Error {
    match error {
        formats::Error::InvalidSchema(reason) => Error::InvalidSchema(reason),
        other => Error::InvalidSchema(other.to_string()),
    }
}
