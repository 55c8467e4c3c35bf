//! The registry as formats and planning see it.

use formats::{RegisteredSchema, SchemaStore, SchemaType};
use types::SchemaId;

use crate::contents::NewSchema;
use crate::versions::VersionSpec;
use crate::{Error, Registry};

impl SchemaStore for Registry {
    fn schema(&self, id: SchemaId) -> formats::Result<RegisteredSchema> {
        let schema = Registry::schema(self, id).map_err(translated)?;
        Ok(RegisteredSchema { id, schema_type: schema.schema_type, text: schema.text })
    }

    fn latest(&self, subject: &str) -> formats::Result<Option<RegisteredSchema>> {
        match self.version(subject, VersionSpec::Latest, false) {
            Ok(found) => Ok(Some(RegisteredSchema {
                id: found.id,
                schema_type: found.schema.schema_type,
                text: found.schema.text,
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
