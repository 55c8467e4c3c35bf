//! From AST to text: ksqlDB-like canonical SQL, for DESCRIBE, stored statements and messages.
//!
//! Binary operators and predicates are always in parentheses. Parsing the text gives the same tree
//! again, unless the parentheses of a long chain of operators exceed the parser's nesting limit:
//! what is to be read again is stored as its author wrote it.

mod command;
mod data_type;
mod definition;
mod expression;
mod name;
mod query;
mod statement;
mod writer;

pub use data_type::data_type;
pub use expression::expression;
pub use name::{column_name, identifier, quoted_identifier, string};
pub use query::query;
pub use statement::{statement, statement_kind};

use writer::Writer;

#[cfg(test)]
mod tests;
