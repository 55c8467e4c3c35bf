//! The topics and schemas of a case that exist before its statements run (spec section 10.4, steps 1
//! and 2).
//!
//! Tests name schemas by the numbers they get. ksqlDB's runner keeps the topics of a case in a Java
//! hash map and registers their schemas in that map's order, so the order is part of the format.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::catalog::Metastore;
use engine::definition;
use formats::protobuf_schema::File;
use formats::{MemorySchemaStore, Part, SchemaStore, SchemaType};
use serde_json::Value;
use sql::ast::{Literal, Statement, StatementKind};
use sql::catalog::SourceDefinition;
use sql::planned::Planned;
use types::SchemaId;

use super::case::{Case, SchemaReference, Topic, plain};
use super::outcome::Stop;
use super::statements::Workbench;
use super::stub::PARTITIONS_DEFAULT;

/// What is known of a topic before the statements run.
#[derive(Default)]
struct Known<'a> {
    declared: Option<&'a Topic>,
    derived: Option<SourceDefinition>,
}

/// Creates the case's topics and registers their schemas.
///
/// # Errors
/// When the case declares something unusable.
pub fn prepare(bench: &mut Workbench, case: &Case) -> Result<(), Stop> {
    let mut topics: Vec<(String, Known<'_>)> = Vec::new();
    for topic in &case.topics {
        bench.ensure_topic(&topic.name, topic.partitions.unwrap_or(1));
        entry(&mut topics, &topic.name).declared = Some(topic);
        register_declared(&bench.schemas, topic, Which::Any)?;
    }
    for definition in derive(bench, case) {
        let known = entry(&mut topics, &definition.topic);
        known.derived.get_or_insert(definition);
    }
    for record in case.inputs.iter().chain(&case.outputs) {
        bench.ensure_topic(&record.topic, PARTITIONS_DEFAULT);
        entry(&mut topics, &record.topic);
    }
    // What was registered up to here only helped to read the statements.
    bench.schemas = Arc::new(MemorySchemaStore::new());
    sort_as_hash_map(&mut topics);
    for topic in &case.topics {
        register_declared(&bench.schemas, topic, Which::Numbered)?;
    }
    for (_, known) in &topics {
        if let Some(topic) = known.declared {
            register_declared(&bench.schemas, topic, Which::Unnumbered)?;
        }
        if let Some(definition) = &known.derived {
            // A schema that can't be derived is the statement's own to refuse.
            drop(definition::register_schemas(definition, &*bench.schemas));
        }
    }
    Ok(())
}

fn entry<'a, 'k>(topics: &'a mut Vec<(String, Known<'k>)>, name: &str) -> &'a mut Known<'k> {
    let place = topics.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
        topics.push((name.to_owned(), Known::default()));
        topics.len() - 1
    });
    &mut topics[place].1
}

