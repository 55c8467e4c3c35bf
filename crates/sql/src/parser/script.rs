//! Whole texts: the public entry points.

use crate::ast::{Expr, Position, Statement, StatementKind, Type};
use crate::error::{Error, Result};
use crate::lexer::{Symbol, TokenKind};

use super::cursor::Parser;

/// Which statements are understood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// What a server takes.
    #[default]
    Server,
    /// Also what test tools and the CLI take: ASSERT VALUES, ASSERT NULL VALUES, ASSERT STREAM and
    /// TABLE, RUN SCRIPT.
    Tool,
}

/// The statements of a script, in the server's dialect. Each must end with a semicolon.
pub fn parse(text: &str) -> Result<Vec<Statement>> {
    parse_with(text, Dialect::Server)
}

/// The statements of a script. Each must end with a semicolon.
pub fn parse_with(text: &str, dialect: Dialect) -> Result<Vec<Statement>> {
    let mut parser = Parser::try_new(text, dialect)?;
    let mut statements = Vec::new();
    while parser.next().kind != TokenKind::End {
        statements.push(parser.terminated_statement()?);
    }
    Ok(statements)
}

/// The only statement of a text, in the server's dialect.
pub fn parse_statement(text: &str) -> Result<Statement> {
    let mut statements = parse(text)?;
    match (statements.pop(), statements.is_empty()) {
        (Some(statement), true) => Ok(statement),
        (Some(second), false) => {
            let message = "expected one statement, found several";
            Err(Error::invalid_at("several-statements", message, second.span))
        }
        (None, _) => Err(Error::invalid("no-statement", "expected a statement, found none")),
    }
}

/// An expression that is the whole text.
pub fn parse_expression(text: &str) -> Result<Expr> {
    parse_whole(text, Parser::expression)
}

/// A type that is the whole text, as in a schema.
pub fn parse_type(text: &str) -> Result<Type> {
    parse_whole(text, Parser::data_type)
}

fn parse_whole<'a, T>(text: &'a str, rule: impl FnOnce(&mut Parser<'a>) -> Result<T>) -> Result<T> {
    let mut parser = Parser::try_new(text, Dialect::Server)?;
    let node = rule(&mut parser)?;
    match parser.next().kind {
        TokenKind::End => Ok(node),
        _ => Err(parser.unexpected(&["'<EOF>'"])),
    }
}

impl Parser<'_> {
    /// A statement with its semicolon.
    fn terminated_statement(&mut self) -> Result<Statement> {
        let (start, origin) = self.begin_statement();
        let parsed = self.statement_kind().and_then(|kind| {
            self.expect_symbol(Symbol::Semicolon)?;
            Ok(kind)
        });
        let kind = parsed.map_err(|error| self.with_statement_text(error, start))?;
        Ok(self.finish_statement(kind, start, origin))
    }

    /// A statement inside another, which has the semicolon.
    pub(super) fn inner_statement(&mut self) -> Result<Statement> {
        let start = self.next().span.start;
        let kind = self.nested(Self::statement_kind)?;
        let origin = self.position(start);
        Ok(self.finish_statement(kind, start, origin))
    }

    fn finish_statement(&self, kind: StatementKind, start: usize, origin: Position) -> Statement {
        let span = self.span_from(start);
        Statement { kind, text: self.text[span.start..span.end].to_owned(), span, origin }
    }

    /// Adds the text of the statement that begins at `start`, up to its semicolon.
    fn with_statement_text(&mut self, mut error: Error, start: usize) -> Error {
        while !self.at_symbol(Symbol::Semicolon) && self.next().kind != TokenKind::End {
            self.advance();
        }
        self.eat_symbol(Symbol::Semicolon);
        let span = self.span_from(start);
        if let Some(problem) = error.problem_mut() {
            problem.statement = Some(self.text[span.start..span.end].to_owned());
        }
        error
    }
}
