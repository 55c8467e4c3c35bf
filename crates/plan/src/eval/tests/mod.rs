//! Tests of evaluation: every kind of node by table, and batch invariance by random expressions.

mod batches;
mod builtin;
mod fixtures;
mod values;
