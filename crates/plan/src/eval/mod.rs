//! Evaluation of typed expressions over whole columns.
//!
//! `dataflow` compiles each [`crate::expression::Expr`] once into an [`Evaluator`] and runs it on every
//! batch. Values are Arrow arrays; a row whose evaluation fails becomes NULL and is noted.
//!
//! The inside: [`compile`] turns an expression into a tree of nodes; each node evaluates to an
//! [`outcome::Outcome`], a column plus the rows that failed. Failure is not NULL: it makes the whole
//! expression NULL, except below a function argument, a CAST or an element of a collection, where
//! only that part becomes NULL (spec section 2.7). Lazy operators (AND, OR, CASE) run their operands
//! on the rows still needed ([`select`]). Nothing here does I/O or knows SQL text.

mod arithmetic;
mod call;
mod case;
mod cast;
mod compare;
mod compile;
mod construct;
mod decimal_arithmetic;
mod decimals;
mod evaluator;
mod exact;
mod input;
mod like;
mod logic;
mod nested;
mod node;
mod outcome;
mod pair;
mod select;

#[cfg(test)]
mod tests;

pub use evaluator::Evaluator;
pub use input::Input;
