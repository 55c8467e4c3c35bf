//! What must hold of a topic after a case (spec section 10.5).
//!
//! Topics of sources are checked in full. Of the topics inside queries only names, partitions and
//! formats are: their schemas and their windows are the engine's own affair.

use std::collections::BTreeMap;

use formats::{Part, SchemaStore, SchemaType, is_unwrapped};
use serde_json::Value;
use types::{Column, Format, NullableRepresentation, SerdeSpec};

use super::case::{PostFormat, PostTopic, plain};
use super::post::check_format;
use super::serde::PartSerde;
use super::statements::Workbench;
use super::topic_serdes::TopicSerdes;

/// How the names of topics inside queries begin.
const INTERNAL_PREFIX: &str = "_confluent-ksql-";
/// The only serde feature that the tests look for.
const UNWRAP_SINGLES: &str = "UNWRAP_SINGLES";
/// What ksqlDB's runner adds to every PROTOBUF format; it changes nothing.
const UNWRAP_PRIMITIVES: &str = "unwrapPrimitives";

/// Checks one topic.
///
/// # Errors
/// With what does not hold.
pub fn check(
    expected: &PostTopic,
    known: &BTreeMap<String, i32>,
    serdes: &TopicSerdes,
    bench: &Workbench,
) -> Result<(), String> {
    let name = &expected.name;
    let partitions = known.get(name).ok_or_else(|| {
        let names: Vec<&str> = known.keys().map(String::as_str).collect();
        format!("topic {name} is missing among {}", names.join(", "))
    })?;
    if expected.partitions.is_some_and(|wanted| wanted != *partitions) {
        return Err(format!("topic {name} has {partitions} partitions"));
    }
    // Stores are logged in the engine's own layout, so changelogs have no formats.
    let Ok(serde) = serdes.serde(name) else { return Ok(()) };
    let key = (&expected.key_format, &serde.key, &expected.key_schema);
    let value = (&expected.value_format, &serde.value, &expected.value_schema);
    for (format, part, schema) in [key, value] {
        if let Some(format) = format {
            check_part(name, format, part)?;
        }
        if !schema.is_null() && !name.starts_with(INTERNAL_PREFIX) {
            check_schema(schema, part, bench)?;
        }
    }
    Ok(())
}

fn check_part(topic: &str, expected: &PostFormat, part: &PartSerde) -> Result<(), String> {
    let word = if part.part == Part::Key { "key" } else { "value" };
    check_format(word, topic, expected, &part.spec)?;
    if topic.starts_with(INTERNAL_PREFIX) {
        return Ok(());
    }
    check_features(topic, &expected.features, &part.spec, &part.columns, part.part)?;
    let mut wanted = expected.properties.clone();
    wanted.remove(UNWRAP_PRIMITIVES);
    let found = properties(&part.spec);
    if wanted == found {
        return Ok(());
    }
    Err(format!("topic {topic}: {word} format has properties {found:?}, expected {wanted:?}"))
}

fn properties(spec: &SerdeSpec) -> BTreeMap<String, String> {
    let nullable = spec.nullable_representation.map(|representation| match representation {
        NullableRepresentation::Optional => "optional".to_owned(),
        NullableRepresentation::Wrapper => "wrapper".to_owned(),
    });
    let named = [
        ("fullSchemaName", spec.full_schema_name.clone()),
        ("nullableRepresentation", nullable),
        ("schemaId", spec.schema_id.map(|id| id.0.to_string())),
    ];
    named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Checks the serde features of one side of a source.
///
/// # Errors
/// When they are others.
pub fn check_features(
    name: &str,
    expected: &[String],
    spec: &SerdeSpec,
    columns: &[Column],
    part: Part,
) -> Result<(), String> {
    // Formats that leave single columns bare anyway have no feature for it.
    let can_wrap =
        matches!(spec.format, Format::Json | Format::JsonSr | Format::Avro | Format::ProtobufNosr);
    let unwraps = can_wrap && is_unwrapped(spec, columns, part);
    let found: &[&str] = if unwraps { &[UNWRAP_SINGLES] } else { &[] };
    if expected == found {
        return Ok(());
    }
    Err(format!("{name}: {part:?} has features {found:?}, expected {expected:?}"))
}

fn check_schema(expected: &Value, part: &PartSerde, bench: &Workbench) -> Result<(), String> {
    let subject = &part.subject;
    let found = bench.schemas.latest(subject).map_err(|error| error.to_string())?;
    let found = found.ok_or_else(|| format!("subject {subject} has no schema"))?;
    let is_equal = match found.schema_type {
        SchemaType::Protobuf => words(&found.text).eq(words(&plain(expected))),
        SchemaType::Avro | SchemaType::Json => {
            serde_json::from_str(&found.text).is_ok_and(|text: Value| text == *expected)
        }
    };
    if is_equal {
        return Ok(());
    }
    Err(format!("subject {subject}: expected schema {expected}, found {}", found.text))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace()
}
