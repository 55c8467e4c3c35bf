//! The registry itself: its state, and everything about subjects and schemas.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use commitlog::Log;
use types::SchemaId;
use types::seams::Clock;

use crate::compatibility;
use crate::contents::{Contents, NewSchema, Schema, SubjectVersion};
use crate::journal::{Entry, Journal};
use crate::message::{self, DeleteSubjectValue, Key, SchemaValue};
use crate::parsed::Parsed;
use crate::versions::VersionSpec;
use crate::{Error, Mode, Result};

/// The topic that everything is kept in.
pub const TOPIC: &str = "_schemas";

/// The schema registry. Calls may block on the disk.
///
/// A change is on stable storage before it is visible and before the call returns.
#[derive(Debug)]
pub struct Registry {
    journal: Journal,
    contents: RwLock<Contents>,
    /// Held from a change's checks until it is visible: changes happen one after the other.
    writing: Mutex<()>,
}

impl Registry {
    /// Opens the registry kept in `log`.
    ///
    /// # Errors
    /// `Store` when the topic can't be created or read.
    pub fn open(log: Arc<dyn Log>, clock: Arc<dyn Clock>) -> Result<Self> {
        let journal = Journal::open(log, clock, TOPIC)?;
        let contents = RwLock::new(journal.replay()?);
        Ok(Self { journal, contents, writing: Mutex::new(()) })
    }

    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Contents> {
        // Each record is applied as a whole, so what a panicking reader leaves is sound.
        self.contents.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn begin(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the entries durable, then visible.
    pub(crate) fn write(&self, entries: &[Entry]) -> Result<()> {
        self.journal.append(entries)?;
        let mut contents = self.contents.write().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            contents.apply(&entry.key, entry.value.as_deref());
        }
        Ok(())
    }

    /// Names of the subjects that begin with `prefix`; those that are soft-deleted only when
    /// `deleted` is set.
    pub fn subjects(&self, prefix: &str, deleted: bool) -> Vec<String> {
        let contents = self.read();
        let listed = contents.subjects().filter(|(name, versions)| {
            name.starts_with(prefix) && (deleted || versions.iter().any(|v| !v.deleted))
        });
        listed.map(|(name, _)| name.to_owned()).collect()
    }

    /// Version numbers of a subject, oldest first.
    ///
    /// # Errors
    /// `SubjectNotFound`.
    pub fn versions(&self, subject: &str, deleted: bool) -> Result<Vec<i32>> {
        let versions = listed(&self.read(), subject, deleted)?;
        Ok(versions.into_iter().map(|version| version.version).collect())
    }

    /// One version of a subject.
    ///
    /// # Errors
    /// `SubjectNotFound`, `VersionNotFound`.
    pub fn version(
        &self,
        subject: &str,
        spec: VersionSpec,
        deleted: bool,
    ) -> Result<SubjectVersion> {
        pick(listed(&self.read(), subject, deleted)?, spec)
    }

    /// The schema of that id.
    ///
    /// # Errors
    /// `SchemaNotFound`.
    pub fn schema(&self, id: SchemaId) -> Result<Schema> {
        self.read().schema(id).cloned().ok_or(Error::SchemaNotFound(id))
    }

    /// Every version that has the schema of that id.
    ///
    /// # Errors
    /// `SchemaNotFound`.
    pub fn versions_of_schema(&self, id: SchemaId, deleted: bool) -> Result<Vec<SubjectVersion>> {
        let contents = self.read();
        contents.schema(id).ok_or(Error::SchemaNotFound(id))?;
        let wanted = |v: &SubjectVersion| v.id == id && (deleted || !v.deleted);
        Ok(contents.subjects().flat_map(|(_, versions)| versions).filter(wanted).collect())
    }

    /// Ids of the schemas that refer to a version.
    ///
    /// # Errors
    /// `SubjectNotFound`, `VersionNotFound`.
    pub fn referenced_by(&self, subject: &str, spec: VersionSpec) -> Result<Vec<SchemaId>> {
        let version = self.version(subject, spec, true)?.version;
        let mut ids: Vec<SchemaId> =
            self.read().referring_to(subject, version).iter().map(|v| v.id).collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    /// Registers a schema under a subject; one that is there already keeps its version and id.
    ///
    /// # Errors
    /// `InvalidSchema`, `Incompatible`, `NotPermitted` by the mode, `Store`.
    pub fn register(&self, subject: &str, new: &NewSchema) -> Result<SchemaId> {
        check_subject(subject)?;
        let _writing = self.begin();
        let entry = {
            let contents = self.read();
            self.check_mode(&contents, subject, new)?;
            let (schema, parsed) = canonical(new, &contents)?;
            let versions = contents.versions(subject);
            let live: Vec<SubjectVersion> =
                versions.iter().filter(|version| !version.deleted).cloned().collect();
            let known = contents.id_of(&schema);
            if let Some(same) = live.iter().find(|version| Some(version.id) == known)
                && new.id.is_none_or(|id| id == same.id)
            {
                return Ok(same.id);
            }
            if new.id.is_none() {
                parsed.check_new()?;
                check_level(&contents, subject, &parsed, &live)?;
            }
            let id = chosen_id(&contents, &schema, known, new)?;
            let next = versions.last().map_or(1, |last| last.version + 1);
            (id, schema_entry(subject, new.version.unwrap_or(next), id, &schema, false))
        };
        self.write(&[entry.1])?;
        Ok(entry.0)
    }

    /// The version under which a subject holds that schema.
    ///
    /// # Errors
    /// `SubjectNotFound`, `SchemaNotUnderSubject`, `InvalidSchema`.
    pub fn lookup(&self, subject: &str, new: &NewSchema, deleted: bool) -> Result<SubjectVersion> {
        let contents = self.read();
        let versions = listed(&contents, subject, deleted)?;
        let (schema, _) = canonical(new, &contents)?;
        let id = contents.id_of(&schema);
        let found = versions.into_iter().rfind(|version| Some(version.id) == id);
        found.ok_or(Error::SchemaNotUnderSubject)
    }

    /// What keeps a schema from being registered: against one version, or against those that the
    /// subject's level names. Empty when nothing does.
    ///
    /// # Errors
    /// `InvalidSchema`; with a version also `SubjectNotFound` and `VersionNotFound`.
    pub fn check_compatibility(
        &self,
        subject: &str,
        spec: Option<VersionSpec>,
        new: &NewSchema,
    ) -> Result<Vec<String>> {
        let contents = self.read();
        let (_, parsed) = canonical(new, &contents)?;
        let earlier = match spec {
            Some(spec) => vec![pick(listed(&contents, subject, false)?, spec)?],
            None => contents.versions(subject).into_iter().filter(|v| !v.deleted).collect(),
        };
        let level = crate::settings::level_of(&contents, subject);
        Ok(compatibility::findings(level, &parsed, &earlier, &contents))
    }

    /// Deletes a subject: softly, or for good when it is soft-deleted. Gives the versions.
    ///
    /// # Errors
    /// `SubjectNotFound`, `SubjectSoftDeleted`, `SubjectNotSoftDeleted`, `ReferenceExists`,
    /// `NotPermitted`, `Store`.
    pub fn delete_subject(&self, subject: &str, permanent: bool) -> Result<Vec<i32>> {
        let _writing = self.begin();
        let (versions, entries) = {
            let contents = self.read();
            check_writable(&contents, subject)?;
            let versions = listed(&contents, subject, true)?;
            let live: Vec<i32> =
                versions.iter().filter(|v| !v.deleted).map(|v| v.version).collect();
            let affected = match (permanent, live.is_empty()) {
                (true, false) => return Err(Error::SubjectNotSoftDeleted(subject.to_owned())),
                (false, true) => return Err(Error::SubjectSoftDeleted(subject.to_owned())),
                (true, true) => versions.iter().map(|v| v.version).collect(),
                (false, false) => live,
            };
            affected.iter().try_for_each(|version| check_unused(&contents, subject, *version))?;
            let entries = if permanent {
                let gone = |version: &i32| Entry::tombstone(Key::schema(subject, *version));
                affected.iter().map(gone).collect()
            } else {
                let version = affected.last().copied().unwrap_or_default();
                let value = DeleteSubjectValue { subject: subject.to_owned(), version };
                vec![Entry::new(Key::delete_subject(subject), &value)]
            };
            (affected, entries)
        };
        self.write(&entries)?;
        Ok(versions)
    }

    /// Deletes a version: softly, or for good when it is soft-deleted. Gives its number.
    ///
    /// # Errors
    /// `SubjectNotFound`, `VersionNotFound`, `VersionSoftDeleted`, `VersionNotSoftDeleted`,
    /// `ReferenceExists`, `NotPermitted`, `Store`.
    pub fn delete_version(&self, subject: &str, spec: VersionSpec, permanent: bool) -> Result<i32> {
        let _writing = self.begin();
        let (version, entry) = {
            let contents = self.read();
            check_writable(&contents, subject)?;
            let found = pick(listed(&contents, subject, true)?, spec)?;
            let (subject, version) = (subject.to_owned(), found.version);
            match (permanent, found.deleted) {
                (true, false) => return Err(Error::VersionNotSoftDeleted { subject, version }),
                (false, true) => return Err(Error::VersionSoftDeleted { subject, version }),
                _ => check_unused(&contents, &subject, version)?,
            }
            let entry = if permanent {
                Entry::tombstone(Key::schema(&subject, version))
            } else {
                schema_entry(&subject, version, found.id, &found.schema, true)
            };
            (version, entry)
        };
        self.write(&[entry])?;
        Ok(version)
    }

    fn check_mode(&self, contents: &Contents, subject: &str, new: &NewSchema) -> Result<()> {
        check_writable(contents, subject)?;
        let importing = crate::settings::mode_of(contents, subject) == Mode::Import;
        match (importing, new.id) {
            (true, None) => Err(Error::NotPermitted(format!(
                "Subject {subject} is in import mode and needs an id"
            ))),
            (false, Some(_)) => {
                Err(Error::NotPermitted(format!("Subject {subject} is not in import mode")))
            }
            _ => Ok(()),
        }
    }
}

/// Subject names are free but for emptiness and control characters.
fn check_subject(subject: &str) -> Result<()> {
    if subject.is_empty() || subject.contains(char::is_control) {
        return Err(Error::InvalidSubject(subject.to_owned()));
    }
    Ok(())
}

pub(crate) fn check_writable(contents: &Contents, subject: &str) -> Result<()> {
    if crate::settings::mode_of(contents, subject).is_read_only() {
        return Err(Error::NotPermitted(format!("Subject {subject} is in read-only mode")));
    }
    Ok(())
}

fn check_unused(contents: &Contents, subject: &str, version: i32) -> Result<()> {
    if contents.referring_to(subject, version).iter().any(|other| !other.deleted) {
        return Err(Error::ReferenceExists { subject: subject.to_owned(), version });
    }
    Ok(())
}

/// The versions of a subject that may be seen, at least one.
fn listed(contents: &Contents, subject: &str, deleted: bool) -> Result<Vec<SubjectVersion>> {
    let mut versions = contents.versions(subject);
    versions.retain(|version| deleted || !version.deleted);
    if versions.is_empty() {
        return Err(Error::SubjectNotFound(subject.to_owned()));
    }
    Ok(versions)
}

fn pick(versions: Vec<SubjectVersion>, spec: VersionSpec) -> Result<SubjectVersion> {
    let found = match spec {
        VersionSpec::Latest => versions.into_iter().next_back(),
        VersionSpec::Number(number) => versions.into_iter().find(|v| v.version == number),
    };
    found.ok_or_else(|| Error::VersionNotFound(spec.to_string()))
}

fn canonical(new: &NewSchema, contents: &Contents) -> Result<(Schema, Parsed)> {
    let schema = Schema {
        schema_type: new.schema_type,
        text: new.text.as_str().into(),
        references: new.references.clone(),
    };
    let parsed = Parsed::parse(&schema, contents)?;
    let text = parsed.canonical().into();
    Ok((Schema { text, ..schema }, parsed))
}

fn check_level(
    contents: &Contents,
    subject: &str,
    parsed: &Parsed,
    earlier: &[SubjectVersion],
) -> Result<()> {
    let level = crate::settings::level_of(contents, subject);
    let details = compatibility::findings(level, parsed, earlier, contents);
    if details.is_empty() {
        return Ok(());
    }
    Err(Error::Incompatible { subject: subject.to_owned(), details })
}

fn chosen_id(
    contents: &Contents,
    schema: &Schema,
    known: Option<SchemaId>,
    new: &NewSchema,
) -> Result<SchemaId> {
    let Some(id) = new.id else { return Ok(known.unwrap_or_else(|| contents.next_id())) };
    match contents.schema(id) {
        Some(other) if other != schema => {
            Err(Error::NotPermitted(format!("Overwrite new schema with id {id} is not permitted.")))
        }
        _ => Ok(id),
    }
}

fn schema_entry(
    subject: &str,
    version: i32,
    id: SchemaId,
    schema: &Schema,
    deleted: bool,
) -> Entry {
    let value = SchemaValue {
        subject: subject.to_owned(),
        version,
        id: id.0,
        schema_type: message::type_name(schema.schema_type),
        references: schema.references.clone(),
        schema: schema.text.to_string(),
        deleted,
    };
    Entry::new(Key::schema(subject, version), &value)
}
