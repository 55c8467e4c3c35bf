//! CREATE STREAM and CREATE TABLE from a query (spec section 1.4).

use plan::physical::Write;
use types::{Format, QueryId, Schema, SerdeSpec, SourceKind, topics};

use super::create_source::{cleanup_policy, timestamp};
use super::replace;
use super::serde_choice::{check_registered, name_key_schema, spec, wrap_single};
use super::with::{Owner, With};
use super::{Existing, existing, physical_plan, source_names};
use crate::analysis::{self, Analysis, Purpose};
use crate::ast::{self, ExprKind, Literal};
use crate::catalog::{SourceDefinition, kind_word};
use crate::context::{Context, Part};
use crate::error::{Error, Result};
use crate::logical::{self, Logical};
use crate::physical::Output;
use crate::planned::{CreateAs, PersistentQuery, Planned, TopicOptions};
use crate::serdes;

/// Plans the statement whose text is `text`.
///
/// # Errors
/// When the query or its sink breaks a rule.
pub fn plan(create: &ast::CreateAsSelect, text: &str, context: &Context<'_>) -> Result<Planned> {
    let flags = (create.or_replace, create.if_not_exists, false);
    let replaced = match existing(&create.name, create.kind, flags, context)? {
        Existing::Kept => {
            let name = create.name.name.clone();
            return Ok(Planned::AlreadyExists { name, kind: create.kind });
        }
        Existing::None => None,
        Existing::Replaced(known) => Some(known),
    };
    if let Some(limit) = &create.query.limit {
        let kind = crate::catalog::kind_word(create.kind).to_uppercase();
        let message = format!("CREATE {kind} AS SELECT statements don't support LIMIT clause.");
        return Err(Error::invalid_at("limit", message, limit.span));
    }
    let with = With::read(&create.properties, Owner::CreateAs)?;
    let statement = match create.kind {
        SourceKind::Stream => "CREATE STREAM AS SELECT",
        SourceKind::Table => "CREATE TABLE AS SELECT",
    };
    let purpose = Purpose::Persistent { sink: &create.name.name, statement };
    let analysis = analysis::analyze(&create.query, purpose, context)?;
    check_kind(create, &analysis)?;
    let logical = logical::build(&analysis, purpose, context)?;
    let schema = schema(&logical);
    let timestamp = timestamp(&with, &schema)?;
    analysis::check_keys(&analysis, &create.name.name)?;
    let mut definition = definition(create, &with, text, &analysis, schema, context)?;
    definition.timestamp = timestamp;
    let kept = replaced.and_then(|known| known.query_id.clone());
    let uses_number = kept.is_none();
    let id = kept.unwrap_or_else(|| query_id(create, context));
    definition.query_id = Some(id.clone());
    if let Some(known) = replaced {
        replace::check_derived(known, &definition, &analysis, context)?;
    }
    let application_id = context.properties.application_id(id.as_str());
    let output = Output::Topic(write(&definition));
    let query = PersistentQuery {
        plan: physical_plan(&logical, application_id, output, context)?,
        explanation: plan::explain::explain_sink(&logical.root, &definition.name, id.as_str()),
        sources: source_names(&analysis),
        id,
        uses_number,
    };
    let topic = topic_options(&definition, &with, &analysis);
    let planned = CreateAs { definition, replaces: replaced.is_some(), topic, query };
    Ok(Planned::CreateAs(Box::new(planned)))
}

fn schema(logical: &Logical) -> Schema {
    let layout = &logical.root.layout;
    Schema { key: layout.key.clone(), value: layout.value.clone(), headers: Vec::new() }
}

fn query_id(create: &ast::CreateAsSelect, context: &Context<'_>) -> QueryId {
    let prefix = match create.kind {
        SourceKind::Stream => "CSAS",
        SourceKind::Table => "CTAS",
    };
    QueryId::new(format!("{prefix}_{}_{}", create.name.name, context.next_query_number))
}

/// The query must give what the statement says.
fn check_kind(create: &ast::CreateAsSelect, analysis: &Analysis) -> Result<()> {
    let found = analysis.result_kind();
    if found == create.kind {
        return Ok(());
    }
    let (wrong, right) = (kind_word(create.kind).to_uppercase(), kind_word(found).to_uppercase());
    let message = format!(
        "Invalid result type. Your SELECT query produces a {right}. Please use CREATE {right} AS SELECT statement instead of CREATE {wrong} AS SELECT."
    );
    Err(Error::invalid_at("result-kind", message, create.name.span))
}

