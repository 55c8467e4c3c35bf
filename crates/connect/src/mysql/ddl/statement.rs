//! What a DDL statement says, as far as captured tables are concerned.

use crate::mysql::table::DataType;

/// A table's name as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableName {
    /// The database, when given.
    pub database: Option<String>,
    /// The table.
    pub table: String,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// CREATE TABLE; without columns when they can't be told from the text (LIKE, AS SELECT).
    CreateTable {
        /// The table.
        table: TableName,
        /// Its columns.
        columns: Vec<ColumnDef>,
        /// Names of its key's columns.
        primary_key: Vec<String>,
        /// Its default character set.
        charset: Option<String>,
        /// The table whose columns it copies.
        like: Option<TableName>,
    },
    /// ALTER TABLE.
    AlterTable {
        /// The table.
        table: TableName,
        /// What happens, in order.
        actions: Vec<Action>,
    },
    /// DROP TABLE.
    DropTables(Vec<TableName>),
    /// RENAME TABLE: old and new names.
    RenameTables(Vec<(TableName, TableName)>),
    /// TRUNCATE TABLE.
    Truncate(TableName),
    /// DROP DATABASE.
    DropDatabase(String),
    /// Something that changes no table's columns.
    Other,
    /// Something that may change columns and can't be read.
    Unreadable,
}

/// One action of ALTER TABLE.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A new column.
    Add(ColumnDef, Place),
    /// A column less.
    Drop(String),
    /// CHANGE and MODIFY: a column with a new definition, perhaps a new name and place.
    Change(String, ColumnDef, Place),
    /// A column's new name.
    RenameColumn(String, String),
    /// The table's new name.
    RenameTable(TableName),
    /// A new primary key.
    AddPrimaryKey(Vec<String>),
    /// No primary key any more.
    DropPrimaryKey,
    /// All text columns in another character set.
    ConvertCharset(String),
}

/// Where a column goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the end, or where it is.
    Unchanged,
    /// Before all others.
    First,
    /// After that column.
    After(String),
}

/// A column as written.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDef {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// Whether it may be NULL.
    pub is_nullable: bool,
    /// Whether the definition makes it the primary key.
    pub is_primary: bool,
    /// Its default, when a literal.
    pub default: Option<String>,
}
