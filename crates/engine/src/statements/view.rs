//! What planning sees of the engine: the real definitions or a sandbox's.

use functions::Environment;
use sql::ast::Statement;
use sql::context::{Context, SchemaLookup};
use sql::planned::Planned;

use crate::catalog::Metastore;
use crate::properties::Properties;

/// Everything planning is given besides the statement.
pub struct View<'a> {
    /// Sources, types, queries and topics.
    pub metastore: &'a Metastore,
    /// The session's properties.
    pub properties: &'a Properties,
    /// The functions.
    pub functions: &'a functions::Registry,
    /// The registry's answers.
    pub schemas: &'a dyn SchemaLookup,
    /// Clock and randomness.
    pub environment: &'a dyn Environment,
    /// The number the next query's id ends in.
    pub next_query_number: u64,
}

impl View<'_> {
    /// Plans a statement.
    ///
    /// # Errors
    /// When it breaks a rule.
    pub fn plan(&self, statement: &Statement) -> sql::Result<Planned> {
        let properties = self.properties.for_planning();
        sql::plan(
            statement,
            &Context {
                catalog: self.metastore.catalog(),
                functions: self.functions,
                properties: &properties,
                schemas: self.schemas,
                environment: self.environment,
                next_query_number: self.next_query_number,
            },
        )
    }
}
