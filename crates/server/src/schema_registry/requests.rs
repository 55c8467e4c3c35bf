//! Bodies and query parameters of the registry's API.

use formats::SchemaType;
use registry::{NewSchema, Reference, Schema, SubjectVersion};
use serde::Deserialize;
use serde_json::{Value, json};
use types::SchemaId;

use super::answer::Refusal;

/// A schema in a request.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaBody {
    schema: String,
    #[serde(default)]
    schema_type: Option<String>,
    #[serde(default)]
    references: Vec<Reference>,
    #[serde(default)]
    id: Option<i32>,
    #[serde(default)]
    version: Option<i32>,
}

/// Query parameters, all of them optional and each used where the API says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Parameters {
    /// Whether soft-deleted ones are shown.
    pub deleted: bool,
    /// Whether they are deleted for good.
    pub permanent: bool,
    /// Beginning of the subjects' names.
    pub subject_prefix: String,
    /// Whether only the newest version of each subject is shown.
    pub latest_only: bool,
    /// Whether the global setting is told where the subject has none.
    pub default_to_global: bool,
    /// Whether the findings are told.
    pub verbose: bool,
    /// Whether a mode is set whatever there is.
    pub force: bool,
}

impl SchemaBody {
    /// The schema to register or look up.
    ///
    /// # Errors
    /// When its type is unknown.
    pub fn into_schema(self) -> Result<NewSchema, Refusal> {
        let schema_type = match self.schema_type.as_deref() {
            None | Some("" | "AVRO") => SchemaType::Avro,
            Some("JSON") => SchemaType::Json,
            Some("PROTOBUF") => SchemaType::Protobuf,
            Some(other) => {
                let message = format!("Unknown schema type '{other}': AVRO, JSON and PROTOBUF are");
                return Err(Refusal::unprocessable(message));
            }
        };
        Ok(NewSchema {
            schema_type,
            text: self.schema,
            references: self.references,
            id: self.id.map(SchemaId),
            version: self.version,
        })
    }
}

/// Name of a schema type.
pub fn type_name(schema_type: SchemaType) -> &'static str {
    match schema_type {
        SchemaType::Avro => "AVRO",
        SchemaType::Json => "JSON",
        SchemaType::Protobuf => "PROTOBUF",
    }
}

/// Adds what is told of a schema: its text, its type unless it is Avro, its references if there are any.
pub fn describe(object: &mut Value, schema: &Schema) {
    object["schema"] = (&*schema.text).into();
    if schema.schema_type != SchemaType::Avro {
        object["schemaType"] = type_name(schema.schema_type).into();
    }
    if !schema.references.is_empty() {
        object["references"] = json!(schema.references);
    }
}

/// A version of a subject.
pub fn version_json(version: &SubjectVersion) -> Value {
    let mut object = json!({
        "subject": version.subject, "version": version.version, "id": version.id.0,
    });
    describe(&mut object, &version.schema);
    object
}