/// Sorts into the order in which a Java hash map of these keys is walked.
fn sort_as_hash_map(topics: &mut [(String, Known<'_>)]) {
    const CAPACITY_MIN: usize = 16;
    let mut capacity = CAPACITY_MIN;
    while topics.len() * 4 > capacity * 3 {
        capacity *= 2;
    }
    topics.sort_by_key(|(name, _)| {
        let hash = name
            .encode_utf16()
            .fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
        (hash ^ hash >> 16) as usize & (capacity - 1)
    });
}

/// Which of a topic's schemas to register.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Any,
    /// Those whose number the case fixes.
    Numbered,
    /// The others.
    Unnumbered,
}

fn register_declared(schemas: &MemorySchemaStore, topic: &Topic, which: Which) -> Result<(), Stop> {
    let key = (&topic.key_schema, &topic.key_format, topic.key_schema_id);
    let value = (&topic.value_schema, &topic.value_format, topic.value_schema_id);
    let key = (Part::Key, key, &topic.key_schema_references);
    let value = (Part::Value, value, &topic.value_schema_references);
    for (part, (schema, format, id), references) in [key, value] {
        let is_wanted = match which {
            Which::Any => true,
            Which::Numbered => id.is_some(),
            Which::Unnumbered => id.is_none(),
        };
        if is_wanted && !schema.is_null() {
            let schema_type = schema_type(format.as_deref());
            let text = text(schema_type, schema, references);
            register(schemas, &part.subject(&topic.name), schema_type, &text, id)?;
        }
    }
    Ok(())
}

fn schema_type(format: Option<&str>) -> SchemaType {
    match format.unwrap_or("AVRO").to_uppercase().as_str() {
        "AVRO" => SchemaType::Avro,
        "JSON" | "JSON_SR" => SchemaType::Json,
        _ => SchemaType::Protobuf,
    }
}

/// The schema's text; of a .proto text with what it imports behind it.
fn text(schema_type: SchemaType, schema: &Value, references: &[SchemaReference]) -> String {
    match schema_type {
        SchemaType::Protobuf => {
            let imported: Vec<String> = references.iter().map(|r| plain(&r.schema)).collect();
            File::joined(&plain(schema), imported.iter().map(String::as_str))
        }
        SchemaType::Avro | SchemaType::Json => schema.to_string(),
    }
}

fn register(
    schemas: &MemorySchemaStore,
    subject: &str,
    schema_type: SchemaType,
    text: &str,
    id: Option<i32>,
) -> Result<(), Stop> {
    let registered = match id {
        Some(id) => schemas.register_with_id(subject, schema_type, text, SchemaId(id)).map(|_| ()),
        None => schemas.register(subject, schema_type, text).map(|_| ()),
    };
    registered.map_err(|error| Stop::Defect(format!("schema of {subject}: {error}")))
}

/// The sources that the case's own CREATE statements define. What can't be planned here is skipped:
/// the statement itself will tell why.
fn derive(bench: &mut Workbench, case: &Case) -> Vec<SourceDefinition> {
    let mut types = Metastore::default();
    let mut derived = Vec::new();
    for text in &case.statements {
        let Ok(statements) = sql::parse(text) else { continue };
        let [statement] = statements.as_slice() else { continue };
        match &statement.kind {
            StatementKind::CreateType(_) => derive_type(bench, statement, &mut types),
            StatementKind::CreateSource(create) if !create.columns.is_empty() => {
                derived.extend(derive_source(bench, statement, &types));
            }
            _ => {}
        }
    }
    derived
}

fn derive_type(bench: &Workbench, statement: &Statement, types: &mut Metastore) {
    if let Ok(planned) = bench.plan_with(statement, types)
        && let Some(command) = definition::command(&planned, "", &BTreeMap::new())
    {
        types.apply(&command);
    }
}

fn derive_source(
    bench: &mut Workbench,
    statement: &Statement,
    types: &Metastore,
) -> Option<SourceDefinition> {
    let mut known = types.clone();
    if let StatementKind::CreateSource(create) = &statement.kind
        && let Some(topic) = create.properties.value("KAFKA_TOPIC")
        && let Literal::String(topic) = &topic.node
    {
        known.set_topic(topic, PARTITIONS_DEFAULT);
    }
    let Ok(Planned::CreateSource(create)) = bench.plan_with(statement, &known) else { return None };
    let partitions = create.topic.partitions.unwrap_or(PARTITIONS_DEFAULT);
    bench.ensure_topic(&create.definition.topic, partitions);
    Some(create.definition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_walked_as_by_a_java_hash_map() {
        let names = ["OUTPUT", "source", "input", "sink"];
        let mut topics: Vec<(String, Known<'_>)> =
            names.iter().map(|name| ((*name).to_owned(), Known::default())).collect();
        sort_as_hash_map(&mut topics);
        let sorted: Vec<&str> = topics.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(sorted, ["input", "OUTPUT", "sink", "source"]);
    }
}
