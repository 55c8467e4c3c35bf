//! What the registry holds, as the records of `_schemas` say when read in order.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use formats::SchemaType;
use serde::{Deserialize, Serialize};
use types::SchemaId;

use crate::message::{self, ConfigValue, DeleteSubjectValue, Key, ModeValue, SchemaValue};
use crate::parsed::Parsed;
use crate::{CompatibilityLevel, Mode};

/// Use of a schema that stands under another subject.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// What the schema calls it.
    pub name: String,
    /// Where it stands.
    pub subject: String,
    /// Its version there.
    pub version: i32,
}

/// A schema to register, look up or check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSchema {
    /// What the text is.
    pub schema_type: SchemaType,
    /// The text.
    pub text: String,
    /// What it uses of other subjects.
    pub references: Vec<Reference>,
    /// Its id, in IMPORT mode.
    pub id: Option<SchemaId>,
    /// Its version, in IMPORT mode.
    pub version: Option<i32>,
}

impl NewSchema {
    /// A schema on its own.
    pub fn new(schema_type: SchemaType, text: impl Into<String>) -> Self {
        Self { schema_type, text: text.into(), references: Vec::new(), id: None, version: None }
    }
}

/// A registered schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Schema {
    /// What the text is.
    pub schema_type: SchemaType,
    /// The text, in its canonical form.
    pub text: Arc<str>,
    /// What it uses of other subjects.
    pub references: Vec<Reference>,
}

/// A version of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectVersion {
    /// The subject.
    pub subject: String,
    /// The version's number.
    pub version: i32,
    /// The schema's id.
    pub id: SchemaId,
    /// The schema.
    pub schema: Schema,
    /// Whether it is soft-deleted.
    pub deleted: bool,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    id: SchemaId,
    deleted: bool,
}

/// Everything, in memory.
#[derive(Debug, Default)]
pub struct Contents {
    subjects: BTreeMap<String, BTreeMap<i32, Slot>>,
    schemas: BTreeMap<SchemaId, Schema>,
    ids: HashMap<Schema, SchemaId>,
    /// The highest id ever seen, so that none is given twice.
    id_max: i32,
    levels: HashMap<Option<String>, CompatibilityLevel>,
    modes: HashMap<Option<String>, Mode>,
}

impl Contents {
    /// Takes one record in; false when it makes no sense.
    pub fn apply(&mut self, key: &Key, value: Option<&[u8]>) -> bool {
        match key {
            Key::Schema { subject, version, .. } => match value {
                None => self.forget(subject, *version),
                Some(value) => return self.apply_schema(value),
            },
            Key::Config { subject, .. } => {
                return apply_setting(&mut self.levels, subject, value, |v: ConfigValue| v.level);
            }
            Key::Mode { subject, .. } => {
                return apply_setting(&mut self.modes, subject, value, |v: ModeValue| v.mode);
            }
            Key::DeleteSubject { subject, .. } => return self.apply_delete(subject, value),
            Key::ClearSubject { subject, .. } => self.clear(subject),
            Key::Noop { .. } => {}
        }
        true
    }

    fn apply_schema(&mut self, value: &[u8]) -> bool {
        let Ok(value) = serde_json::from_slice::<SchemaValue>(value) else { return false };
        let Some(schema_type) = message::type_of(value.schema_type.as_deref()) else {
            return false;
        };
        let id = SchemaId(value.id);
        let text: Arc<str> = value.schema.into();
        let schema = Schema { schema_type, text, references: value.references };
        // Texts that others wrote may not be canonical; ids are found by those that are.
        let canonical = Parsed::parse(&schema, self).map(|parsed| parsed.canonical());
        let text = canonical.map_or_else(|_| schema.text.clone(), Arc::from);
        self.ids.insert(Schema { text, ..schema.clone() }, id);
        self.schemas.insert(id, schema);
        self.id_max = self.id_max.max(value.id);
        let slot = Slot { id, deleted: value.deleted };
        self.subjects.entry(value.subject).or_default().insert(value.version, slot);
        true
    }

