//! CREATE, DROP, DESCRIBE and LIST of connectors (spec section 1.11). The connectors keep their own
//! configuration; nothing of it is in the command topic.

use std::collections::BTreeMap;

use connect::PluginKind;
use sql::ast::{ConnectorScope, CreateConnector, DropConnector, Literal};

use crate::entity::{ConnectorDescription, ConnectorInfo, ConnectorListing, PluginListing};
use crate::world::World;
use crate::{Entity, Error, Result};

/// Makes a connector and starts it.
///
/// # Errors
/// With everything that is wrong with its configuration or the system it connects to.
pub fn create(world: &World, create: &CreateConnector) -> Result<Entity> {
    let name = &create.name.name;
    let exists = world.services.connect.list().iter().any(|known| known.name == *name);
    if exists && create.if_not_exists {
        return Ok(Entity::Warning(format!("Connector {name} already exists")));
    }
    let mut config = BTreeMap::new();
    for property in &create.properties.entries {
        config.insert(property.name.node.clone(), plain(&property.value.node)?);
    }
    check_direction(create.scope, &config)?;
    let info = world.services.connect.create(name, config)?;
    let kind = kind_word(info.kind).to_owned();
    let config = info.masked_config();
    Ok(Entity::ConnectorCreated(ConnectorInfo { name: info.name, kind, config }))
}

/// Refuses a class of the other direction than the statement says. What is wrong with the class
/// otherwise, the connectors say.
fn check_direction(scope: ConnectorScope, config: &BTreeMap<String, String>) -> Result<()> {
    let class = config.get("connector.class").map_or("", |class| class.trim());
    let known = connect::Runtime::plugins().iter().find(|plugin| plugin.class == class);
    let Some(kind) = known.map(|plugin| plugin.kind) else { return Ok(()) };
    let (said, right) = match (scope, kind) {
        (ConnectorScope::Sink, PluginKind::Source) => ("SINK", "SOURCE"),
        (ConnectorScope::Source, PluginKind::Sink) => ("SOURCE", "SINK"),
        _ => return Ok(()),
    };
    Err(Error::bad_statement(format!(
        "'{class}' is the class of a {} connector and can't be made by CREATE {said} CONNECTOR; use \
         CREATE {right} CONNECTOR",
        kind_word(kind)
    )))
}

/// A property's value as plain text, as Kafka Connect takes it.
///
/// # Errors
/// When it is NULL.
pub fn plain(literal: &Literal) -> Result<String> {
    match literal {
        Literal::String(text) => Ok(text.clone()),
        Literal::Boolean(value) => Ok(value.to_string()),
        Literal::Integer(value) => Ok(value.to_string()),
        Literal::Bigint(value) => Ok(value.to_string()),
        Literal::Double(value) => Ok(value.to_string()),
        Literal::Decimal(value) => Ok(value.to_string()),
        Literal::Null => Err(Error::bad_statement("A property can't be NULL")),
    }
}

/// Stops a connector and forgets it.
///
/// # Errors
/// When there is none of that name.
pub fn drop_connector(world: &World, drop: &DropConnector) -> Result<Entity> {
    let name = &drop.name.name;
    match world.services.connect.drop_connector(name) {
        Ok(()) => Ok(Entity::ConnectorDropped(name.clone())),
        Err(connect::Error::NotFound(_)) if drop.if_exists => {
            Ok(Entity::Warning(format!("Connector '{name}' does not exist.")))
        }
        Err(error) => Err(error.into()),
    }
}

/// LIST CONNECTORS.
pub fn list(world: &World, scope: ConnectorScope) -> Entity {
    let infos = world.services.connect.list();
    let wanted = infos.into_iter().filter(|info| match scope {
        ConnectorScope::All => true,
        ConnectorScope::Source => info.kind == PluginKind::Source,
        ConnectorScope::Sink => info.kind == PluginKind::Sink,
    });
    let listing = |info: connect::Info| ConnectorListing {
        name: info.name,
        kind: kind_word(info.kind).to_owned(),
        class: info.class,
        state: info.status.state.as_str().to_owned(),
    };
    Entity::Connectors(wanted.map(listing).collect())
}

/// LIST CONNECTOR PLUGINS.
pub fn plugins() -> Entity {
    let listing = |plugin: &&'static connect::Plugin| PluginListing {
        class: plugin.class.to_owned(),
        kind: kind_word(plugin.kind).to_owned(),
        version: plugin.version.to_owned(),
    };
    Entity::ConnectorPlugins(connect::Runtime::plugins().iter().map(listing).collect())
}

/// DESCRIBE CONNECTOR.
///
/// # Errors
/// When there is none of that name.
pub fn describe(world: &World, name: &str) -> Result<Entity> {
    let found = world.services.connect.describe(name)?;
    let progress = found.progress;
    let metastore = world.metastore();
    let reads = |topic: &String| progress.topics.contains(topic);
    let sources = metastore.catalog().sources().filter(|source| reads(&source.topic));
    let sources = sources.map(|source| source.name.clone()).collect();
    let state = found.info.status.state.as_str().to_owned();
    Ok(Entity::ConnectorDescription(Box::new(ConnectorDescription {
        name: found.info.name,
        kind: kind_word(found.info.kind).to_owned(),
        class: found.info.class,
        state: state.clone(),
        trace: found.info.status.trace,
        tasks: vec![state],
        sources,
        progress: progress_lines(&progress),
        topics: progress.topics,
    })))
}

fn progress_lines(progress: &connect::Progress) -> Vec<String> {
    let mut lines = Vec::new();
    if !progress.phase.is_empty() {
        lines.push(format!("phase: {}", progress.phase));
    }
    for table in &progress.tables {
        let done = if table.is_done { ", done" } else { "" };
        let estimate = table.rows_estimated.max(table.rows);
        lines.push(format!("{}: {} of about {estimate} rows{done}", table.table, table.rows));
    }
    if let Some(eta_ms) = progress.snapshot_eta_ms {
        lines.push(format!("snapshot done in about {} s", eta_ms.div_ceil(1000)));
    }
    if !progress.position.is_empty() {
        lines.push(format!("position: {}", progress.position));
    }
    lines.push(format!(
        "records: {}, bytes: {}, restarts: {}, lag: {} ms",
        progress.records_total, progress.bytes_total, progress.restarts_total, progress.lag_ms
    ));
    lines
}

fn kind_word(kind: PluginKind) -> &'static str {
    match kind {
        PluginKind::Source => "source",
        PluginKind::Sink => "sink",
    }
}
