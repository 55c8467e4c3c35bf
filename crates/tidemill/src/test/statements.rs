//! The first half of a case: the engine over its topics, then its statements one by one.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::catalog::{Command, Metastore, PersistentQuery};
use engine::definition::{self, StoreLookup};
use engine::properties::Properties;
use formats::{MemorySchemaStore, SchemaStore};
use functions::Registry;
use sql::ast::{SourceText, Statement, StatementKind};
use sql::context::Context;
use sql::planned::Planned;

use super::case::{Case, plain};
use super::clock::EpochClock;
use super::outcome::Stop;
use super::serde;
use super::stub::{PARTITIONS_DEFAULT, StubBroker};
use super::topics;

/// The service id of ksqlDB's test engine; it is part of internal topic names.
const SERVICE_ID: &str = "some.ksql.service.id";

/// The engine of one case, without running queries.
pub struct Workbench {
    /// What is defined.
    pub metastore: Metastore,
    /// The queries in the order of their creation.
    pub queries: Vec<PersistentQuery>,
    /// The topics.
    pub broker: StubBroker,
    /// The schemas.
    pub schemas: Arc<MemorySchemaStore>,
    /// The session's properties.
    pub properties: Properties,
    functions: Arc<Registry>,
    next_query_number: u64,
}

impl Workbench {
    /// An engine with the case's properties, topics and schemas.
    ///
    /// # Errors
    /// When the case declares something unusable.
    pub fn try_new(case: &Case, functions: Arc<Registry>) -> Result<Self, Stop> {
        let mut bench = Self {
            metastore: Metastore::default(),
            queries: Vec::new(),
            broker: StubBroker::default(),
            schemas: Arc::new(MemorySchemaStore::new()),
            properties: properties(case)?,
            functions,
            next_query_number: 0,
        };
        topics::prepare(&mut bench, case)?;
        Ok(bench)
    }

    /// Makes `topic` known to planning, with `partitions` if it is new.
    pub(super) fn ensure_topic(&mut self, topic: &str, partitions: i32) {
        self.broker.ensure(topic, partitions);
        let partitions = self.broker.topics().find(|(name, _)| *name == topic);
        self.metastore.set_topic(topic, partitions.map_or(PARTITIONS_DEFAULT, |(_, p)| p));
    }

    /// Plans a statement against what is defined now.
    ///
    /// # Errors
    /// When it is refused.
    pub fn plan(&self, statement: &Statement) -> sql::Result<Planned> {
        self.plan_with(statement, &self.metastore)
    }

    /// Plans a statement against other definitions.
    ///
    /// # Errors
    /// When it is refused.
    pub(super) fn plan_with(
        &self,
        statement: &Statement,
        metastore: &Metastore,
    ) -> sql::Result<Planned> {
        let schemas: Arc<dyn SchemaStore> = self.schemas.clone();
        sql::plan(
            statement,
            &Context {
                catalog: metastore.catalog(),
                functions: &self.functions,
                properties: &self.properties.for_planning(),
                schemas: &StoreLookup::new(schemas),
                environment: &EpochClock,
                next_query_number: self.next_query_number,
            },
        )
    }

    /// Runs the case's statements.
    ///
    /// # Errors
    /// At the first statement that is refused.
    pub fn run(&mut self, case: &Case) -> Result<(), Stop> {
        let script = case.statements.join("\n");
        let statements =
            sql::parse(&script).map_err(|error| stop(&error, SourceText::whole(&script), true))?;
        let last = statements.len().saturating_sub(1);
        for (index, statement) in statements.iter().enumerate() {
            self.execute(statement, index == last)?;
        }
        Ok(())
    }

    fn execute(&mut self, statement: &Statement, is_last: bool) -> Result<(), Stop> {
        match &statement.kind {
            StatementKind::DropSource(drop) => self.drop_source(drop, is_last),
            StatementKind::DropType(drop) => {
                self.metastore.apply(&Command::DropType { name: drop.name.name.clone() });
                Ok(())
            }
            _ => self.define(statement, is_last),
        }
    }

    fn drop_source(&mut self, drop: &sql::ast::DropSource, is_last: bool) -> Result<(), Stop> {
        let name = drop.name.name.clone();
        match engine::definition::check_drop(drop, &self.metastore) {
            Ok(true) => {
                self.metastore.apply(&Command::DropSource { name, kind: drop.kind });
                let metastore = &self.metastore;
                self.queries.retain(|query| metastore.query(&query.id).is_some());
                Ok(())
            }
            Ok(false) => Ok(()),
            Err(error) => Err(Stop::User { message: error.to_string(), is_last }),
        }
    }

