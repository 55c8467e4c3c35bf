//! Starts a push query.

use std::sync::Arc;

use dataflow::{QueryOptions, QuerySpec, push_channel};
use sql::planned::PushQuery;

use super::source::PushRows;
use crate::definition::query_options;
use crate::statements::Session;
use crate::world::World;
use crate::{Head, QueryAnswer, Result};

/// Batches of rows that wait for a slow reader before its query rests.
const BATCHES_MAX: usize = 16;

/// Starts `plan`, which the statement `text` asked for.
///
/// # Errors
/// When too many push queries run, or the runtime refuses the plan.
pub fn start(
    world: &Arc<World>,
    plan: PushQuery,
    text: &str,
    session: &Session,
) -> Result<QueryAnswer> {
    let PushQuery { id, plan, columns, limit, .. } = plan;
    let head = Head {
        query_id: id.to_string(),
        keys: vec![false; columns.len()],
        columns: columns.iter().map(|result| result.column.clone()).collect(),
        is_push: true,
    };
    let mut keys = 0..plan.output.key.len();
    let key_columns = columns.iter().map(|result| if result.is_key { keys.next() } else { None });
    let (sender, receiver) = push_channel(BATCHES_MAX);
    let rows = PushRows {
        receiver,
        query_id: id.clone(),
        pushes: world.pushes.clone(),
        key_columns: key_columns.collect(),
        kind: plan.output.kind,
        rows_left: limit,
    };
    world.pushes.add(&id, text)?;
    let options = QueryOptions { is_transient: true, ..query_options(&session.properties) };
    let spec = QuerySpec { id: id.clone(), plan: Arc::new(plan), options, rows: Some(sender) };
    if let Err(error) = world.queries.runtime().create(spec) {
        world.pushes.forget(&id);
        return Err(error.into());
    }
    Ok(QueryAnswer::new(head, rows))
}
