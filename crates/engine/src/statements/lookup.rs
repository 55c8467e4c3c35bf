//! Finding what a statement names.

use std::sync::Arc;

use sql::SourceDefinition;

use crate::catalog::Metastore;
use crate::{Error, Result};

/// The stream or table called `name`.
///
/// # Errors
/// When there is none.
pub fn source<'a>(metastore: &'a Metastore, name: &str) -> Result<&'a Arc<SourceDefinition>> {
    metastore.catalog().source(name).ok_or_else(|| {
        Error::bad_statement(format!("Could not find STREAM/TABLE '{name}' in the Metastore"))
    })
}
