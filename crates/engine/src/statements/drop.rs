//! DROP STREAM, DROP TABLE and DROP TYPE (spec section 1.7).

use formats::Part;
use sql::SourceDefinition;
use sql::ast::{DropSource, DropType};
use types::topics;

use super::define::{Definition, Prepared};
use super::lookup;
use crate::catalog::{Command, Metastore};
use crate::definition::check_drop;
use crate::{Error, Result};

/// What DROP STREAM or DROP TABLE changes.
///
/// # Errors
/// When the source is unknown or in use, or its topic can't be deleted.
pub fn source(what: &DropSource, metastore: &Metastore) -> Result<Prepared> {
    let name = &what.name.name;
    if !check_drop(what, metastore)? {
        return Ok(Prepared::Warning(format!("Source {name} does not exist.")));
    }
    let source = lookup::source(metastore, name)?;
    let mut definition = Definition {
        commands: vec![Command::DropSource { name: name.clone(), kind: source.kind }],
        message: format!("Source `{name}` (topic: {}) was dropped.", source.topic),
        ..Definition::default()
    };
    if what.delete_topic {
        check_topic(source, metastore)?;
        definition.deleted_topic = Some(source.topic.clone());
        definition.deleted_subjects = subjects(source);
    }
    Ok(Prepared::Define(Box::new(definition)))
}

fn check_topic(source: &SourceDefinition, metastore: &Metastore) -> Result<()> {
    let topic = &source.topic;
    if topics::is_internal(topic) {
        return Err(Error::bad_statement(format!("Cannot delete read-only topic: {topic}")));
    }
    let others =
        metastore.catalog().sources().filter(|s| s.topic == *topic && s.name != source.name);
    let others: Vec<String> = others.map(|other| other.name.clone()).collect();
    if others.is_empty() {
        return Ok(());
    }
    Err(Error::bad_statement(format!(
        "Refusing to delete topic. Found other data sources ({}) using topic {topic}",
        others.join(", ")
    )))
}

fn subjects(source: &SourceDefinition) -> Vec<String> {
    let parts = [(Part::Key, &source.key_serde), (Part::Value, &source.value_serde)];
    let registered = parts.into_iter().filter(|(_, serde)| serde.format.uses_registry());
    registered.map(|(part, _)| part.subject(&source.topic)).collect()
}

/// What DROP TYPE changes.
///
/// # Errors
/// When there is no such type.
pub fn custom_type(what: &DropType, metastore: &Metastore) -> Result<Prepared> {
    let name = &what.name.name;
    if metastore.catalog().custom_type(name).is_none() {
        let message = format!("Type {name} does not exist.");
        return match what.if_exists {
            true => Ok(Prepared::Warning(message)),
            false => Err(Error::bad_statement(message)),
        };
    }
    Ok(Prepared::Define(Box::new(Definition {
        commands: vec![Command::DropType { name: name.clone() }],
        message: format!("Dropped type '{name}'"),
        ..Definition::default()
    })))
}
