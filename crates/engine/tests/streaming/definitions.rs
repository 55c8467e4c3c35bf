//! What a case's statements define: planned as the server plans them, but run by nobody yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::catalog::{Metastore, PersistentQuery};
use engine::definition::{self, StoreLookup};
use engine::properties::Properties;
use formats::{MemorySchemaStore, SchemaStore};
use sql::ast::Statement;
use sql::catalog::SourceDefinition;
use sql::context::Context;
use sql::planned::Planned;

/// A clock that stands at 0 and dice that always show the same.
#[derive(Debug)]
struct Still;

impl functions::Environment for Still {
    fn now_ms(&self) -> i64 {
        0
    }

    fn random_u64(&self) -> u64 {
        4
    }
}

/// Sources and queries, over topics that all have the same number of partitions.
pub struct Definitions {
    /// The queries in the order of their statements.
    pub queries: Vec<PersistentQuery>,
    /// The schemas that the sources registered.
    pub schemas: Arc<dyn SchemaStore>,
    /// Partitions of every topic.
    pub partitions: i32,
    metastore: Metastore,
    properties: Properties,
    next_query_number: u64,
}

impl Definitions {
    /// Plans `statements` over `topics`.
    ///
    /// # Errors
    /// The message for the user, when a statement is refused.
    pub fn try_new<'a>(
        statements: &str,
        topics: impl Iterator<Item = &'a str>,
        partitions: i32,
        functions: &functions::Registry,
    ) -> Result<Self, String> {
        let server = BTreeMap::from([
            ("auto.offset.reset".to_owned(), "earliest".to_owned()),
            ("cache.max.bytes.buffering".to_owned(), "0".to_owned()),
        ]);
        let mut definitions = Self {
            queries: Vec::new(),
            schemas: Arc::new(MemorySchemaStore::new()),
            partitions,
            metastore: Metastore::default(),
            properties: Properties::for_server(server).map_err(|error| error.to_string())?,
            next_query_number: 0,
        };
        topics.for_each(|topic| definitions.metastore.set_topic(topic, partitions));
        for statement in sql::parse(statements).map_err(|error| error.to_string())? {
            definitions.define(&statement, functions)?;
        }
        Ok(definitions)
    }

    fn define(
        &mut self,
        statement: &Statement,
        functions: &functions::Registry,
    ) -> Result<(), String> {
        let context = Context {
            catalog: self.metastore.catalog(),
            functions,
            properties: &self.properties.for_planning(),
            schemas: &StoreLookup::new(Arc::clone(&self.schemas)),
            environment: &Still,
            next_query_number: self.next_query_number,
        };
        let planned = sql::plan(statement, &context);
        let planned = planned.map_err(|error| error.render(statement.source()))?;
        let command = definition::command(&planned, &statement.text, self.properties.overrides());
        let command = command.ok_or_else(|| format!("{} defines nothing", statement.text))?;
        let new_source = match &planned {
            Planned::CreateSource(create) => Some(&create.definition),
            Planned::CreateAs(create) => Some(&create.definition),
            _ => None,
        };
        if let Some(source) = new_source {
            self.metastore.set_topic(&source.topic, self.partitions);
            let registered = definition::register_schemas(source, &*self.schemas);
            registered.map_err(|error| error.to_string())?;
        }
        self.metastore.apply(&command);
        if let Some(query) = command.query() {
            self.next_query_number += 1;
            self.queries.push(query.clone());
        }
        Ok(())
    }

    /// How `query` runs.
    pub fn options(&self) -> dataflow::QueryOptions {
        definition::query_options(&self.properties)
    }

    /// A source over `topic`: the one whose query writes it, if there is one.
    pub fn source(&self, topic: &str) -> Option<&SourceDefinition> {
        let sources = self.metastore.catalog().sources().map(|source| &**source);
        sources.filter(|source| source.topic == topic).max_by_key(|source| source.is_derived)
    }

    /// Every topic that is there before a query runs.
    pub fn topics(&self) -> impl Iterator<Item = &str> {
        let sources = self.metastore.catalog().sources().map(|source| source.topic.as_str());
        let internal = self.queries.iter().flat_map(|query| &query.plan.internal_topics);
        sources.chain(internal.map(String::as_str))
    }

    /// The topics that the queries write, in the order of the first query that does.
    pub fn sinks(&self) -> Vec<&str> {
        let mut sinks: Vec<&str> = Vec::new();
        for sink in self.queries.iter().filter_map(|query| query.sink_topic.as_deref()) {
            if !sinks.contains(&sink) {
                sinks.push(sink);
            }
        }
        sinks
    }
}
