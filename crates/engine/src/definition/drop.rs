//! Whether a source may be dropped (spec section 1.7).

use sql::ast::DropSource;
use sql::catalog::kind_word;
use types::SourceKind;

use crate::catalog::Metastore;
use crate::{Error, Result};

/// Whether there is something to drop; `false` when IF EXISTS found nothing.
///
/// # Errors
/// When there is no such source, it is of the other kind, or it is in use.
pub fn check_drop(drop: &DropSource, metastore: &Metastore) -> Result<bool> {
    let name = &drop.name.name;
    let Some(source) = metastore.catalog().source(name) else {
        return match drop.if_exists {
            true => Ok(false),
            false => {
                let kind = title(drop.kind);
                Err(Error::bad_statement(format!("{kind} {name} does not exist.")))
            }
        };
    };
    if source.kind != drop.kind {
        return Err(Error::bad_statement(format!(
            "Incompatible data source type is {}, but statement was DROP {}",
            kind_word(source.kind).to_uppercase(),
            kind_word(drop.kind).to_uppercase()
        )));
    }
    check_unused(name, source.query_id.as_ref(), metastore)?;
    if drop.delete_topic && source.is_source {
        return Err(Error::bad_statement(format!(
            "Cannot delete topic for read-only source: {name}"
        )));
    }
    Ok(true)
}

fn title(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Stream => "Stream",
        SourceKind::Table => "Table",
    }
}

/// Queries other than the source's own, and sources made from it, hold it.
fn check_unused(
    name: &str,
    own_query: Option<&types::QueryId>,
    metastore: &Metastore,
) -> Result<()> {
    let derived: Vec<&str> = metastore.made_from(name).collect();
    if !derived.is_empty() {
        return Err(Error::bad_statement(format!(
            "Cannot drop {name}.\nThe following streams and/or tables read from this source: \
             [{}].\nYou need to drop them before dropping {name}.",
            derived.join(", ")
        )));
    }
    let is_other =
        |query: &&std::sync::Arc<crate::catalog::PersistentQuery>| Some(&query.id) != own_query;
    let ids = |queries: Vec<String>| queries.join(", ");
    let readers: Vec<String> =
        metastore.readers(name).filter(is_other).map(|query| query.id.to_string()).collect();
    let writers: Vec<String> =
        metastore.writers(name).filter(is_other).map(|query| query.id.to_string()).collect();
    if readers.is_empty() && writers.is_empty() {
        return Ok(());
    }
    Err(Error::bad_statement(format!(
        "Cannot drop {name}.\nThe following queries read from this source: [{}].\nThe following \
         queries write into this source: [{}].\nYou need to terminate them before dropping {name}.",
        ids(readers),
        ids(writers)
    )))
}
