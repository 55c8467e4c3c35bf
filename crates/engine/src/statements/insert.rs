//! INSERT INTO ... VALUES: one record, on stable storage before the answer.

use commitlog::Commit;
use sql::ast::Statement;
use sql::planned::{InsertValues, Planned};
use types::topics;

use super::{Session, View, lookup};
use crate::catalog::Metastore;
use crate::definition::insert_record;
use crate::world::World;
use crate::{Error, Result};

/// Runs an INSERT VALUES.
///
/// # Errors
/// When it is refused, or the log or the registry refuses.
pub fn run(world: &World, statement: &Statement, session: &Session) -> Result<()> {
    if !session.properties.is_on("ksql.insert.into.values.enabled") {
        return Err(Error::bad_statement(
            "The server has disabled INSERT INTO ... VALUES functionality. To enable it, restart \
             your ksqlDB-server with 'ksql.insert.into.values.enabled'=true",
        ));
    }
    let metastore = world.metastore();
    let (schemas, surroundings) = (world.schema_lookup(), world.services.surroundings());
    let view = View {
        metastore: &metastore,
        properties: &session.properties,
        functions: &world.services.functions,
        schemas: &schemas,
        environment: &surroundings,
        next_query_number: 0,
    };
    match view.plan(statement)? {
        Planned::InsertValues(insert) => append(world, &insert, &metastore),
        _ => Err(Error::Internal("INSERT VALUES was planned as something else".to_owned())),
    }
}

fn append(world: &World, insert: &InsertValues, metastore: &Metastore) -> Result<()> {
    let target = lookup::source(metastore, &insert.target)?;
    if topics::is_internal(&target.topic) {
        return Err(Error::bad_statement(format!(
            "Cannot insert values into read-only topic: {}",
            target.topic
        )));
    }
    let services = &world.services;
    let topic = services.log.topic(&target.topic).ok_or_else(|| {
        Error::bad_statement(format!("Kafka topic does not exist: {}", target.topic))
    })?;
    let (partitions, now_ms) = (topic.config.partitions, services.clock.now_ms());
    let record = insert_record(insert, target, partitions, now_ms, &services.schemas)?;
    let committed = services.log.commit(Commit { appends: vec![record], ..Commit::default() })?;
    Ok(services.log.wait_durable(committed.id)?)
}
