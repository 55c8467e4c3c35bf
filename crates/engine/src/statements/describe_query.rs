//! Persistent and push queries as LIST QUERIES and EXPLAIN show them.

use std::collections::BTreeMap;

use dataflow::QueryState;
use plan::logical::JoinKind;
use plan::physical::{Operator, Plan};

use super::fields;
use crate::Entity;
use crate::catalog::PersistentQuery;
use crate::entity::{QueryDescription, QueryKind, QueryListing};
use crate::world::World;

/// LIST QUERIES.
pub fn list(world: &World) -> Entity {
    let metastore = world.metastore();
    let mut listings: Vec<_> = metastore.queries().map(|query| listing(world, query)).collect();
    listings.extend(world.pushes.listings());
    Entity::Queries(listings)
}

/// LIST QUERIES EXTENDED.
pub fn describe_all(world: &World) -> Entity {
    let metastore = world.metastore();
    let described = metastore.queries().map(|query| describe(world, query));
    Entity::QueryDescriptions(described.collect())
}

/// A persistent query as lists show it.
pub fn listing(world: &World, query: &PersistentQuery) -> QueryListing {
    let state = match world.queries.state(&query.id) {
        QueryState::Running => "RUNNING",
        QueryState::Paused => "PAUSED",
        QueryState::Error => "ERROR",
    };
    QueryListing {
        id: query.id.to_string(),
        statement: query.statement.clone(),
        sinks: query.sink.iter().cloned().collect(),
        sink_topics: query.sink_topic.iter().cloned().collect(),
        kind: QueryKind::Persistent,
        state: state.to_owned(),
    }
}

/// A persistent query in detail.
pub fn describe(world: &World, query: &PersistentQuery) -> QueryDescription {
    QueryDescription {
        listing: listing(world, query),
        window_type: fields::window_type(query.plan.output.window),
        fields: fields::of_layout(&query.plan.output),
        sources: query.sources.clone(),
        topology: topology(&query.plan),
        execution_plan: execution_plan(world, query),
        overridden_properties: query.properties.clone(),
        errors: world.queries.errors(&query.id),
        consumer_group: query.plan.application_id.clone(),
    }
}

/// The logical plan as text: the statement planned again, since only the physical plan is stored. A
/// statement that can no longer be planned shows its sub-topologies only.
fn execution_plan(world: &World, query: &PersistentQuery) -> String {
    super::explain::explanation(world, query).unwrap_or_default()
}

/// The sub-topologies as text: one line per node, with the nodes it reads from.
pub fn topology(plan: &Plan) -> String {
    let mut text = String::from("Topologies:\n");
    for (number, part) in plan.sub_topologies.iter().enumerate() {
        text.push_str(&format!("   Sub-topology: {number}\n"));
        for node in &part.nodes {
            let inputs: Vec<&str> =
                node.inputs.iter().map(|input| part.nodes[*input].name.as_str()).collect();
            let from = if inputs.is_empty() { "-".to_owned() } else { inputs.join(", ") };
            text.push_str(&format!(
                "    {} ({}) <-- {from}\n",
                node.name,
                operator(&node.operator)
            ));
        }
    }
    text
}

/// What an operator does, with the topics and stores it does it to.
fn operator(operator: &Operator) -> String {
    match operator {
        Operator::Read(read) => format!("source, topic: {}", read.topic),
        Operator::Write(write) => format!("sink, topic: {}", write.topic),
        Operator::Return => "returned rows".to_owned(),
        Operator::Filter { .. } => "filter".to_owned(),
        Operator::Project { .. } => "projection".to_owned(),
        Operator::Explode { .. } => "table functions".to_owned(),
        Operator::Rekey { .. } => "new key".to_owned(),
        Operator::Aggregate { store, .. } => format!("aggregation, store: {store}"),
        Operator::Materialize { store } => format!("table, store: {store}"),
        Operator::StreamStreamJoin { kind, stores, .. } => join("stream-stream", *kind, stores),
        Operator::StreamTableJoin { kind, table_store } => {
            join("stream-table", *kind, &[*table_store])
        }
        Operator::TableTableJoin { kind, stores } => join("table-table", *kind, stores),
        Operator::ForeignKeyJoin { kind, stores, .. } => join("foreign-key", *kind, stores),
    }
}

fn join(sides: &str, kind: JoinKind, stores: &[usize]) -> String {
    let kind = format!("{kind:?}").to_lowercase();
    let stores: Vec<String> = stores.iter().map(usize::to_string).collect();
    format!("{kind} {sides} join, stores: {}", stores.join(", "))
}

/// A planned query that does not run, in detail.
pub fn planned(statement: &str, parts: PlannedParts) -> QueryDescription {
    QueryDescription {
        listing: QueryListing {
            id: parts.id,
            statement: statement.to_owned(),
            sinks: parts.sinks,
            sink_topics: Vec::new(),
            kind: parts.kind,
            state: String::new(),
        },
        window_type: parts.window_type,
        fields: parts.fields,
        sources: parts.sources,
        topology: parts.topology,
        execution_plan: parts.explanation,
        overridden_properties: parts.properties,
        errors: Vec::new(),
        consumer_group: String::new(),
    }
}

/// What EXPLAIN found out by planning.
#[derive(Debug, Default)]
pub struct PlannedParts {
    /// The id the query would have.
    pub id: String,
    /// Names of the sinks.
    pub sinks: Vec<String>,
    /// What kind of query it would be.
    pub kind: QueryKind,
    /// TUMBLING, HOPPING or SESSION.
    pub window_type: Option<String>,
    /// Columns of the result.
    pub fields: Vec<crate::FieldInfo>,
    /// Names of the sources.
    pub sources: Vec<String>,
    /// The sub-topologies as text.
    pub topology: String,
    /// The plan as text.
    pub explanation: String,
    /// The session's overrides.
    pub properties: BTreeMap<String, String>,
}
