//! From text to plan: `text -> tokens -> AST (with spans) -> analysis -> logical plan -> physical plan`.
//!
//! Each arrow is one module with one public function. The crate does no I/O; planning is a pure
//! function of (statement, catalog snapshot, properties).

pub mod ast;
pub mod complete;
mod error;
pub mod format;
mod lexer;
mod parser;
mod substitute;

pub use error::{Error, Problem, Result};
pub use lexer::{Directive, directives, is_complete, split_statements};
pub use parser::{Dialect, parse, parse_expression, parse_statement, parse_type, parse_with};
pub use substitute::substitute;
