//! The narrow waist between SQL text and running dataflow: typed expressions and their evaluation,
//! logical and physical plans, and their text (EXPLAIN).
//!
//! Made by `sql`, stored by `engine` (as JSON), run by `dataflow`. It does no I/O, knows no SQL text
//! and no connector.

mod error;
pub mod eval;
pub mod explain;
pub mod expression;
pub mod logical;
pub mod physical;
pub mod topology;
pub mod typing;

pub use error::{Error, Result};
