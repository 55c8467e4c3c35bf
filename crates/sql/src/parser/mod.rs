//! From tokens to statements: recursive descent, with operator precedence for expressions.
//!
//! Entry points are [`parse`] and its kin. The grammar is that of spec section 1; what a statement
//! means is left to analysis. Input may be anything: nesting and size are limited, nothing panics.

mod assertion;
mod command;
mod cursor;
mod data_type;
mod definition;
mod expression;
mod insert;
mod list;
mod literal;
mod name;
mod predicate;
mod primary;
mod property;
mod query;
mod script;
mod statement;
mod window;

pub use script::{Dialect, parse, parse_expression, parse_statement, parse_type, parse_with};

#[cfg(test)]
mod tests;
