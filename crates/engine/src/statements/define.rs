//! Statements that change the definitions: planned, made durable as commands, carried out.

use std::sync::Arc;

use commitlog::{Log, TopicConfig};
use sql::SourceDefinition;
use sql::ast::{Statement, StatementKind};
use sql::catalog::kind_word;
use sql::planned::{Planned, TopicOptions};

use super::{Session, View, drop, steer};
use crate::catalog::Command;
use crate::definition::{command, register_schemas};
use crate::world::World;
use crate::{CommandStatus, Entity, Error, Result, topics};

/// What a definition comes to.
pub enum Prepared {
    /// Nothing is to be done; the user should know why.
    Warning(String),
    /// TERMINATE of a push query.
    PushQuery(String),
    /// These changes.
    Define(Box<Definition>),
}

/// Changes of the definitions and what goes with them.
#[derive(Debug, Default)]
pub struct Definition {
    /// The commands, in order.
    pub commands: Vec<Command>,
    /// The topic to make before.
    pub new_topic: Option<(String, TopicConfig)>,
    /// The topic to delete afterwards.
    pub deleted_topic: Option<String>,
    /// Registry subjects to delete afterwards.
    pub deleted_subjects: Vec<String>,
    /// ksqlDB's words for what was done.
    pub message: String,
}

/// Whether a statement changes the definitions.
pub fn is_definition(kind: &StatementKind) -> bool {
    matches!(
        kind,
        StatementKind::CreateSource(_)
            | StatementKind::CreateAsSelect(_)
            | StatementKind::InsertSelect(_)
            | StatementKind::AlterSource(_)
            | StatementKind::CreateType(_)
            | StatementKind::DropSource(_)
            | StatementKind::DropType(_)
            | StatementKind::Terminate(_)
            | StatementKind::Pause(_)
            | StatementKind::Resume(_)
    )
}

/// The source that a command defines.
pub fn new_source(command: &Command) -> Option<&SourceDefinition> {
    match command {
        Command::CreateSource { definition, .. } | Command::CreateAs { definition, .. } => {
            Some(definition)
        }
        _ => None,
    }
}

/// Looks what `statement` would change in `view`; changes nothing.
///
/// # Errors
/// When it is refused.
pub fn prepare(
    statement: &Statement,
    view: &View<'_>,
    world: &World,
    log: &dyn Log,
) -> Result<Prepared> {
    match &statement.kind {
        StatementKind::DropSource(what) => drop::source(what, view.metastore),
        StatementKind::DropType(what) => drop::custom_type(what, view.metastore),
        StatementKind::Terminate(target) => steer::terminate(target, view.metastore, world),
        StatementKind::Pause(target) => steer::pause(target, view.metastore),
        StatementKind::Resume(target) => steer::resume(target, view.metastore),
        _ => planned(statement, view, log),
    }
}

fn planned(statement: &Statement, view: &View<'_>, log: &dyn Log) -> Result<Prepared> {
    let planned = view.plan(statement)?;
    let message = match &planned {
        Planned::AlreadyExists { name, kind } => {
            return Ok(Prepared::Warning(already_exists(name, kind_word(*kind))));
        }
        Planned::CreateType { name, if_not_exists: true, .. }
            if view.metastore.catalog().custom_type(name).is_some() =>
        {
            let text = format!("{name} is already registered with type");
            return Ok(Prepared::Warning(text));
        }
        planned => message(planned),
    };
    let command = command(&planned, &statement.text, view.properties.overrides())
        .ok_or_else(|| Error::Internal("the statement defines nothing".to_owned()))?;
    if command.query().is_some() {
        check_query_limit(view)?;
    }
    let new_topic = match topic_options(&planned) {
        Some(options) => new_topic(options, view, log)?,
        None => None,
    };
    let commands = vec![command];
    Ok(Prepared::Define(Box::new(Definition {
        commands,
        new_topic,
        message,
        ..Default::default()
    })))
}

fn already_exists(name: &str, word: &str) -> String {
    format!("Cannot add {word} `{name}`: A {word} with the same name already exists.")
}

