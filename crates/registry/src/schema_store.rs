//! The registry as formats and planning see it.

use std::sync::Arc;

use formats::protobuf_schema::File;
use formats::{RegisteredSchema, SchemaStore, SchemaType};
use types::SchemaId;

use crate::contents::{NewSchema, Schema};
use crate::versions::VersionSpec;
use crate::{Error, Registry};

impl SchemaStore for Registry {
    fn schema(&self, id: SchemaId) -> formats::Result<RegisteredSchema> {
        let schema = Registry::schema(self, id).map_err(translated)?;
        let text = self_contained(self, &schema)?;
        Ok(RegisteredSchema { id, schema_type: schema.schema_type, text })
    }

    fn latest(&self, subject: &str) -> formats::Result<Option<RegisteredSchema>> {
        match self.version(subject, VersionSpec::Latest, false) {
            Ok(found) => Ok(Some(RegisteredSchema {
                id: found.id,
                schema_type: found.schema.schema_type,
                text: self_contained(self, &found.schema)?,
            })),
            Err(Error::SubjectNotFound(_)) => Ok(None),
            Err(error) => Err(translated(error)),
        }
    }

    fn register(
        &self,
        subject: &str,
        schema_type: SchemaType,
        text: &str,
    ) -> formats::Result<SchemaId> {
        Registry::register(self, subject, &NewSchema::new(schema_type, text)).map_err(translated)
    }

    /// Removes the versions for good, as dropping a topic with its schemas means it.
    fn delete_subject(&self, subject: &str) -> formats::Result<()> {
        match Registry::delete_subject(self, subject, false) {
            Ok(_) | Err(Error::SubjectSoftDeleted(_)) => {}
            Err(Error::SubjectNotFound(_)) => return Ok(()),
            Err(error) => return Err(translated(error)),
        }
        Registry::delete_subject(self, subject, true).map(drop).map_err(translated)
    }
}

/// The schema's text; of a .proto text with everything it refers to behind it, as formats need it.
fn self_contained(registry: &Registry, schema: &Schema) -> formats::Result<Arc<str>> {
    if schema.schema_type != SchemaType::Protobuf || schema.references.is_empty() {
        return Ok(schema.text.clone());
    }
    let mut imported: Vec<Arc<str>> = Vec::new();
    let mut wanted = schema.references.clone();
    // References lead to references; one that two schemas share is needed once.
    while let Some(reference) = wanted.pop() {
        let version = VersionSpec::Number(reference.version);
        let found = registry.version(&reference.subject, version, true).map_err(translated)?;
        if !imported.contains(&found.schema.text) {
            imported.push(found.schema.text);
            wanted.extend(found.schema.references);
        }
    }
    Ok(File::joined(&schema.text, imported.iter().map(|text| &**text)).into())
}

fn translated(error: Error) -> formats::Error {
    match error {
        Error::SchemaNotFound(id) => formats::Error::UnknownSchema(id),
        Error::InvalidSchema(reason) => formats::Error::InvalidSchema(reason),
        Error::Incompatible { subject, details } => {
            formats::Error::IncompatibleSchema { subject, reason: details.join(", ") }
        }
        other => formats::Error::Registry(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use crate::contents::Reference;
    use crate::tests::{log, open};

    use super::*;

    #[test]
    fn proto_texts_come_with_what_they_import() {
        let registry = open(&log());
        let inner = NewSchema::new(SchemaType::Protobuf, "message Event {int64 at = 1;}");
        Registry::register(&registry, "event", &inner).expect("registered");
        let reference =
            Reference { name: "event.proto".into(), subject: "event".into(), version: 1 };
        let text = "import \"event.proto\"; message Logistics {Event event = 1;}";
        let outer = NewSchema::new(SchemaType::Protobuf, text);
        let outer = NewSchema { references: vec![reference], ..outer };
        let id = Registry::register(&registry, "logistics", &outer).expect("registered");
        let found = SchemaStore::schema(&registry, id).expect("there");
        let file = File::parse(&found.text).expect("a file");
        assert_eq!(file.messages.len(), 2);
        assert_eq!(file.messages[0].name, "Logistics");
    }
}
