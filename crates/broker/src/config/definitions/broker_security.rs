//! Entries of the broker about security.

use crate::config::definition::Definition;

/// All of them, by name.
#[rustfmt::skip]
pub(super) const SECURITY: &[Definition] = &[
];
