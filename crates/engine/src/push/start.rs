//! Starts a push query.

use std::sync::Arc;

use dataflow::{QueryOptions, QuerySpec, push_channel};
use plan::physical::{Operator, Plan};
use sql::planned::PushQuery;

use super::registry::Reading;
use super::source::PushRows;
use crate::definition::query_options;
use crate::statements::Session;
use crate::world::World;
use crate::{Error, Head, QueryAnswer, Result};

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
    let reads = readings(&plan);
    let broken_off = world.pushes.add(&id, text, reads.clone())?;
    let rows = PushRows {
        receiver,
        query_id: id.clone(),
        pushes: world.pushes.clone(),
        broken_off,
        key_columns: key_columns.collect(),
        kind: plan.output.kind,
        rows_left: limit,
    };
    let options = QueryOptions { is_transient: true, ..query_options(&session.properties) };
    let spec = QuerySpec { id: id.clone(), plan: Arc::new(plan), options, rows: Some(sender) };
    if let Err(error) = world.queries.runtime().create(spec) {
        world.pushes.forget(&id);
        return Err(error.into());
    }
    // A topic that went while the query started was not seen by whoever deleted it.
    let is_gone = |read: &&Reading| world.services.log.topic(&read.topic).is_none();
    if let Some(gone) = reads.iter().find(is_gone) {
        world.pushes.break_off(&gone.topic);
        return Err(Error::bad_statement(format!("{} does not exist.", gone.source)));
    }
    Ok(QueryAnswer::new(head, rows))
}

/// The sources that `plan` reads.
fn readings(plan: &Plan) -> Vec<Reading> {
    let nodes = plan.sub_topologies.iter().flat_map(|part| &part.nodes);
    let reading = nodes.filter_map(|node| match &node.operator {
        Operator::Read(read) => {
            let source = read.source.clone()?;
            Some(Reading { source, topic: read.topic.clone() })
        }
        _ => None,
    });
    reading.collect()
}
