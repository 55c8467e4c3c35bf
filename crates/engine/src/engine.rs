//! The one door to the engine. Calls may block on the disk, so they belong on plain threads.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::catalog::Metastore;
use crate::{
    Answer, CommandStatus, Config, Failure, Health, Info, Metrics, PrintAnswer, QueryAnswer,
    Request, Result, Services, print, properties, query, statements, world::World,
};

/// Statements, queries and what runs because of them.
#[derive(Debug)]
pub struct Engine {
    world: Arc<World>,
}

impl Engine {
    /// Reads the definitions and starts every persistent query; each goes on where it was.
    ///
    /// # Errors
    /// When a property is wrong, or the log or the definitions can't be read. A query that can't
    /// start does not keep the others from starting; it shows as failed and is tried again.
    pub fn start(services: Services, config: Config) -> Result<Arc<Self>> {
        let world = World::open(services, config)?;
        Ok(Arc::new(Self { world }))
    }

    /// Stops all queries at a commit boundary and refuses whatever comes after.
    pub fn shut_down(&self) {
        self.world.shut_down();
    }

    /// Runs every statement of the request; nothing is run when one of them is wrong.
    ///
    /// # Errors
    /// Which statement failed and why, and what the statements before it answered.
    pub fn execute(&self, request: &Request) -> std::result::Result<Vec<Answer>, Failure> {
        statements::execute(&self.world, request)
    }

    /// Starts the only SELECT of the request.
    ///
    /// # Errors
    /// When it is wrong, or too many push queries run.
    pub fn query(&self, request: &Request) -> std::result::Result<QueryAnswer, Failure> {
        query::query(&self.world, request)
    }

    /// Starts the only PRINT of the request.
    ///
    /// # Errors
    /// When it is wrong or there is no such topic.
    pub fn print(&self, request: &Request) -> std::result::Result<PrintAnswer, Failure> {
        print::print(&self.world, request)
    }

    /// Ends a push query and tells whether there was one.
    pub fn close_query(&self, query_id: &str) -> bool {
        self.world.pushes.close(query_id)
    }

    /// Inserts a row given as JSON into a stream, as INSERT VALUES would, and waits until it is on
    /// stable storage. Names are taken in any case unless they are back-quoted.
    ///
    /// # Errors
    /// When the target can't be inserted into or the row doesn't fit it.
    pub fn insert_row(
        &self,
        target: &str,
        row: &Map<String, Value>,
        properties: &BTreeMap<String, String>,
    ) -> Result<()> {
        statements::insert_row(&self.world, target, row, properties)
    }

    /// Whether a session may set `name`.
    pub fn is_valid_property(&self, name: &str) -> bool {
        properties::is_settable(name)
    }

    /// Version and ids.
    pub fn info(&self) -> Info {
        self.world.info()
    }

    /// Which parts work.
    pub fn health(&self) -> Health {
        self.world.health()
    }

    /// How the definitions carried out since the start went, by command id.
    pub fn command_statuses(&self) -> BTreeMap<String, CommandStatus> {
        self.world.command_statuses()
    }

    /// The definitions as they are now.
    pub fn definitions(&self) -> Arc<Metastore> {
        self.world.metastore()
    }

    /// Counters.
    pub fn metrics(&self) -> Metrics {
        self.world.metrics()
    }

    /// What the engine's parts share, for tests.
    #[cfg(test)]
    pub(crate) fn world(&self) -> &World {
        &self.world
    }
}
