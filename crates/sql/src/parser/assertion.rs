//! ASSERT, of servers and of test tools (spec sections 1.10 and 10.7).

use crate::ast::{
    AssertSchema, AssertSource, AssertTombstone, AssertTopic, AssertValues, Duration, StatementKind,
};
use crate::error::Result;
use crate::lexer::Symbol;

use super::cursor::Parser;
use super::script::Dialect;

impl Parser<'_> {
    /// Behind ASSERT.
    pub(super) fn assert(&mut self) -> Result<StatementKind> {
        let exists = !self.eat_words(&["NOT", "EXISTS"]);
        if self.eat_word("TOPIC") {
            return self.assert_topic(exists);
        }
        if self.eat_word("SCHEMA") {
            return self.assert_schema(exists);
        }
        if exists && self.dialect == Dialect::Tool {
            return self.assert_of_tools();
        }
        Err(self.unexpected_for_name("TOPIC or SCHEMA"))
    }

    fn assert_topic(&mut self, exists: bool) -> Result<StatementKind> {
        let topic = self.name_as_written()?;
        let properties = self.optional_with()?;
        let timeout = self.timeout()?;
        Ok(StatementKind::AssertTopic(AssertTopic { topic, properties, timeout, exists }))
    }

    fn assert_schema(&mut self, exists: bool) -> Result<StatementKind> {
        let subject = if self.eat_word("SUBJECT") { Some(self.name_as_written()?) } else { None };
        let id = if self.eat_word("ID") { Some(self.count()?) } else { None };
        let timeout = self.timeout()?;
        Ok(StatementKind::AssertSchema(AssertSchema { subject, id, timeout, exists }))
    }

    fn timeout(&mut self) -> Result<Option<Duration>> {
        if !self.eat_word("TIMEOUT") {
            return Ok(None);
        }
        Ok(Some(self.duration()?.node))
    }

    fn assert_of_tools(&mut self) -> Result<StatementKind> {
        if self.eat_word("VALUES") {
            let source = self.identifier()?;
            let columns = self.optional_columns()?;
            self.expect_words(&["VALUES"])?;
            let values = self.values()?;
            return Ok(StatementKind::AssertValues(AssertValues { source, columns, values }));
        }
        if self.eat_words(&["NULL", "VALUES"]) {
            let source = self.identifier()?;
            let columns = self.optional_columns()?;
            self.expect_words(&["KEY"])?;
            let values = self.values()?;
            let statement = AssertTombstone { source, columns, values };
            return Ok(StatementKind::AssertTombstone(statement));
        }
        self.assert_source()
    }

    fn assert_source(&mut self) -> Result<StatementKind> {
        let kind = self.source_kind()?;
        let name = self.identifier()?;
        let columns =
            if self.at_symbol(Symbol::LeftParen) { self.elements(kind)? } else { Vec::new() };
        let properties = self.optional_with()?;
        Ok(StatementKind::AssertSource(AssertSource { kind, name, columns, properties }))
    }

    /// Behind RUN.
    pub(super) fn run_script(&mut self) -> Result<StatementKind> {
        self.expect_words(&["SCRIPT"])?;
        Ok(StatementKind::RunScript { file: self.string()? })
    }
}
