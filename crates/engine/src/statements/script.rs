//! From a request's text to statements, variables replaced (spec section 1.12).

use std::sync::Arc;

use sql::ast::{SourceText, Statement, StatementKind};

use super::Session;
use crate::{Error, Failure};

/// A statement and the text that its places refer to.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The statement.
    pub statement: Statement,
    /// The text it was read from.
    pub text: Arc<str>,
}

impl Parsed {
    /// The failure of this statement.
    pub fn failed(&self, error: Error) -> Failure {
        Failure {
            error: Box::new(error),
            statement: Some(self.statement.text.clone()),
            text: self.text.to_string(),
            done: Vec::new(),
        }
    }
}

/// The statements of `text`.
///
/// # Errors
/// When one can't be read, or a variable's value can't stand where the variable does.
pub fn parse(text: &str, session: &Session) -> Result<Vec<Parsed>, Failure> {
    let has_variables = session.properties.is_on("ksql.variable.substitution.enable");
    if !has_variables || !text.contains("${") {
        let statements = sql::parse(text).map_err(|error| unreadable(error, text))?;
        let text: Arc<str> = text.into();
        let parsed = statements.into_iter();
        return Ok(parsed.map(|statement| Parsed { statement, text: Arc::clone(&text) }).collect());
    }
    let pieces = sql::split_statements(text).map_err(|error| unreadable(error, text))?;
    let mut session = session.clone();
    let mut parsed = Vec::with_capacity(pieces.len());
    for piece in pieces {
        parsed.push(parse_piece(piece, &mut session)?);
    }
    Ok(parsed)
}

/// Reads one statement with the variables defined so far.
fn parse_piece(piece: SourceText<'_>, session: &mut Session) -> Result<Parsed, Failure> {
    let text = sql::substitute(piece.text, &|name| session.variable(name))
        .map_err(|error| unreadable(error, piece.text))?;
    let statement = sql::parse_statement(&text).map_err(|error| unreadable(error, &text))?;
    match &statement.kind {
        StatementKind::Define { name, value } => session.define(&name.node, value),
        StatementKind::Undefine { name } => session.undefine(&name.node),
        _ => {}
    }
    Ok(Parsed { statement, text: text.into() })
}

fn unreadable(error: sql::Error, text: &str) -> Failure {
    let statement = error.problem().and_then(|problem| problem.statement.clone());
    Failure { error: Box::new(error.into()), statement, text: text.to_owned(), done: Vec::new() }
}
