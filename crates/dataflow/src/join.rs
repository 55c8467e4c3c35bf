//! Joins.

use crate::operator::{Operator, Site};
use crate::{Error, Result};

/// Builds the operator of a join node.
pub(crate) fn build(site: &Site<'_>) -> Result<Box<dyn Operator>> {
    Err(Error::Plan(format!("{}: joins are not supported yet", site.node().name)))
}
