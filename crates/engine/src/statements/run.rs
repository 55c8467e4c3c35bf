//! Runs one statement that was validated.

use std::sync::Arc;

use sql::ast::{Statement, StatementKind};

use super::{Session, assert, connectors, define, describe, explain, insert, list};
use crate::world::World;
use crate::{Entity, Error, ErrorCode, Result};

/// Runs `statement`; `None` when it answers nothing.
///
/// # Errors
/// When it is refused or fails.
pub fn run(
    world: &Arc<World>,
    statement: &Statement,
    session: &mut Session,
) -> Result<Option<Entity>> {
    match &statement.kind {
        StatementKind::Set { .. }
        | StatementKind::Unset { .. }
        | StatementKind::Define { .. }
        | StatementKind::Undefine { .. } => set(&statement.kind, session).map(|()| None),
        StatementKind::InsertValues(_) => insert::run(world, statement, session).map(|()| None),
        _ => answer(world, statement, session).map(Some),
    }
}

/// Runs a statement that has an answer.
fn answer(world: &Arc<World>, statement: &Statement, session: &Session) -> Result<Entity> {
    match &statement.kind {
        StatementKind::List(what) => list::run(world, what, session),
        StatementKind::Describe(what) => describe::run(world, what),
        StatementKind::Explain(what) => explain::run(world, what, session),
        StatementKind::CreateConnector(create) => connectors::create(world, create),
        StatementKind::DropConnector(drop) => connectors::drop_connector(world, drop),
        StatementKind::AssertTopic(assertion) => assert::topic(world, assertion, session),
        StatementKind::AssertSchema(assertion) => assert::schema(world, assertion, session),
        StatementKind::Query(_) | StatementKind::Print(_) => Err(query_endpoint()),
        kind if define::is_definition(kind) => define::run(world, statement, session),
        _ => Err(Error::bad_statement("This statement is not supported by the server")),
    }
}

fn set(kind: &StatementKind, session: &mut Session) -> Result<()> {
    match kind {
        StatementKind::Set { name, value } => session.properties.set(&name.node, &value.node)?,
        StatementKind::Unset { name } => session.properties.unset(&name.node),
        StatementKind::Define { name, value } => session.define(&name.node, value),
        StatementKind::Undefine { name } => session.undefine(&name.node),
        _ => {}
    }
    Ok(())
}

/// SELECT and PRINT have endpoints of their own.
pub fn query_endpoint() -> Error {
    Error::Refused {
        code: ErrorCode::QueryEndpoint,
        message: "SELECT and PRINT queries must use the /query endpoint".to_owned(),
    }
}
