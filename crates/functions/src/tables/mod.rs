//! The table functions of spec section 3.2: from one row to many.

mod cube_explode;
mod explode;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::Registry;

/// Adds every built-in table function to `registry`.
pub(crate) fn register(registry: &mut Registry) {
    registry.add_table(Arc::new(explode::Explode));
    registry.add_table(Arc::new(cube_explode::CubeExplode));
}
