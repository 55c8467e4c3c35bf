//! Statements that make, change, fill or remove sources and types.

use types::SourceKind;

use super::{Expr, Identifier, Properties, Query, Spanned, Type};

/// `CREATE [OR REPLACE] [SOURCE] (STREAM|TABLE) [IF NOT EXISTS] name [(elements)] [WITH (...)]`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateSource {
    /// Stream or table.
    pub kind: SourceKind,
    /// Name of the new source.
    pub name: Identifier,
    /// The elements; empty when there are none or no list was written.
    pub columns: Vec<ColumnDefinition>,
    /// WITH.
    pub properties: Properties,
    /// OR REPLACE.
    pub or_replace: bool,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// SOURCE: read-only.
    pub is_source: bool,
}

/// An element of CREATE STREAM or CREATE TABLE.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDefinition {
    /// The column's name.
    pub name: Identifier,
    /// The column's type.
    pub ty: Type,
    /// What the column holds; `None` for an ordinary value column.
    pub constraint: Option<Spanned<ColumnConstraint>>,
}

/// What a column holds other than a part of the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnConstraint {
    /// `KEY`: part of a stream's key.
    Key,
    /// `PRIMARY KEY`: part of a table's key.
    PrimaryKey,
    /// `HEADERS`: all headers of the record.
    Headers,
    /// `HEADER('key')`: the value of the last header with that key.
    Header(String),
}

/// `CREATE [OR REPLACE] (STREAM|TABLE) [IF NOT EXISTS] name [WITH (...)] AS query`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateAsSelect {
    /// Stream or table.
    pub kind: SourceKind,
    /// Name of the new source.
    pub name: Identifier,
    /// WITH.
    pub properties: Properties,
    /// The query.
    pub query: Query,
    /// OR REPLACE.
    pub or_replace: bool,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
}

/// `INSERT INTO stream [WITH (...)] query`.
#[derive(Clone, Debug, PartialEq)]
pub struct InsertSelect {
    /// The stream written to.
    pub target: Identifier,
    /// WITH.
    pub properties: Properties,
    /// The query.
    pub query: Query,
}

/// `INSERT INTO source [(columns)] VALUES (values)`.
#[derive(Clone, Debug, PartialEq)]
pub struct InsertValues {
    /// The source written to.
    pub target: Identifier,
    /// The columns; empty when no list was written.
    pub columns: Vec<Identifier>,
    /// The values, at least one.
    pub values: Vec<Expr>,
}

/// `DROP (STREAM|TABLE) [IF EXISTS] name [DELETE TOPIC]`.
#[derive(Clone, Debug, PartialEq)]
pub struct DropSource {
    /// Stream or table.
    pub kind: SourceKind,
    /// The source.
    pub name: Identifier,
    /// IF EXISTS.
    pub if_exists: bool,
    /// DELETE TOPIC.
    pub delete_topic: bool,
}

/// `ALTER (STREAM|TABLE) name ADD [COLUMN] column type, ...`.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterSource {
    /// Stream or table.
    pub kind: SourceKind,
    /// The source.
    pub name: Identifier,
    /// The columns to append, at least one, without constraints.
    pub columns: Vec<ColumnDefinition>,
}

/// `CREATE TYPE [IF NOT EXISTS] name AS type`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateType {
    /// The new name.
    pub name: Identifier,
    /// What it stands for.
    pub ty: Type,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
}

/// `DROP TYPE [IF EXISTS] name`.
#[derive(Clone, Debug, PartialEq)]
pub struct DropType {
    /// The name.
    pub name: Identifier,
    /// IF EXISTS.
    pub if_exists: bool,
}
