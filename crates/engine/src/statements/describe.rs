//! DESCRIBE of streams, tables, functions and connectors (spec section 1.9).

use sql::SourceDefinition;
use sql::ast::Describe;
use types::TopicPartition;

use super::{connectors, describe_query, fields, lookup};
use crate::catalog::{Metastore, PersistentQuery};
use crate::entity::{
    ExtendedDescription, FunctionDescription, GroupOffsets, PartitionOffsets, Signature,
    SourceDescription, SourceListing,
};
use crate::world::World;
use crate::{Entity, Error, Result};

/// Answers a DESCRIBE.
///
/// # Errors
/// When there is nothing of that name, or the log can't be read.
pub fn run(world: &World, what: &Describe) -> Result<Entity> {
    match what {
        Describe::Source { name, extended } => {
            let metastore = world.metastore();
            let found = lookup::source(&metastore, &name.name)?;
            let described = source(world, &metastore, found, *extended)?;
            Ok(Entity::SourceDescription(Box::new(described)))
        }
        Describe::Function(name) => function(world, &name.name),
        Describe::Connector(name) => connectors::describe(world, &name.name),
    }
}

/// A source as lists show it.
pub fn listing(source: &SourceDefinition) -> SourceListing {
    SourceListing {
        kind: source.kind,
        name: source.name.clone(),
        topic: source.topic.clone(),
        key_format: source.key_serde.format.name().to_owned(),
        value_format: source.value_serde.format.name().to_owned(),
        is_windowed: source.window.is_some(),
    }
}

/// A source in detail.
///
/// # Errors
/// When the log can't be read.
pub fn source(
    world: &World,
    metastore: &Metastore,
    source: &SourceDefinition,
    extended: bool,
) -> Result<SourceDescription> {
    let name = source.name.as_str();
    let listed = |query: &std::sync::Arc<PersistentQuery>| describe_query::listing(world, query);
    let extended = match extended {
        true => Some(extended_description(world, metastore, source)?),
        false => None,
    };
    Ok(SourceDescription {
        listing: listing(source),
        window_type: fields::window_type(source.window),
        fields: fields::of_source(source),
        timestamp: source.timestamp.as_ref().map(|spec| spec.column.clone()),
        statement: source.statement.clone(),
        read_queries: metastore.readers(name).map(listed).collect(),
        write_queries: metastore.writers(name).map(listed).collect(),
        constraints: metastore.made_from(name).map(str::to_owned).collect(),
        extended,
    })
}

fn extended_description(
    world: &World,
    metastore: &Metastore,
    source: &SourceDefinition,
) -> Result<ExtendedDescription> {
    let topic = world.services.log.topic(&source.topic);
    let partitions = topic.map_or(0, |topic| topic.config.partitions);
    let writers: Vec<_> = metastore.writers(&source.name).collect();
    let counts = writers.iter().map(|query| world.queries.counts(&query.id));
    let (mut written, mut problems, mut last_message_ms) = (0, 0, 0);
    for count in counts {
        written += count.records_out;
        problems += count.problems;
        last_message_ms = last_message_ms.max(count.last_message_ms);
    }
    let mut offsets = Vec::new();
    for query in &writers {
        offsets.extend(group_offsets(world, &query.plan.application_id)?);
    }
    Ok(ExtendedDescription {
        partitions,
        statistics: format!("total-messages: {written}     last-message: {last_message_ms}"),
        error_statistics: format!("failed-messages: {problems}"),
        offsets,
    })
}

/// Positions of a query in the topics it reads, by topic.
fn group_offsets(world: &World, group: &str) -> Result<Vec<GroupOffsets>> {
    let log = &world.services.log;
    let mut positions = log.positions(group);
    positions.sort();
    let mut groups: Vec<GroupOffsets> = Vec::new();
    for (at, position) in positions {
        let known = log.offsets(&at)?;
        let TopicPartition { topic, partition } = at;
        let (start, end) = (known.start.0, known.end.0);
        let row = PartitionOffsets { partition, start, end, position: position.0 };
        match groups.last_mut() {
            Some(last) if last.topic == *topic => last.partitions.push(row),
            _ => groups.push(GroupOffsets {
                group: group.to_owned(),
                topic: topic.to_string(),
                partitions: vec![row],
            }),
        }
    }
    Ok(groups)
}

fn function(world: &World, name: &str) -> Result<Entity> {
    let registry = &world.services.functions;
    let described = if let Some(scalar) = registry.scalar(name) {
        let signatures = scalar.overloads.iter().map(scalar_signature).collect();
        description(scalar.name, scalar.description, "SCALAR", signatures)
    } else if let Some(aggregate) = registry.aggregate(name) {
        let signatures = listed_signatures(aggregate.signatures());
        description(aggregate.name(), aggregate.description(), "AGGREGATE", signatures)
    } else if let Some(table) = registry.table(name) {
        let signatures = listed_signatures(table.signatures());
        description(table.name(), table.description(), "TABLE", signatures)
    } else {
        return Err(Error::bad_statement(format!(
            "Can't find any functions with the name '{name}'"
        )));
    };
    Ok(Entity::FunctionDescription(described))
}

fn description(
    name: &str,
    description: &str,
    kind: &str,
    signatures: Vec<Signature>,
) -> FunctionDescription {
    FunctionDescription {
        name: name.to_owned(),
        description: description.to_owned(),
        kind: kind.to_owned(),
        signatures,
    }
}

fn scalar_signature(overload: &functions::Overload) -> Signature {
    Signature {
        arguments: overload.parameters.iter().map(ToString::to_string).collect(),
        is_variadic: overload.variadic.is_some(),
        returns: overload.result(),
    }
}

/// Signatures that come as text; a parameter that repeats ends in dots.
fn listed_signatures(listed: Vec<(Vec<String>, String)>) -> Vec<Signature> {
    let signature = |(arguments, returns): (Vec<String>, String)| Signature {
        is_variadic: arguments.iter().any(|argument| argument.ends_with("...")),
        arguments,
        returns,
    };
    listed.into_iter().map(signature).collect()
}
