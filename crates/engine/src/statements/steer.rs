//! TERMINATE, PAUSE and RESUME, and what every command does to the running queries.

use sql::ast::Target;
use types::QueryId;

use super::define::{Definition, Prepared};
use crate::catalog::{Command, Metastore, PersistentQuery};
use crate::world::World;
use crate::{Error, Result};

/// What TERMINATE changes.
///
/// # Errors
/// When there is no such query, or it holds the rows of a SOURCE table.
pub fn terminate(target: &Target, metastore: &Metastore, world: &World) -> Result<Prepared> {
    if let Target::Query(id) = target
        && let Some(push_id) = world.pushes.find(&id.name)
    {
        return Ok(Prepared::PushQuery(push_id));
    }
    let ids = match target {
        Target::Query(id) => {
            let query = named(&id.name, metastore)?;
            if query.sink.is_none() {
                return Err(Error::bad_statement(format!(
                    "Cannot terminate query '{}' as it is linked to a source table. Drop the table \
                     instead.",
                    query.id
                )));
            }
            vec![query.id.clone()]
        }
        Target::All => all(metastore, |query| query.sink.is_some()),
    };
    Ok(steered(ids, "Query terminated.", |query_id| Command::Terminate { query_id }))
}

/// What PAUSE changes.
///
/// # Errors
/// When there is no such query.
pub fn pause(target: &Target, metastore: &Metastore) -> Result<Prepared> {
    let ids = ids(target, metastore)?;
    Ok(steered(ids, "Query paused.", |query_id| Command::Pause { query_id }))
}

/// What RESUME changes.
///
/// # Errors
/// When there is no such query.
pub fn resume(target: &Target, metastore: &Metastore) -> Result<Prepared> {
    let ids = ids(target, metastore)?;
    Ok(steered(ids, "Query resumed.", |query_id| Command::Resume { query_id }))
}

fn ids(target: &Target, metastore: &Metastore) -> Result<Vec<QueryId>> {
    match target {
        Target::Query(id) => Ok(vec![named(&id.name, metastore)?.id.clone()]),
        Target::All => Ok(all(metastore, |_| true)),
    }
}

fn named<'a>(id: &str, metastore: &'a Metastore) -> Result<&'a PersistentQuery> {
    let query = metastore.query(&QueryId::new(id));
    query
        .map(|query| &**query)
        .ok_or_else(|| Error::bad_statement(format!("Unknown queryId: {id}")))
}

fn all(metastore: &Metastore, takes: impl Fn(&PersistentQuery) -> bool) -> Vec<QueryId> {
    metastore.queries().filter(|query| takes(query)).map(|query| query.id.clone()).collect()
}

fn steered(ids: Vec<QueryId>, message: &str, command: fn(QueryId) -> Command) -> Prepared {
    if ids.is_empty() {
        return Prepared::Warning("There are no such queries.".to_owned());
    }
    Prepared::Define(Box::new(Definition {
        commands: ids.into_iter().map(command).collect(),
        message: message.to_owned(),
        ..Definition::default()
    }))
}

/// Lets the running queries follow a command that was made durable; `before` is what was defined
/// before it.
///
/// # Errors
/// When a query can't be started. One that can never run is undone; others are tried again.
pub fn apply(world: &World, command: &Command, before: &Metastore) -> Result<()> {
    let queries = &world.queries;
    match command {
        Command::CreateSource { .. } | Command::CreateAs { .. } | Command::InsertInto { .. } => {
            start(world, command, before)
        }
        Command::DropSource { name, .. } => end_own(world, name, before),
        Command::Terminate { query_id } => queries.delete(query_id),
        Command::Pause { query_id } => queries.pause(query_id),
        Command::Resume { query_id } => queries.resume(query_id),
        Command::CreateType { .. } | Command::DropType { .. } => Ok(()),
    }
}

fn start(world: &World, command: &Command, before: &Metastore) -> Result<()> {
    let Some(query) = command.query() else { return Ok(()) };
    let metastore = world.metastore();
    let defined = metastore.query(&query.id).expect("the command was just applied");
    if before.query(&query.id).is_some() {
        return world.queries.replace(defined, metastore.is_paused(&query.id));
    }
    let Err(error) = world.queries.create(defined, false) else { return Ok(()) };
    if error.is_retryable() {
        tracing::warn!(query = %query.id, %error, "query can't run now and will be tried again");
        return Ok(());
    }
    undo(world, command, query)?;
    Err(error)
}

/// Takes back a definition whose query can never run.
fn undo(world: &World, command: &Command, query: &PersistentQuery) -> Result<()> {
    let undoing = match super::define::new_source(command) {
        Some(source) => Command::DropSource { name: source.name.clone(), kind: source.kind },
        None => Command::Terminate { query_id: query.id.clone() },
    };
    world.append("", &undoing)?;
    world.queries.delete(&query.id)
}

/// Ends the query that made a dropped source, unless it was terminated before.
fn end_own(world: &World, name: &str, before: &Metastore) -> Result<()> {
    let source = before.catalog().source(name);
    match source.and_then(|source| source.query_id.as_ref()) {
        Some(query_id) => world.queries.delete(query_id),
        None => Ok(()),
    }
}
