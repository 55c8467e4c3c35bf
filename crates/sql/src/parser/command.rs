//! EXPLAIN, PRINT, TERMINATE and its like, SET and its like.

use crate::ast::{Explain, Print, Sampling, Spanned, StatementKind, Target};
use crate::error::{Problem, Result};
use crate::lexer::{Symbol, TokenKind};

use super::cursor::Parser;

impl Parser<'_> {
    /// Behind EXPLAIN: a query id or a statement.
    pub(super) fn explain(&mut self) -> Result<StatementKind> {
        let ends = |kind| matches!(kind, TokenKind::End | TokenKind::Symbol(Symbol::Semicolon));
        if self.is_name(self.next()) && ends(self.peek(1).kind) {
            return Ok(StatementKind::Explain(Explain::Query(self.identifier()?)));
        }
        let statement = self.inner_statement()?;
        Ok(StatementKind::Explain(Explain::Statement(Box::new(statement))))
    }

    /// Behind PRINT.
    pub(super) fn print(&mut self) -> Result<StatementKind> {
        let topic = self.name_as_written()?;
        let from_beginning = self.eat_words(&["FROM", "BEGINNING"]);
        let sampled = self.eat_word("INTERVAL") || self.eat_word("SAMPLE");
        let sampling = if sampled { Some(Sampling { every: self.count()?.node }) } else { None };
        let limit = if self.eat_word("LIMIT") { Some(self.count()?.node) } else { None };
        Ok(StatementKind::Print(Print { topic, from_beginning, sampling, limit }))
    }

    /// Behind TERMINATE, PAUSE or RESUME.
    pub(super) fn target(&mut self) -> Result<Target> {
        if self.eat_word("ALL") {
            return Ok(Target::All);
        }
        self.identifier_as("a query id or ALL").map(Target::Query)
    }

    /// `'name' = 'value'`.
    pub(super) fn assignment(&mut self) -> Result<(Spanned<String>, Spanned<String>)> {
        let name = self.string()?;
        self.expect_symbol(Symbol::Equal)?;
        let value = self.string()?;
        Ok((name, value))
    }

    /// Behind SET.
    pub(super) fn set(&mut self) -> Result<StatementKind> {
        let (name, value) = self.assignment()?;
        Ok(StatementKind::Set { name, value })
    }

    /// Behind UNSET.
    pub(super) fn unset(&mut self) -> Result<StatementKind> {
        Ok(StatementKind::Unset { name: self.string()? })
    }

    /// Behind DEFINE.
    pub(super) fn define(&mut self) -> Result<StatementKind> {
        let name = self.variable_name()?;
        self.expect_symbol(Symbol::Equal)?;
        let value = self.string()?.node;
        Ok(StatementKind::Define { name, value })
    }

    /// Behind UNDEFINE.
    pub(super) fn undefine(&mut self) -> Result<StatementKind> {
        Ok(StatementKind::Undefine { name: self.variable_name()? })
    }

    fn variable_name(&mut self) -> Result<Spanned<String>> {
        let token = self.next();
        if token.kind == TokenKind::Word {
            return self.name_as_written();
        }
        let message = "a variable's name begins with a letter or _ and is not quoted";
        Err(Problem::new("bad-variable", message).at(token.span).syntax())
    }
}
