//! LIST and SHOW (spec section 1.9).

use std::collections::BTreeMap;

use sql::ast::List;
use types::{SourceKind, topics};

use super::{Session, connectors, describe, describe_query};
use crate::entity::{FunctionListing, SourceListing, TopicListing};
use crate::world::World;
use crate::{Entity, Result};

/// Answers a LIST or SHOW.
///
/// # Errors
/// When the log can't be read.
pub fn run(world: &World, list: &List, session: &Session) -> Result<Entity> {
    match list {
        List::Streams { extended, describe } => {
            sources(world, SourceKind::Stream, (*extended, *describe))
        }
        List::Tables { extended, describe } => {
            sources(world, SourceKind::Table, (*extended, *describe))
        }
        List::Topics { all, extended } => Ok(topic_list(world, *all, *extended)),
        List::Queries { extended: false } => Ok(describe_query::list(world)),
        List::Queries { extended: true } => Ok(describe_query::describe_all(world)),
        List::Functions => Ok(functions(world)),
        List::Properties => Ok(Entity::Properties(session.properties.list())),
        List::Types => Ok(custom_types(world)),
        List::Variables => Ok(Entity::Variables(session.variables().clone())),
        List::Connectors(scope) => Ok(connectors::list(world, *scope)),
        List::ConnectorPlugins => Ok(connectors::plugins()),
    }
}

fn sources(world: &World, kind: SourceKind, (extended, describe): (bool, bool)) -> Result<Entity> {
    let metastore = world.metastore();
    let wanted = metastore.catalog().sources().filter(|source| source.kind == kind);
    if extended || describe {
        let described = wanted.map(|source| describe::source(world, &metastore, source, extended));
        return Ok(Entity::SourceDescriptions(described.collect::<Result<_>>()?));
    }
    let listings: Vec<SourceListing> = wanted.map(|source| describe::listing(source)).collect();
    Ok(match kind {
        SourceKind::Stream => Entity::Streams(listings),
        SourceKind::Table => Entity::Tables(listings),
    })
}

fn topic_list(world: &World, all: bool, extended: bool) -> Entity {
    let log = &world.services.log;
    let mut readers: BTreeMap<String, usize> = BTreeMap::new();
    for group in log.groups() {
        let mut read: Vec<_> = log.positions(&group).into_iter().map(|(at, _)| at.topic).collect();
        read.sort();
        read.dedup();
        for topic in read {
            *readers.entry(topic.to_string()).or_default() += 1;
        }
    }
    let shown = log.topics().into_iter().filter(|topic| all || !topics::is_internal(&topic.name));
    let listings = shown.map(|topic| {
        let groups = readers.get(&*topic.name).copied().unwrap_or_default();
        TopicListing {
            name: topic.name.to_string(),
            partitions: usize::try_from(topic.config.partitions).unwrap_or_default(),
            // A query reads each partition of its topics once.
            consumers: groups,
            consumer_groups: groups,
        }
    });
    match extended {
        true => Entity::TopicsExtended(listings.collect()),
        false => Entity::Topics(listings.collect()),
    }
}

fn functions(world: &World) -> Entity {
    let registry = &world.services.functions;
    let entry = |name: &str, kind: &str, category: &str| FunctionListing {
        name: name.to_owned(),
        kind: kind.to_owned(),
        category: category.to_owned(),
    };
    let scalars = registry.scalars().map(|f| entry(f.name, "SCALAR", f.category));
    let aggregates = registry.aggregates().map(|f| entry(f.name(), "AGGREGATE", "AGGREGATE"));
    let tables = registry.tables().map(|f| entry(f.name(), "TABLE", "TABLE"));
    let mut all: Vec<FunctionListing> = scalars.chain(aggregates).chain(tables).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    Entity::Functions(all)
}

fn custom_types(world: &World) -> Entity {
    let metastore = world.metastore();
    let types = metastore.catalog().custom_types();
    Entity::Types(types.map(|(name, ty)| (name.clone(), ty.clone())).collect())
}
