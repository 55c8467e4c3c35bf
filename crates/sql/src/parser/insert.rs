//! INSERT INTO.

use crate::ast::{Expr, Identifier, InsertSelect, InsertValues, StatementKind};
use crate::error::Result;
use crate::lexer::Symbol;

use super::cursor::Parser;

impl Parser<'_> {
    /// Behind INSERT.
    pub(super) fn insert(&mut self) -> Result<StatementKind> {
        self.expect_words(&["INTO"])?;
        let target = self.identifier()?;
        if self.at_symbol(Symbol::LeftParen) || self.at_words(&["VALUES"]) {
            let columns = self.optional_columns()?;
            self.expect_words(&["VALUES"])?;
            let values = self.values()?;
            return Ok(StatementKind::InsertValues(InsertValues { target, columns, values }));
        }
        let properties = self.optional_with()?;
        let query = self.query()?;
        Ok(StatementKind::InsertSelect(InsertSelect { target, properties, query }))
    }

    /// `(name, ...)`, if it is next.
    pub(super) fn optional_columns(&mut self) -> Result<Vec<Identifier>> {
        if !self.eat_symbol(Symbol::LeftParen) {
            return Ok(Vec::new());
        }
        let columns = self.comma_list(Self::identifier)?;
        self.expect_symbol(Symbol::RightParen)?;
        Ok(columns)
    }

    /// `(value, ...)`.
    pub(super) fn values(&mut self) -> Result<Vec<Expr>> {
        self.expect_symbol(Symbol::LeftParen)?;
        let values = self.comma_list(Self::value_expression)?;
        self.expect_symbol(Symbol::RightParen)?;
        Ok(values)
    }
}
