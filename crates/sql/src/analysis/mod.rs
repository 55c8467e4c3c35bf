//! Analysis: what the names of a query mean, which rules it keeps, and what its result is keyed by.
//!
//! Called by `statement` with a parsed query; its answer goes to `logical`, which types it. Nothing is
//! typed here.

mod grouping;
mod joins;
mod keys;
mod projection;
mod query;
mod scope;
mod window;

pub use joins::JoinStep;
pub use keys::{check as check_keys, items_of as key_items};
pub use projection::Item;
pub use query::{Analysis, Purpose, analyze};
pub use scope::{Clause, Place, Pseudo, Scope, ScopeSource, is_pseudo, lookup, similar_name_hint};
pub use window::{grace_ms, size_ms};