fn definition(
    create: &ast::CreateAsSelect,
    with: &With,
    text: &str,
    analysis: &Analysis,
    schema: Schema,
    context: &Context<'_>,
) -> Result<SourceDefinition> {
    let left = &analysis.scope.sources[0].definition;
    let mut key_serde = key_serde(create, with, &schema, &left.key_serde, context)?;
    let value_format = with.value.format.unwrap_or(left.value_serde.format);
    let mut value_serde = spec(Part::Value, value_format, &with.value, Some(&left.value_serde))?;
    if let Some(wrap) = wrap_single(with, value_format, schema.value.len(), context)? {
        value_serde.wrap_single = Some(wrap);
    }
    check_grouping_format(analysis)?;
    serdes::check(Part::Key, &key_serde, &schema.key)?;
    serdes::check(Part::Value, &value_serde, &schema.value)?;
    let prefix = context.properties.output_topic_prefix();
    let topic = with.topic.clone().unwrap_or_else(|| format!("{prefix}{}", create.name.name));
    if topics::is_internal(&topic) {
        let message = format!("Cannot write to read-only topic: {topic}");
        return Err(Error::invalid_at("read-only-topic", message, create.name.span));
    }
    check_registered(Part::Key, &topic, &key_serde, &schema.key, context)?;
    check_registered(Part::Value, &topic, &value_serde, &schema.value, context)?;
    name_key_schema(&mut key_serde, &create.name.name, &schema.key);
    Ok(SourceDefinition {
        name: create.name.name.clone(),
        kind: create.kind,
        schema,
        topic,
        key_serde,
        value_serde,
        window: analysis.result_window(),
        timestamp: None,
        is_source: false,
        is_derived: true,
        statement: text.to_owned(),
        query_id: None,
        made_from: source_names(analysis),
    })
}

fn key_serde(
    create: &ast::CreateAsSelect,
    with: &With,
    schema: &Schema,
    inherited: &SerdeSpec,
    context: &Context<'_>,
) -> Result<SerdeSpec> {
    if schema.key.is_empty() {
        let by_null = create.query.partition_by.as_ref().is_some_and(|partition| {
            let is_null = |expr: &ast::Expr| matches!(expr.kind, ExprKind::Literal(Literal::Null));
            partition.node.iter().any(is_null)
        });
        let is_keyed = !matches!(with.key.format, None | Some(Format::None));
        if by_null && with.has_key_format && is_keyed {
            let message = "Key format specified for stream without key columns.";
            return Err(Error::invalid_at("keyless-format", message, create.name.span));
        }
        return Ok(SerdeSpec::new(match with.key.format {
            Some(format) if with.has_key_format => format,
            _ => Format::None,
        }));
    }
    let format = match with.key.format {
        Some(format) => format,
        None if inherited.format == Format::None => context.properties.default_key_format()?,
        None => inherited.format,
    };
    spec(Part::Key, format, &with.key, Some(inherited))
}

/// Records whose value is in the KAFKA format can't be grouped.
fn check_grouping_format(analysis: &Analysis) -> Result<()> {
    let source = &analysis.scope.sources[0].definition;
    if analysis.is_aggregate() && source.value_serde.format == Format::Kafka {
        let message = format!(
            "Source(s) {} are using the 'KAFKA' value format. This format does not yet support GROUP BY.",
            source.name
        );
        return Err(Error::invalid("group-by-format", message));
    }
    Ok(())
}

/// How the result is written: the sink's formats, and its timestamp column from the result.
fn write(definition: &SourceDefinition) -> Write {
    Write {
        topic: definition.topic.clone(),
        key_serde: definition.key_serde.clone(),
        value_serde: definition.value_serde.clone(),
        timestamp: definition.timestamp_column(),
        changes: false,
        is_internal: false,
    }
}

fn topic_options(definition: &SourceDefinition, with: &With, analysis: &Analysis) -> TopicOptions {
    let window_retention_ms = analysis.window.and_then(|window| window.retention_ms);
    let retention_ms = match (with.retention_ms, window_retention_ms) {
        (Some(topic), Some(window)) => Some(topic.max(window)),
        (one, other) => one.or(other),
    };
    TopicOptions {
        name: definition.topic.clone(),
        partitions: with.partitions,
        replicas: with.replicas,
        retention_ms,
        inherits_from: Some(analysis.scope.sources[0].definition.topic.clone()),
        cleanup_policy: cleanup_policy(definition),
    }
}