    fn apply_delete(&mut self, subject: &str, value: Option<&[u8]>) -> bool {
        let Some(value) = value else { return true };
        let Ok(value) = serde_json::from_slice::<DeleteSubjectValue>(value) else { return false };
        if let Some(versions) = self.subjects.get_mut(subject) {
            for slot in versions.range_mut(..=value.version).map(|(_, slot)| slot) {
                slot.deleted = true;
            }
        }
        // A subject that comes back starts with the global settings.
        self.levels.remove(&Some(subject.to_owned()));
        self.modes.remove(&Some(subject.to_owned()));
        true
    }

    fn clear(&mut self, subject: &str) {
        let Some(versions) = self.subjects.get(subject) else { return };
        let deleted: Vec<i32> =
            versions.iter().filter(|(_, slot)| slot.deleted).map(|(version, _)| *version).collect();
        deleted.into_iter().for_each(|version| self.forget(subject, version));
    }

    /// Removes a version for good, and its schema when nothing else has it.
    fn forget(&mut self, subject: &str, version: i32) {
        let Some(versions) = self.subjects.get_mut(subject) else { return };
        let Some(slot) = versions.remove(&version) else { return };
        if versions.is_empty() {
            self.subjects.remove(subject);
        }
        if !self.subjects.values().flat_map(BTreeMap::values).any(|other| other.id == slot.id) {
            self.schemas.remove(&slot.id);
            self.ids.retain(|_, id| *id != slot.id);
        }
    }

    /// All subjects by name, with their versions.
    pub fn subjects(&self) -> impl Iterator<Item = (&str, Vec<SubjectVersion>)> {
        self.subjects.keys().map(|subject| (subject.as_str(), self.versions(subject)))
    }

    /// All versions of a subject, oldest first, soft-deleted ones too.
    pub fn versions(&self, subject: &str) -> Vec<SubjectVersion> {
        let slots = self.subjects.get(subject).into_iter().flatten();
        slots.map(|(version, slot)| self.subject_version(subject, *version, *slot)).collect()
    }

    /// One version of a subject.
    pub fn version(&self, subject: &str, version: i32) -> Option<SubjectVersion> {
        let slot = self.subjects.get(subject)?.get(&version)?;
        Some(self.subject_version(subject, version, *slot))
    }

    fn subject_version(&self, subject: &str, version: i32, slot: Slot) -> SubjectVersion {
        let schema = self.schemas.get(&slot.id).expect("every slot's schema is kept").clone();
        let subject = subject.to_owned();
        SubjectVersion { subject, version, id: slot.id, schema, deleted: slot.deleted }
    }

    /// The schema of that id.
    pub fn schema(&self, id: SchemaId) -> Option<&Schema> {
        self.schemas.get(&id)
    }

    /// The id of that canonical schema.
    pub fn id_of(&self, schema: &Schema) -> Option<SchemaId> {
        self.ids.get(schema).copied()
    }

    /// An id that was never used.
    pub fn next_id(&self) -> SchemaId {
        SchemaId(self.id_max + 1)
    }

    /// Every version whose schema refers to that one.
    pub fn referring_to(&self, subject: &str, version: i32) -> Vec<SubjectVersion> {
        let refers = |v: &SubjectVersion| {
            v.schema.references.iter().any(|r| r.subject == subject && r.version == version)
        };
        self.subjects().flat_map(|(_, versions)| versions).filter(refers).collect()
    }

    /// The level set for a subject (`None`: the global one).
    pub fn level(&self, subject: Option<&str>) -> Option<CompatibilityLevel> {
        self.levels.get(&subject.map(str::to_owned)).copied()
    }

    /// The mode set for a subject (`None`: the global one).
    pub fn mode(&self, subject: Option<&str>) -> Option<Mode> {
        self.modes.get(&subject.map(str::to_owned)).copied()
    }
}

fn apply_setting<V: for<'de> Deserialize<'de>, T>(
    settings: &mut HashMap<Option<String>, T>,
    subject: &Option<String>,
    value: Option<&[u8]>,
    setting: fn(V) -> T,
) -> bool {
    let Some(value) = value else {
        settings.remove(subject);
        return true;
    };
    match serde_json::from_slice(value) {
        Ok(value) => {
            settings.insert(subject.clone(), setting(value));
            true
        }
        Err(_) => false,
    }
}
