//! Validates a batch on copies of definitions, schemas and settings; nothing real changes.

use std::sync::Arc;

use formats::SchemaStore;
use sql::ast::{Describe, Statement, StatementKind};

use super::define::{self, Definition, Prepared};
use super::overlay::Overlay;
use super::run::query_endpoint;
use super::{Session, View, lookup};
use crate::Result;
use crate::catalog::Metastore;
use crate::definition::{StoreLookup, register_schemas};
use crate::services::Surroundings;
use crate::world::World;

/// The world as it would be after the statements validated so far.
pub struct Sandbox<'a> {
    world: &'a World,
    metastore: Metastore,
    session: Session,
    schemas: Arc<dyn SchemaStore>,
    surroundings: Surroundings,
    next_query_number: u64,
}

impl<'a> Sandbox<'a> {
    /// The world as it is.
    ///
    /// # Errors
    /// When the log can't be read.
    pub fn try_new(world: &'a World, session: Session) -> Result<Self> {
        Ok(Self {
            world,
            metastore: world.metastore_with_topics(),
            session,
            schemas: Arc::new(Overlay::new(Arc::clone(&world.services.schemas))),
            surroundings: world.services.surroundings(),
            next_query_number: world.next_query_number()?,
        })
    }

    /// Validates one statement and goes on as if it had been run.
    ///
    /// # Errors
    /// When it would be refused.
    pub fn validate(&mut self, statement: &Statement) -> Result<()> {
        match &statement.kind {
            StatementKind::Query(_) | StatementKind::Print(_) => Err(query_endpoint()),
            StatementKind::Set { name, value } => {
                self.session.properties.set(&name.node, &value.node)
            }
            StatementKind::Unset { name } => {
                self.session.properties.unset(&name.node);
                Ok(())
            }
            StatementKind::InsertValues(_) => self.insert_values(statement),
            StatementKind::Describe(Describe::Source { name, .. }) => {
                lookup::source(&self.metastore, &name.name).map(drop)
            }
            kind if define::is_definition(kind) => self.define(statement),
            _ => Ok(()),
        }
    }

    fn insert_values(&self, statement: &Statement) -> Result<()> {
        let lookup = StoreLookup::new(Arc::clone(&self.schemas));
        self.view(&lookup).plan(statement)?;
        Ok(())
    }

    fn define(&mut self, statement: &Statement) -> Result<()> {
        let lookup = StoreLookup::new(Arc::clone(&self.schemas));
        let log = &*self.world.services.log;
        match define::prepare(statement, &self.view(&lookup), self.world, log)? {
            Prepared::Warning(_) | Prepared::PushQuery(_) => Ok(()),
            Prepared::Define(definition) => self.apply(&definition),
        }
    }

    fn apply(&mut self, definition: &Definition) -> Result<()> {
        if let Some((topic, config)) = &definition.new_topic {
            self.metastore.set_topic(topic, config.partitions);
        }
        if let Some(topic) = &definition.deleted_topic {
            self.metastore.remove_topic(topic);
        }
        for command in &definition.commands {
            if let Some(source) = define::new_source(command) {
                register_schemas(source, &*self.schemas)?;
            }
            self.metastore.apply(command);
            self.next_query_number += 1;
        }
        Ok(())
    }

    fn view<'v>(&'v self, lookup: &'v StoreLookup) -> View<'v> {
        View {
            metastore: &self.metastore,
            properties: &self.session.properties,
            functions: &self.world.services.functions,
            schemas: lookup,
            environment: &self.surroundings,
            next_query_number: self.next_query_number,
        }
    }
}
