//! EXPLAIN of a statement that is not run, or of a running query.

use sql::ast::{Explain, Statement};
use sql::planned::{PersistentQuery as PlannedQuery, Planned};
use types::QueryId;

use super::describe_query::{self, PlannedParts};
use super::{Session, View, fields};
use crate::catalog::{Metastore, PersistentQuery};
use crate::entity::QueryKind;
use crate::properties::Properties;
use crate::world::World;
use crate::{Entity, Error, Result};

/// Answers an EXPLAIN.
///
/// # Errors
/// When the statement is wrong or has no plan, or there is no such query.
pub fn run(world: &World, what: &Explain, session: &Session) -> Result<Entity> {
    match what {
        Explain::Query(id) => {
            let metastore = world.metastore();
            let query = metastore.query(&QueryId::new(id.name.as_str())).ok_or_else(|| {
                Error::bad_statement(format!(
                    "Query with id:{} does not exist, use SHOW QUERIES to view the full set of \
                     queries.",
                    id.name
                ))
            })?;
            Ok(Entity::QueryDescription(Box::new(describe_query::describe(world, query))))
        }
        Explain::Statement(statement) => statement_plan(world, statement, session),
    }
}

fn statement_plan(world: &World, statement: &Statement, session: &Session) -> Result<Entity> {
    let metastore = world.metastore_with_topics();
    let planned = plan(world, statement, &session.properties, &metastore)?;
    let mut parts = parts(&planned)
        .ok_or_else(|| Error::bad_statement("The provided statement does not run a ksql query"))?;
    parts.properties = session.properties.overrides().clone();
    let described = describe_query::planned(&statement.text, parts);
    Ok(Entity::QueryDescription(Box::new(described)))
}

fn plan(
    world: &World,
    statement: &Statement,
    properties: &Properties,
    metastore: &Metastore,
) -> Result<Planned> {
    let (lookup, surroundings) = (world.schema_lookup(), world.services.surroundings());
    let view = View {
        metastore,
        properties,
        functions: &world.services.functions,
        schemas: &lookup,
        environment: &surroundings,
        next_query_number: world.next_query_number()?,
    };
    Ok(view.plan(statement)?)
}

fn parts(planned: &Planned) -> Option<PlannedParts> {
    match planned {
        Planned::CreateAs(create) => {
            Some(persistent(&create.query, vec![create.definition.name.clone()]))
        }
        Planned::InsertInto(insert) => Some(persistent(&insert.query, vec![insert.target.clone()])),
        Planned::CreateSource(create) => {
            create.query.as_ref().map(|query| persistent(query, Vec::new()))
        }
        Planned::Push(push) => Some(PlannedParts {
            kind: QueryKind::Push,
            id: push.id.to_string(),
            window_type: fields::window_type(push.plan.output.window),
            fields: fields::of_select(planned),
            sources: push.sources.clone(),
            topology: describe_query::topology(&push.plan),
            explanation: push.explanation.clone(),
            ..PlannedParts::default()
        }),
        Planned::Pull(pull) => Some(PlannedParts {
            kind: QueryKind::Pull,
            fields: fields::of_select(planned),
            sources: vec![pull.source.clone()],
            explanation: format!(
                " > [ PULL ] | Source: {} | Access: {}",
                pull.source,
                access(pull)
            ),
            ..PlannedParts::default()
        }),
        _ => None,
    }
}

fn access(pull: &sql::PullPlan) -> String {
    match &pull.access {
        sql::Access::Keys(keys) => format!("{} key(s)", keys.len()),
        sql::Access::Range { .. } => "key range".to_owned(),
        sql::Access::Scan => "scan".to_owned(),
    }
}

fn persistent(query: &PlannedQuery, sinks: Vec<String>) -> PlannedParts {
    PlannedParts {
        id: query.id.to_string(),
        sinks,
        kind: QueryKind::Persistent,
        window_type: fields::window_type(query.plan.output.window),
        fields: fields::of_layout(&query.plan.output),
        sources: query.sources.clone(),
        topology: describe_query::topology(&query.plan),
        explanation: query.explanation.clone(),
        ..PlannedParts::default()
    }
}

/// The text of a running query's logical plan; `None` when its statement can't be planned any more.
pub fn explanation(world: &World, query: &PersistentQuery) -> Option<String> {
    let mut metastore = world.metastore_with_topics();
    // As it was when the statement was planned: its sink did not exist.
    let sink = query.sink.as_deref().unwrap_or_default();
    let is_made_here = |source: &std::sync::Arc<sql::SourceDefinition>| {
        source.query_id.as_ref() == Some(&query.id)
    };
    if metastore.catalog().source(sink).is_some_and(is_made_here) {
        metastore.forget_source(sink);
    }
    let properties = world.properties.with_session(&query.properties).ok()?;
    let statement = sql::parse_statement(&query.statement).ok()?;
    let planned = plan(world, &statement, &properties, &metastore).ok()?;
    let text = match &planned {
        Planned::CreateAs(create) => (&create.query.explanation, &create.query.id),
        Planned::InsertInto(insert) => (&insert.query.explanation, &insert.query.id),
        _ => return None,
    };
    // The id in the loggers is that of a query made now.
    Some(text.0.replace(text.1.as_str(), query.id.as_str()))
}
