//! Everything that is defined: sources, types and persistent queries, as the commands so far made it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sql::catalog::Catalog;
use types::QueryId;

use super::command::{Command, PersistentQuery};

/// The present definitions. A pure fold over commands: [`Metastore::apply`] is the only way to change
/// it, so that a restart ends where the last run was.
#[derive(Clone, Debug, Default)]
pub struct Metastore {
    catalog: Catalog,
    queries: BTreeMap<QueryId, Arc<PersistentQuery>>,
    paused: BTreeSet<QueryId>,
}

impl Metastore {
    /// Sources, types and topics, for planning.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Notes the topics there are, which planning looks at.
    pub fn set_topic(&mut self, topic: &str, partitions: i32) {
        self.catalog.set_topic(topic, partitions);
    }

    /// Forgets a topic.
    pub fn remove_topic(&mut self, topic: &str) {
        self.catalog.remove_topic(topic);
    }

    /// Forgets a source without ending its query, to look how things would be without it.
    pub fn forget_source(&mut self, name: &str) {
        self.catalog.remove_source(name);
    }

    /// The persistent queries, by id.
    pub fn queries(&self) -> impl Iterator<Item = &Arc<PersistentQuery>> {
        self.queries.values()
    }

    /// The persistent query with that id.
    pub fn query(&self, id: &QueryId) -> Option<&Arc<PersistentQuery>> {
        self.queries.get(id)
    }

    /// Whether the query is paused.
    pub fn is_paused(&self, id: &QueryId) -> bool {
        self.paused.contains(id)
    }

    /// Ids of the queries that read the source called `name`.
    pub fn readers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<PersistentQuery>> {
        self.queries.values().filter(move |query| query.sources.iter().any(|source| source == name))
    }

    /// Ids of the queries that write the source called `name`.
    pub fn writers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<PersistentQuery>> {
        self.queries.values().filter(move |query| query.sink.as_deref() == Some(name))
    }

    /// Names of the sources that CREATE ... AS SELECT made from the one called `name`.
    pub fn made_from<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let is_made = move |names: &[String]| names.iter().any(|source| source == name);
        self.catalog
            .sources()
            .filter(move |source| source.is_derived && is_made(&source.made_from))
            .map(|source| source.name.as_str())
    }

    /// Carries out a command.
    pub fn apply(&mut self, command: &Command) {
        match command {
            Command::CreateSource { definition, query } => {
                self.catalog.add_source(definition.clone());
                if let Some(query) = query {
                    self.add_query(query);
                }
            }
            Command::CreateAs { definition, query } => {
                self.catalog.add_source(definition.clone());
                self.add_query(query);
            }
            Command::InsertInto { query } => self.add_query(query),
            Command::DropSource { name, .. } => self.drop_source(name),
            Command::Terminate { query_id } => self.remove_query(query_id),
            Command::Pause { query_id } => {
                self.paused.insert(query_id.clone());
            }
            Command::Resume { query_id } => {
                self.paused.remove(query_id);
            }
            Command::CreateType { name, ty } => self.catalog.add_type(name, ty.clone()),
            Command::DropType { name } => {
                self.catalog.remove_type(name);
            }
        }
    }

    fn add_query(&mut self, query: &PersistentQuery) {
        self.queries.insert(query.id.clone(), Arc::new(query.clone()));
    }

    fn drop_source(&mut self, name: &str) {
        let dropped = self.catalog.remove_source(name);
        if let Some(query_id) = dropped.and_then(|source| source.query_id.clone()) {
            self.remove_query(&query_id);
        }
    }

    fn remove_query(&mut self, query_id: &QueryId) {
        self.queries.remove(query_id);
        self.paused.remove(query_id);
    }
}
