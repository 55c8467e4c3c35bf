//! A schema store in memory, for tests and the test runners: ids 1, 2, 3, ... in order of
//! registration, no compatibility rules.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use types::SchemaId;

use crate::{Error, RegisteredSchema, Result, SchemaStore, SchemaType};

/// Schemas by id and subjects as lists of ids.
#[derive(Debug, Default)]
pub struct MemorySchemaStore {
    contents: Mutex<Contents>,
}

#[derive(Debug, Default)]
struct Contents {
    schemas: BTreeMap<SchemaId, RegisteredSchema>,
    subjects: BTreeMap<String, Vec<SchemaId>>,
}

impl MemorySchemaStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers a schema under a chosen id, as tests with fixed ids want.
    ///
    /// # Errors
    /// When another schema has that id.
    pub fn register_with_id(
        &self,
        subject: &str,
        schema_type: SchemaType,
        text: &str,
        id: SchemaId,
    ) -> Result<()> {
        let mut contents = self.lock();
        if let Some(other) = contents.schemas.get(&id)
            && (other.schema_type != schema_type || *other.text != *text)
        {
            return Err(Error::InvalidSchema(format!("id {id} already belongs to another schema")));
        }
        contents.insert(subject, RegisteredSchema { id, schema_type, text: text.into() });
        Ok(())
    }

    /// All subjects, by name.
    pub fn subjects(&self) -> Vec<String> {
        self.lock().subjects.keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        // Every change is complete before the lock is released, so a poisoned one is sound.
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Contents {
    fn insert(&mut self, subject: &str, schema: RegisteredSchema) {
        let versions = self.subjects.entry(subject.to_owned()).or_default();
        if !versions.contains(&schema.id) {
            versions.push(schema.id);
        }
        self.schemas.insert(schema.id, schema);
    }
}

impl SchemaStore for MemorySchemaStore {
    fn schema(&self, id: SchemaId) -> Result<RegisteredSchema> {
        self.lock().schemas.get(&id).cloned().ok_or(Error::UnknownSchema(id))
    }

    fn latest(&self, subject: &str) -> Result<Option<RegisteredSchema>> {
        let contents = self.lock();
        let id = contents.subjects.get(subject).and_then(|versions| versions.last());
        Ok(id.and_then(|id| contents.schemas.get(id)).cloned())
    }

    fn register(&self, subject: &str, schema_type: SchemaType, text: &str) -> Result<SchemaId> {
        let mut contents = self.lock();
        let same = |s: &&RegisteredSchema| s.schema_type == schema_type && *s.text == *text;
        let id = match contents.schemas.values().find(same) {
            Some(known) => known.id,
            None => SchemaId(contents.schemas.keys().next_back().map_or(0, |last| last.0) + 1),
        };
        let text = Arc::from(text);
        contents.insert(subject, RegisteredSchema { id, schema_type, text });
        Ok(id)
    }

    fn delete_subject(&self, subject: &str) -> Result<()> {
        self.lock().subjects.remove(subject);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_schema_has_one_id_under_every_subject() {
        let store = MemorySchemaStore::new();
        let register = |subject, text| store.register(subject, SchemaType::Avro, text);
        assert_eq!(register("a-value", "\"int\"").expect("registered"), SchemaId(1));
        assert_eq!(register("a-value", "\"long\"").expect("registered"), SchemaId(2));
        assert_eq!(register("b-value", "\"int\"").expect("registered"), SchemaId(1));
        let latest = store.latest("a-value").expect("readable").expect("registered");
        assert_eq!((latest.id, &*latest.text), (SchemaId(2), "\"long\""));
        store.delete_subject("a-value").expect("deleted");
        assert_eq!(store.latest("a-value").expect("readable"), None);
        assert!(store.schema(SchemaId(2)).is_ok());
    }

    #[test]
    fn a_fixed_id_belongs_to_one_schema() {
        let store = MemorySchemaStore::new();
        let fixed = |text| store.register_with_id("s", SchemaType::Avro, text, SchemaId(42));
        fixed("\"int\"").expect("free");
        fixed("\"int\"").expect("the same again");
        assert!(fixed("\"long\"").is_err());
        let next = store.register("s", SchemaType::Avro, "\"long\"").expect("registered");
        assert_eq!(next, SchemaId(43));
    }
}
