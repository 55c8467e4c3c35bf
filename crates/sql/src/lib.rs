//! From text to plan: `text -> tokens -> AST (with spans) -> analysis -> logical plan -> physical plan`.
//!
//! Each arrow is one module with one public function. The crate does no I/O; planning is a pure
//! function of (statement, catalog snapshot, properties).

mod analysis;
pub mod ast;
pub mod catalog;
pub mod complete;
pub mod context;
mod data_type;
mod error;
mod expression;
pub mod format;
mod lexer;
mod logical;
mod parser;
mod physical;
pub mod planned;
pub mod pull;
mod rewrite;
mod serdes;
mod statement;
mod substitute;
mod text;

pub use catalog::{Catalog, SourceDefinition, TimestampSpec};
pub use context::{Context, InferredColumns, NoSchemas, Part, Properties, SchemaLookup};
pub use data_type::resolve as resolve_type;
pub use error::{Error, Problem, Result};
pub use expression::{Constant, constant};
pub use lexer::{Directive, directives, is_complete, split_statements};
pub use logical::ResultColumn;
pub use parser::{Dialect, parse, parse_expression, parse_statement, parse_type, parse_with};
pub use planned::Planned;
pub use pull::{Access, PullPlan, WindowBounds};
pub use statement::plan;
pub use substitute::substitute;
