//! Statements: which rule writes which.

use crate::ast::{Explain, Spanned, Statement, StatementKind, Target};

use super::Writer;

/// A statement's text with its semicolon, in one line.
pub fn statement(statement: &Statement) -> String {
    let mut text = statement_kind(&statement.kind);
    text.push(';');
    text
}

/// A statement's text without a semicolon, in one line.
pub fn statement_kind(kind: &StatementKind) -> String {
    Writer::collect(|writer| writer.statement(kind))
}

impl Writer {
    fn statement(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::Query(query) => self.query(query),
            StatementKind::CreateSource(statement) => self.create_source(statement),
            StatementKind::CreateAsSelect(statement) => self.create_as_select(statement),
            StatementKind::InsertSelect(statement) => self.insert_select(statement),
            StatementKind::InsertValues(statement) => self.insert_values(statement),
            StatementKind::DropSource(statement) => self.drop_source(statement),
            StatementKind::AlterSource(statement) => self.alter_source(statement),
            StatementKind::CreateType(statement) => self.create_type(statement),
            StatementKind::DropType(statement) => self.drop_type(statement),
            StatementKind::Terminate(target) => self.target("TERMINATE ", target),
            StatementKind::Pause(target) => self.target("PAUSE ", target),
            StatementKind::Resume(target) => self.target("RESUME ", target),
            StatementKind::Set { name, value } => self.assignment("SET ", name, value),
            StatementKind::Unset { name } => self.with_string("UNSET ", name),
            StatementKind::AlterSystem { name, value } => {
                self.assignment("ALTER SYSTEM ", name, value);
            }
            StatementKind::Define { name, value } => self.define(name, value),
            StatementKind::Undefine { name } => self.undefine(name),
            StatementKind::List(list) => self.listing(list),
            StatementKind::Describe(describe) => self.describe(describe),
            StatementKind::Explain(explain) => self.explain(explain),
            StatementKind::Print(print) => self.print(print),
            StatementKind::CreateConnector(statement) => self.create_connector(statement),
            StatementKind::DropConnector(statement) => self.drop_connector(statement),
            StatementKind::AssertTopic(statement) => self.assert_topic(statement),
            StatementKind::AssertSchema(statement) => self.assert_schema(statement),
            StatementKind::AssertValues(statement) => self.assert_values(statement),
            StatementKind::AssertTombstone(statement) => self.assert_tombstone(statement),
            StatementKind::AssertSource(statement) => self.assert_source(statement),
            StatementKind::RunScript { file } => self.with_string("RUN SCRIPT ", file),
        }
    }

    fn target(&mut self, words: &str, target: &Target) {
        self.put(words);
        match target {
            Target::Query(id) => self.name(id),
            Target::All => self.put("ALL"),
        }
    }

    fn with_string(&mut self, words: &str, text: &Spanned<String>) {
        self.put(words);
        self.string(&text.node);
    }

    fn assignment(&mut self, words: &str, name: &Spanned<String>, value: &Spanned<String>) {
        self.with_string(words, name);
        self.with_string("=", value);
    }

    fn define(&mut self, name: &Spanned<String>, value: &str) {
        self.put("DEFINE ");
        self.put(&name.node);
        self.put("=");
        self.string(value);
    }

    fn undefine(&mut self, name: &Spanned<String>) {
        self.put("UNDEFINE ");
        self.put(&name.node);
    }

    fn explain(&mut self, explain: &Explain) {
        self.put("EXPLAIN ");
        match explain {
            Explain::Statement(statement) => self.statement(&statement.kind),
            Explain::Query(id) => self.name(id),
        }
    }
}