fn check_query_limit(view: &View<'_>) -> Result<()> {
    let limit = view.properties.number("ksql.query.persistent.active.limit");
    let active = view.metastore.queries().count();
    if i64::try_from(active).is_ok_and(|active| active < limit) {
        return Ok(());
    }
    Err(Error::bad_statement(format!(
        "Not executing statement(s) as it would cause the number of active, persistent queries to \
         exceed the configured limit. Use the TERMINATE command to terminate existing queries. \
         Current persistent query count: {active}. Configured limit: {limit}."
    )))
}

fn topic_options(planned: &Planned) -> Option<&TopicOptions> {
    match planned {
        Planned::CreateSource(create) => Some(&create.topic),
        Planned::CreateAs(create) => Some(&create.topic),
        _ => None,
    }
}

fn new_topic(
    options: &TopicOptions,
    view: &View<'_>,
    log: &dyn Log,
) -> Result<Option<(String, TopicConfig)>> {
    let partitions_of = |topic: &str| view.metastore.catalog().partitions(topic);
    let config = topics::missing(options, partitions_of, log)?;
    Ok(config.map(|config| (options.name.clone(), config)))
}

/// What was done, in ksqlDB's words.
fn message(planned: &Planned) -> String {
    match planned {
        Planned::CreateSource(create) => match create.definition.kind {
            types::SourceKind::Stream => "Stream created".to_owned(),
            types::SourceKind::Table => "Table created".to_owned(),
        },
        Planned::CreateAs(create) => format!("Created query with ID {}", create.query.id),
        Planned::InsertInto(insert) => format!("Created query with ID {}", insert.query.id),
        Planned::AlterSource(definition) => {
            let word = definition.kind_word().to_uppercase();
            format!("{word} `{}` altered successfully.", definition.name)
        }
        Planned::CreateType { name, ty, .. } => {
            format!("Registered custom type with name '{name}' and SQL type {ty}")
        }
        _ => String::new(),
    }
}

/// Carries out a definition: topic and schemas first, then the durable command, then its queries.
///
/// # Errors
/// When it is refused, or the log or the registry refuses.
pub fn run(world: &Arc<World>, statement: &Statement, session: &Session) -> Result<Entity> {
    let _one_by_one = world.define();
    let metastore = world.metastore_with_topics();
    let (lookup, surroundings) = (world.schema_lookup(), world.services.surroundings());
    let view = View {
        metastore: &metastore,
        properties: &session.properties,
        functions: &world.services.functions,
        schemas: &lookup,
        environment: &surroundings,
        next_query_number: world.next_query_number()?,
    };
    match prepare(statement, &view, world, &*world.services.log)? {
        Prepared::Warning(message) => Ok(Entity::Warning(message)),
        Prepared::PushQuery(query_id) => {
            let was_terminated = world.pushes.close(&query_id);
            Ok(Entity::QueryTerminated { query_id, was_terminated })
        }
        Prepared::Define(definition) => carry_out(world, &statement.text, &definition),
    }
}

fn carry_out(world: &World, statement: &str, definition: &Definition) -> Result<Entity> {
    if let Some((topic, config)) = &definition.new_topic {
        world.services.log.create_topic(topic, config)?;
    }
    for source in definition.commands.iter().filter_map(new_source) {
        register_schemas(source, &*world.services.schemas)?;
    }
    let mut status = CommandStatus {
        command_id: String::new(),
        message: definition.message.clone(),
        query_id: None,
        sequence_number: -1,
    };
    for command in &definition.commands {
        let before = world.metastore();
        status.sequence_number = world.append(statement, command)?;
        status.command_id = command.id();
        status.query_id = command.query().map(|query| query.id.to_string());
        steer::apply(world, command, &before)?;
    }
    for subject in &definition.deleted_subjects {
        world.services.schemas.delete_subject(subject)?;
    }
    if let Some(topic) = &definition.deleted_topic {
        world.pushes.break_off(topic);
        delete_topic(world, topic)?;
    }
    world.note_status(&status);
    Ok(Entity::Status(status))
}

/// A topic that somebody else deleted meanwhile is as good.
fn delete_topic(world: &World, topic: &str) -> Result<()> {
    match world.services.log.delete_topic(topic) {
        Ok(()) | Err(commitlog::Error::UnknownPartition(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
