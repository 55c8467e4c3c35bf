//! Names and strings in the quotes they need.

use crate::ast::{ColumnName, Identifier};
use crate::lexer::is_identifier;

use super::Writer;

/// A stored name as it must be written: bare where that gives the same name, else in backticks.
pub fn identifier(name: &str) -> String {
    let bare = is_identifier(name) && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    if bare { name.to_owned() } else { quoted_identifier(name) }
}

/// A stored name in backticks.
pub fn quoted_identifier(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// `name` or `source.name`.
pub fn column_name(column: &ColumnName) -> String {
    match &column.source {
        Some(source) => format!("{}.{}", identifier(&source.name), identifier(&column.name.name)),
        None => identifier(&column.name.name),
    }
}

/// A string literal.
pub fn string(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Writer {
    pub(super) fn name(&mut self, name: &Identifier) {
        self.put(&identifier(&name.name));
    }

    pub(super) fn string(&mut self, text: &str) {
        self.put(&string(text));
    }
}
