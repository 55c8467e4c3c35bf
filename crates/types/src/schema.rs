//! The schema of a stream or table: key columns, value columns, header columns.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::SqlType;

/// A named, typed column.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Column {
    /// The name as stored (upper case unless it was quoted).
    pub name: String,
    /// The column's type.
    pub ty: SqlType,
}

impl Column {
    /// A column called `name` of type `ty`.
    pub fn new(name: impl Into<String>, ty: SqlType) -> Self {
        Self { name: name.into(), ty }
    }
}

/// What a value column that is filled from the record's headers takes from them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Header {
    /// `HEADERS`: all of them, as `ARRAY<STRUCT<KEY STRING, VALUE BYTES>>`.
    All,
    /// `HEADER('name')`: the value of the last header of that name, as BYTES.
    Named(String),
}

/// Columns of a stream or table.
///
/// `Display` prints ksqlDB's schema text: ``` `ID` BIGINT KEY, `C` STRING ``` (tables print
/// `PRIMARY KEY` themselves, since the kind is not known here).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Schema {
    /// Key columns, in key order.
    pub key: Vec<Column>,
    /// Value columns that the record's value holds, in declared order.
    pub value: Vec<Column>,
    /// Value columns filled from record headers.
    pub headers: Vec<(Column, Header)>,
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.key.iter().map(|column| (column, " KEY".to_owned()));
        let values = self.value.iter().map(|column| (column, String::new()));
        let headers = self.headers.iter().map(|(column, header)| (column, header_mark(header)));
        for (index, (column, mark)) in keys.chain(values).chain(headers).enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let name = column.name.replace('`', "``");
            write!(f, "{separator}`{name}` {}{mark}", column.ty)?;
        }
        Ok(())
    }
}

fn header_mark(header: &Header) -> String {
    match header {
        Header::All => " HEADERS".to_owned(),
        Header::Named(name) => format!(" HEADER('{name}')"),
    }
}

/// Whether a source is a stream of facts or a table of latest values per key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SourceKind {
    /// Every record is a fact of its own.
    Stream,
    /// A record replaces the earlier one of its key; a NULL value deletes it.
    Table,
}

/// How the keys of a windowed topic carry their window (spec section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum WindowKind {
    /// Key followed by the 8-byte window start; end = start + size.
    Tumbling {
        /// The window's length.
        size_ms: i64,
    },
    /// Key followed by the 8-byte window start; end = start + size.
    Hopping {
        /// The window's length.
        size_ms: i64,
    },
    /// Key followed by the 8-byte end and 8-byte start, both inclusive.
    Session,
}
