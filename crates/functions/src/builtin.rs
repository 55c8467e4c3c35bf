//! The built-in functions.

use crate::Registry;

/// Adds every built-in function to `registry`.
pub fn register(registry: &mut Registry) {
    crate::scalars::register(registry);
    crate::aggregates::register(registry);
    crate::tables::register(registry);
}
