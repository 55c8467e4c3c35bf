//! Runs a prepared pull query.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use dataflow::Scan;
use types::QueryId;

use super::prepare::{Origin, Prepared};
use super::source::{StreamRows, TableRows};
use crate::world::World;
use crate::{Head, QueryAnswer, Result};

/// Answers a prepared pull query: a table is read now, a stream as the reader goes.
///
/// # Errors
/// When the table's query has failed, or the log can't be read.
pub fn answer(world: &Arc<World>, prepared: &Arc<Prepared>) -> Result<QueryAnswer> {
    world.pull_count.fetch_add(1, Ordering::Relaxed);
    let number = world.services.random.next_u64();
    let head = Head { query_id: format!("query_{number}"), ..prepared.head.clone() };
    let surroundings = world.services.surroundings();
    match &prepared.origin {
        Origin::Table { query_id, request } => {
            let found = world.queries.runtime().pull(query_id, request)?;
            let rows = TableRows::try_new(&found, prepared, &surroundings)?;
            Ok(QueryAnswer::new(head, rows))
        }
        Origin::Stream(node) => {
            let services = world.queries.runtime_services(&world.services);
            let scan = Scan::try_new(node, QueryId::new(head.query_id.as_str()), &services)?;
            Ok(QueryAnswer::new(head, StreamRows::new(scan, Arc::clone(prepared), surroundings)))
        }
    }
}
