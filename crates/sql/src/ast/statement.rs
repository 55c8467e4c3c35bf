//! A statement with its own text.

use super::{
    AlterSource, AssertSchema, AssertSource, AssertTombstone, AssertTopic, AssertValues,
    CreateAsSelect, CreateConnector, CreateSource, CreateType, Describe, DropConnector, DropSource,
    DropType, Explain, InsertSelect, InsertValues, List, Position, Print, Query, SourceText, Span,
    Spanned, Target,
};

/// A statement, its text and its place. Equality takes the meaning only.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it says.
    pub kind: StatementKind,
    /// Its own text from the first word to the semicolon, which is included; a statement inside
    /// EXPLAIN has none.
    pub text: String,
    /// Its place in the parsed text; the spans inside are places in that text too.
    pub span: Span,
    /// Line and column of its first word in the parsed text.
    pub origin: Position,
}

impl Statement {
    /// The text to turn the statement's spans into positions with.
    pub fn source(&self) -> SourceText<'_> {
        SourceText { text: &self.text, offset: self.span.start, origin: self.origin }
    }

    /// The statement's text without the semicolon.
    pub fn text_unterminated(&self) -> &str {
        self.text.trim_end().trim_end_matches(';').trim_end()
    }
}

impl PartialEq for Statement {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What a statement says.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// A pull or push query.
    Query(Query),
    /// CREATE STREAM or TABLE over a topic.
    CreateSource(CreateSource),
    /// CREATE STREAM or TABLE from a query.
    CreateAsSelect(CreateAsSelect),
    /// INSERT INTO ... SELECT.
    InsertSelect(InsertSelect),
    /// INSERT INTO ... VALUES.
    InsertValues(InsertValues),
    /// DROP STREAM or TABLE.
    DropSource(DropSource),
    /// ALTER STREAM or TABLE.
    AlterSource(AlterSource),
    /// CREATE TYPE.
    CreateType(CreateType),
    /// DROP TYPE.
    DropType(DropType),
    /// TERMINATE.
    Terminate(Target),
    /// PAUSE.
    Pause(Target),
    /// RESUME.
    Resume(Target),
    /// `SET 'name' = 'value'`.
    Set {
        /// The property.
        name: Spanned<String>,
        /// Its value.
        value: Spanned<String>,
    },
    /// `UNSET 'name'`.
    Unset {
        /// The property.
        name: Spanned<String>,
    },
    /// `ALTER SYSTEM 'name' = 'value'`.
    AlterSystem {
        /// The property.
        name: Spanned<String>,
        /// Its value.
        value: Spanned<String>,
    },
    /// `DEFINE name = 'value'`.
    Define {
        /// The variable, in the case it was written.
        name: Spanned<String>,
        /// Its value.
        value: String,
    },
    /// `UNDEFINE name`.
    Undefine {
        /// The variable, in the case it was written.
        name: Spanned<String>,
    },
    /// LIST, SHOW and DESCRIBE of many.
    List(List),
    /// DESCRIBE of one.
    Describe(Describe),
    /// EXPLAIN.
    Explain(Explain),
    /// PRINT.
    Print(Print),
    /// CREATE CONNECTOR.
    CreateConnector(CreateConnector),
    /// DROP CONNECTOR.
    DropConnector(DropConnector),
    /// ASSERT TOPIC.
    AssertTopic(AssertTopic),
    /// ASSERT SCHEMA.
    AssertSchema(AssertSchema),
    /// ASSERT VALUES, of the test tools.
    AssertValues(AssertValues),
    /// ASSERT NULL VALUES, of the test tools.
    AssertTombstone(AssertTombstone),
    /// ASSERT STREAM or TABLE, of the test tools.
    AssertSource(AssertSource),
    /// `RUN SCRIPT 'file'`, of the test tools and the CLI.
    RunScript {
        /// The file.
        file: Spanned<String>,
    },
}
