//! Entries of the broker about groups and transactions.

use crate::config::definition::Definition;

/// All of them, by name.
#[rustfmt::skip]
pub(super) const GROUPS: &[Definition] = &[
];
