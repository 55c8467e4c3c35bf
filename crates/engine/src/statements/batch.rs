//! A request's statements: all validated, then run in order.

use std::sync::Arc;

use super::sandbox::Sandbox;
use super::{Session, parse, run};
use crate::world::World;
use crate::{Answer, Error, Failure, Request};

/// Runs every statement of `request`.
///
/// # Errors
/// Which statement failed and why, and what the statements before it answered.
pub fn execute(world: &Arc<World>, request: &Request) -> Result<Vec<Answer>, Failure> {
    let refused = |error: Error| Failure {
        error: Box::new(error),
        statement: None,
        text: request.text.clone(),
        done: Vec::new(),
    };
    world.check_open().map_err(refused)?;
    let mut session = Session::open(&world.properties, request).map_err(refused)?;
    let script = parse(&request.text, &session)?;
    let mut sandbox = Sandbox::try_new(world, session.clone()).map_err(refused)?;
    for parsed in &script {
        sandbox.validate(&parsed.statement).map_err(|error| parsed.failed(error))?;
    }
    let mut done = Vec::new();
    for parsed in &script {
        match run::run(world, &parsed.statement, &mut session) {
            Ok(entity) => done.extend(entity.map(|entity| Answer {
                statement: parsed.statement.text.clone(),
                entity,
                warnings: Vec::new(),
            })),
            Err(error) => return Err(Failure { done, ..parsed.failed(error) }),
        }
    }
    Ok(done)
}
