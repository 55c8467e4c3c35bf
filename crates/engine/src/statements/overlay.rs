//! A schema store on which a batch is validated: what is registered stays in memory, everything else is
//! the real registry's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use formats::{RegisteredSchema, Result, SchemaStore, SchemaType};
use types::SchemaId;

/// Ids of the sandbox's own schemas are negative, so they never meet a real one.
const FIRST_ID: i32 = -2;

/// A schema store that forgets its changes.
#[derive(Debug)]
pub struct Overlay {
    below: Arc<dyn SchemaStore>,
    changes: Mutex<Changes>,
}

#[derive(Debug, Default)]
struct Changes {
    schemas: Vec<RegisteredSchema>,
    subjects: BTreeMap<String, RegisteredSchema>,
    deleted: BTreeSet<String>,
}

impl Overlay {
    /// Nothing changed yet.
    pub fn new(below: Arc<dyn SchemaStore>) -> Self {
        Self { below, changes: Mutex::default() }
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SchemaStore for Overlay {
    fn schema(&self, id: SchemaId) -> Result<RegisteredSchema> {
        let own = self.changes().schemas.iter().find(|schema| schema.id == id).cloned();
        own.map_or_else(|| self.below.schema(id), Ok)
    }

    fn latest(&self, subject: &str) -> Result<Option<RegisteredSchema>> {
        let changes = self.changes();
        if let Some(schema) = changes.subjects.get(subject) {
            return Ok(Some(schema.clone()));
        }
        if changes.deleted.contains(subject) {
            return Ok(None);
        }
        drop(changes);
        self.below.latest(subject)
    }

    fn register(&self, subject: &str, schema_type: SchemaType, text: &str) -> Result<SchemaId> {
        let mut changes = self.changes();
        let count = i32::try_from(changes.schemas.len()).unwrap_or(i32::MAX);
        let id = SchemaId(FIRST_ID.saturating_sub(count));
        let schema = RegisteredSchema { id, schema_type, text: text.into() };
        changes.schemas.push(schema.clone());
        changes.subjects.insert(subject.to_owned(), schema);
        Ok(id)
    }

    fn delete_subject(&self, subject: &str) -> Result<()> {
        let mut changes = self.changes();
        changes.subjects.remove(subject);
        changes.deleted.insert(subject.to_owned());
        Ok(())
    }
}
