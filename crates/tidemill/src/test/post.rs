//! What must hold after a case: sources in the catalog, topics that exist or not (spec section 10.5).

use std::collections::BTreeMap;

use fancy_regex::Regex;
use formats::Part;
use sql::ast::{ColumnConstraint, StatementKind};
use types::{Column, Header, Schema, SerdeSpec, SourceKind, WindowKind};

use super::case::{Case, PostFormat, PostSource, plain};
use super::post_topics;
use super::statements::Workbench;
use super::topic_serdes::TopicSerdes;

/// Checks the case's post conditions.
///
/// # Errors
/// With the first condition that does not hold.
pub fn check(case: &Case, bench: &Workbench, serdes: &TopicSerdes) -> Result<(), String> {
    for source in &case.post.sources {
        check_source(source, bench)?;
    }
    let Some(topics) = &case.post.topics else { return Ok(()) };
    let known = known_topics(bench);
    if let Some(blacklist) = &topics.blacklist {
        let regex = Regex::new(blacklist).map_err(|error| format!("blacklist: {error}"))?;
        let is_listed = |name: &&String| regex.is_match(name).unwrap_or(false);
        if let Some(listed) = known.keys().find(is_listed) {
            return Err(format!("topic {listed} must not exist"));
        }
    }
    topics.topics.iter().try_for_each(|topic| post_topics::check(topic, &known, serdes, bench))
}

/// Topics of the broker and those inside the queries.
fn known_topics(bench: &Workbench) -> BTreeMap<String, i32> {
    let mut known: BTreeMap<String, i32> =
        bench.broker.topics().map(|(name, partitions)| (name.to_owned(), partitions)).collect();
    for query in &bench.queries {
        let plan = &query.plan;
        let changelogs = plan.stores.iter().filter_map(|store| match &store.changelog {
            plan::physical::Changelog::Topic(topic) => Some(topic.clone()),
            plan::physical::Changelog::Source(_) => None,
        });
        for topic in plan.internal_topics.iter().cloned().chain(changelogs) {
            known.entry(topic).or_insert(1);
        }
    }
    known
}

fn check_source(expected: &PostSource, bench: &Workbench) -> Result<(), String> {
    let name = &expected.name;
    let found = bench.metastore.catalog().source(name);
    let source = found.ok_or_else(|| format!("source {name} is missing"))?;
    let kind = if source.kind == SourceKind::Table { "table" } else { "stream" };
    if !expected.kind.eq_ignore_ascii_case(kind) {
        return Err(format!("source {name} is a {kind}, expected a {}", expected.kind));
    }
    if let Some(text) = &expected.schema {
        let schema = parse_schema(text, bench)?;
        if (&schema.key, &schema.value) != (&source.schema.key, &source.schema.value)
            || schema.headers != source.schema.headers
        {
            return Err(format!("source {name}: expected schema {text}, found {}", source.schema));
        }
    }
    if let Some(format) = &expected.key_format {
        check_format("key", name, format, &source.key_serde)?;
        check_window(name, format, source.window)?;
    }
    if !expected.value_format.is_null() {
        let value_format = &expected.value_format;
        let format = value_format.get("format").unwrap_or(value_format);
        if !plain(format).eq_ignore_ascii_case(source.value_serde.format.name()) {
            return Err(format!("source {name}: value format {}", source.value_serde.format));
        }
    }
    let schema = &source.schema;
    let key = (Part::Key, &expected.key_features, &source.key_serde, &schema.key);
    let value = (Part::Value, &expected.value_features, &source.value_serde, &schema.value);
    for (part, expected, serde, columns) in [key, value] {
        if let Some(expected) = expected {
            post_topics::check_features(name, expected, serde, columns, part)?;
        }
    }
    match expected.is_source {
        Some(is_source) if is_source != source.is_source => {
            Err(format!("source {name}: read-only is {}", source.is_source))
        }
        _ => Ok(()),
    }
}

/// Reads a column list. It goes through the parser only: results may have columns that no statement
/// may declare, such as a key called ROWOFFSET.
fn parse_schema(text: &str, bench: &Workbench) -> Result<Schema, String> {
    // The tests write PRIMARY KEY or KEY for tables, whichever they like.
    let text = text.replace("PRIMARY KEY", "KEY");
    let statement =
        format!("CREATE STREAM EXPECTED ({text}) WITH (KAFKA_TOPIC='t', FORMAT='JSON');");
    let statement = sql::parse_statement(&statement).map_err(|e| format!("schema {text}: {e}"))?;
    let StatementKind::CreateSource(create) = statement.kind else {
        return Err(format!("schema {text} is no column list"));
    };
    let mut schema = Schema::default();
    for definition in create.columns {
        let ty = sql::resolve_type(&definition.ty, bench.metastore.catalog());
        let column =
            Column::new(definition.name.name, ty.map_err(|e| format!("schema {text}: {e}"))?);
        match definition.constraint.map(|constraint| constraint.node) {
            None => schema.value.push(column),
            Some(ColumnConstraint::Key | ColumnConstraint::PrimaryKey) => schema.key.push(column),
            Some(ColumnConstraint::Headers) => schema.headers.push((column, Header::All)),
            Some(ColumnConstraint::Header(key)) => {
                schema.headers.push((column, Header::Named(key)))
            }
        }
    }
    Ok(schema)
}

/// Checks a format's name.
///
/// # Errors
/// When it is another one.
pub(super) fn check_format(
    part: &str,
    name: &str,
    expected: &PostFormat,
    actual: &SerdeSpec,
) -> Result<(), String> {
    match &expected.format {
        Some(format) if !format.eq_ignore_ascii_case(actual.format.name()) => {
            Err(format!("{name}: {part} format is {}, expected {format}", actual.format))
        }
        _ => Ok(()),
    }
}

fn check_window(
    name: &str,
    expected: &PostFormat,
    actual: Option<WindowKind>,
) -> Result<(), String> {
    let found = match actual {
        None => (None, None),
        Some(WindowKind::Session) => (Some("SESSION"), None),
        Some(WindowKind::Tumbling { size_ms }) => (Some("TUMBLING"), Some(size_ms)),
        Some(WindowKind::Hopping { size_ms }) => (Some("HOPPING"), Some(size_ms)),
    };
    let wanted = (expected.window_type.as_deref(), expected.window_size);
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{name}: window {found:?}, expected {wanted:?}"))
    }
}
