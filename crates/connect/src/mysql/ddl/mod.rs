//! What a DDL statement in the change stream does to columns and keys. The parser reads just enough
//! of MySQL's and MariaDB's grammar for that; what it can't read, it says so, and the caller asks the
//! server instead. It never fails.

mod apply;
mod data_type;
mod lexer;
mod parser;
mod statement;
#[cfg(test)]
mod tests;
mod writes;

pub use apply::apply_to_table;
pub use parser::parse;
pub use statement::{Action, ColumnDef, Statement, TableName};
pub use writes::{Writes, first_word, writes};

/// Parses the text of `COLUMN_TYPE` in information_schema, such as `int(10) unsigned`.
pub fn parse_column_type(text: &str) -> super::table::DataType {
    data_type::parse(&mut lexer::Tokens::new(text)).unwrap_or_default()
}