    fn define(&mut self, statement: &Statement, is_last: bool) -> Result<(), Stop> {
        let planned = self.plan(statement).map_err(|error| {
            with_statement(stop(&error, statement.source(), is_last), statement)
        })?;
        match &planned {
            Planned::InsertValues(insert) => return self.insert(insert, is_last),
            Planned::Push(_) | Planned::Pull(_) => {
                return Err(Stop::Defect("SELECT is no statement of a query test".to_owned()));
            }
            _ => {}
        }
        let Some(command) =
            definition::command(&planned, &statement.text, self.properties.overrides())
        else {
            return Ok(());
        };
        self.register_schemas(&command)
            .map_err(|message| with_statement(Stop::User { message, is_last }, statement))?;
        let command = through_json(&command)?;
        self.metastore.apply(&command);
        if let Some(query) = command.query() {
            self.add_query(query, &planned);
        }
        Ok(())
    }

    fn register_schemas(&mut self, command: &Command) -> Result<(), String> {
        let definition = match command {
            Command::CreateSource { definition, .. } | Command::CreateAs { definition, .. } => {
                definition
            }
            _ => return Ok(()),
        };
        if definition.is_derived {
            self.ensure_topic(&definition.topic, PARTITIONS_DEFAULT);
        }
        definition::register_schemas(definition, &*self.schemas).map_err(|error| error.to_string())
    }

    fn add_query(&mut self, query: &PersistentQuery, planned: &Planned) {
        let uses_number = match planned {
            Planned::CreateAs(create) => create.query.uses_number,
            Planned::InsertInto(insert) => insert.query.uses_number,
            _ => true,
        };
        self.next_query_number += u64::from(uses_number);
        match self.queries.iter_mut().find(|known| known.id == query.id) {
            Some(known) => *known = query.clone(),
            None => self.queries.push(query.clone()),
        }
    }

    fn insert(&mut self, insert: &sql::planned::InsertValues, is_last: bool) -> Result<(), Stop> {
        let target = self.metastore.catalog().source(&insert.target).cloned();
        let target = target.ok_or_else(|| Stop::Defect(format!("no source {}", insert.target)))?;
        let schemas: Arc<dyn SchemaStore> = self.schemas.clone();
        let append = definition::insert_record(insert, &target, 1, 0, &schemas)
            .map_err(|error| Stop::User { message: error.to_string(), is_last })?;
        for record in serde::records_of(&append.batch).map_err(Stop::Defect)? {
            self.broker.append(&target.topic, record);
        }
        Ok(())
    }

    /// The functions statements may call.
    pub fn functions(&self) -> &Arc<Registry> {
        &self.functions
    }
}

/// ksqlDB's test engine over the case's own properties (spec section 10.3).
fn properties(case: &Case) -> Result<Properties, Stop> {
    let server = BTreeMap::from([
        ("ksql.service.id".to_owned(), SERVICE_ID.to_owned()),
        ("auto.offset.reset".to_owned(), "earliest".to_owned()),
        ("cache.max.bytes.buffering".to_owned(), "0".to_owned()),
        ("ksql.schema.registry.url".to_owned(), "http://localhost:0".to_owned()),
    ]);
    let overrides: BTreeMap<String, String> =
        case.properties.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
    let server = Properties::for_server(server);
    let properties = server.and_then(|server| server.with_session(&overrides));
    properties.map_err(|error| Stop::Defect(error.to_string()))
}

/// A plan must survive being stored.
fn through_json(command: &Command) -> Result<Command, Stop> {
    let stored = serde_json::to_string(command).map_err(|error| Stop::Defect(error.to_string()))?;
    let read = engine::catalog::decode(stored.as_bytes());
    read.map_err(|error| Stop::Defect(format!("stored plan: {error}")))
}

fn stop(error: &sql::Error, text: SourceText<'_>, is_last: bool) -> Stop {
    match error {
        sql::Error::Unsupported(_) => Stop::Unsupported(error.rest_message(text)),
        sql::Error::Internal(_) => Stop::Defect(error.to_string()),
        _ => Stop::User { message: error.rest_message(text), is_last },
    }
}

/// Clients get the statement behind the reason.
fn with_statement(stop: Stop, statement: &Statement) -> Stop {
    match stop {
        Stop::User { message, is_last } => {
            Stop::User { message: format!("{message}\nStatement: {}", statement.text), is_last }
        }
        other => other,
    }
}
