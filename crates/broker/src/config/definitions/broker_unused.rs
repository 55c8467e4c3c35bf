//! Entries of the broker about parts that one node does not have.

use crate::config::definition::Definition;

/// All of them, by name.
#[rustfmt::skip]
pub(super) const UNUSED: &[Definition] = &[
];
