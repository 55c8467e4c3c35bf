//! CREATE STREAM and CREATE TABLE over a topic (spec section 1.3).

use types::{Column, Format, Header, QueryId, Schema, SerdeSpec, SourceKind, SqlType, topics};

use super::replace;
use super::serde_choice::{name_key_schema, spec, wrap_single};
use super::with::{Owner, With};
use super::{Existing, existing, reserved_column};
use crate::analysis::is_pseudo;
use crate::ast::{self, ColumnConstraint, ColumnDefinition};
use crate::catalog::{SourceDefinition, TimestampSpec};
use crate::context::{Context, Part};
use crate::data_type;
use crate::error::{Error, Problem, Result};
use crate::physical::{self, Options, Output};
use crate::planned::{CreateSource, PersistentQuery, Planned, TopicOptions};
use crate::serdes;
use crate::text::quoted;

/// Plans the statement whose text is `text`.
///
/// # Errors
/// When a rule of spec sections 1.3, 1.14 or 6 is broken.
pub fn plan(create: &ast::CreateSource, text: &str, context: &Context<'_>) -> Result<Planned> {
    let flags = (create.or_replace, create.if_not_exists, create.is_source);
    let replaced = match existing(&create.name, create.kind, flags, context)? {
        Existing::Kept => {
            let name = create.name.name.clone();
            return Ok(Planned::AlreadyExists { name, kind: create.kind });
        }
        Existing::None => None,
        Existing::Replaced(known) => Some(known),
    };
    let with = With::read(&create.properties, Owner::Create)?;
    let definition = definition(create, &with, text, context)?;
    if let Some(known) = replaced {
        replace::check_source(known, &definition)?;
    }
    let topic = TopicOptions {
        name: definition.topic.clone(),
        partitions: with.partitions,
        replicas: with.replicas,
        retention_ms: with.retention_ms,
        inherits_from: None,
        cleanup_policy: cleanup_policy(&definition),
    };
    let query = materialization(&definition, context)?;
    let mut definition = definition;
    definition.query_id = query.as_ref().map(|query| query.id.clone());
    let planned = CreateSource { definition, replaces: replaced.is_some(), topic, query };
    Ok(Planned::CreateSource(Box::new(planned)))
}

/// What a topic made for a source does with old records.
pub(super) fn cleanup_policy(definition: &SourceDefinition) -> &'static str {
    match (definition.kind, definition.window) {
        (SourceKind::Stream, _) => "delete",
        (SourceKind::Table, None) => "compact",
        (SourceKind::Table, Some(_)) => "compact,delete",
    }
}

fn definition(
    create: &ast::CreateSource,
    with: &With,
    text: &str,
    context: &Context<'_>,
) -> Result<SourceDefinition> {
    let Some(topic) = with.topic.clone().filter(|topic| !topic.is_empty()) else {
        let message = "Missing required property \"KAFKA_TOPIC\" which has no default value.";
        return Err(Error::invalid_at("missing-topic", message, create.name.span));
    };
    if topics::is_sealed(&topic) {
        let message = format!("Cannot read the topic {topic}: it is the server's own");
        return Err(Error::invalid_at("sealed-topic", message, create.name.span));
    }
    let mut schema = declared_schema(create, context)?;
    let key_format = key_format(with, &schema, context)?;
    let Some(value_format) = with.value.format.or(context.properties.default_value_format()?)
    else {
        let message = "Statement is missing the 'VALUE_FORMAT' property from the WITH clause. Either \
                       provide one or set a default via the 'ksql.persistence.default.format.value' config.";
        return Err(Error::invalid_at("missing-format", message, create.name.span));
    };
    let mut key_serde = spec(Part::Key, key_format, &with.key, None)?;
    let mut value_serde = spec(Part::Value, value_format, &with.value, None)?;
    infer(Part::Key, &topic, &mut key_serde, &mut schema.key, context)?;
    check_primary_key(create, &schema)?;
    // Of an unwrapped value the whole schema is one column, which inference must know.
    value_serde.wrap_single = with.wrap_single_value;
    infer(Part::Value, &topic, &mut value_serde, &mut schema.value, context)?;
    check_columns(create, &schema, with)?;
    name_key_schema(&mut key_serde, &create.name.name, &schema.key);
    if let Some(wrap) = wrap_single(with, value_format, schema.value.len(), context)? {
        value_serde.wrap_single = Some(wrap);
    }
    serdes::check(Part::Key, &key_serde, &schema.key)?;
    serdes::check(Part::Value, &value_serde, &schema.value)?;
    let timestamp = timestamp(with, &schema)?;
    Ok(SourceDefinition {
        name: create.name.name.clone(),
        kind: create.kind,
        schema,
        topic,
        key_serde,
        value_serde,
        window: with.window,
        timestamp,
        is_source: create.is_source,
        is_derived: false,
        statement: text.to_owned(),
        query_id: None,
        made_from: Vec::new(),
    })
}

/// The key's format: streams without key have none, unless a registry may know one.
fn key_format(with: &With, schema: &Schema, context: &Context<'_>) -> Result<Format> {
    if let Some(format) = with.key.format {
        return Ok(format);
    }
    let default = context.properties.default_key_format()?;
    let keyless = schema.key.is_empty() && !default.uses_registry();
    Ok(if keyless { Format::None } else { default })
}

/// The declared columns by kind.
fn declared_schema(create: &ast::CreateSource, context: &Context<'_>) -> Result<Schema> {
    let mut schema = Schema::default();
    let mut names: Vec<&str> = Vec::new();
    for element in &create.columns {
        let name = element.name.name.as_str();
        if is_pseudo(name) {
            return Err(reserved_column(name, element.name.span));
        }
        if names.contains(&name) {
            let message = format!("Duplicate column names: {}", quoted(name));
            return Err(Error::invalid_at("duplicate-column", message, element.name.span));
        }
        names.push(name);
        let column = Column::new(name, data_type::resolve(&element.ty, context.catalog)?);
        match element.constraint.as_ref().map(|constraint| &constraint.node) {
            None => schema.value.push(column),
            Some(ColumnConstraint::Key | ColumnConstraint::PrimaryKey) => {
                check_key_word(create.kind, element)?;
                schema.key.push(column);
            }
            Some(ColumnConstraint::Headers) => {
                add_header(&mut schema, column, Header::All, element)?
            }
            Some(ColumnConstraint::Header(key)) => {
                add_header(&mut schema, column, Header::Named(key.clone()), element)?;
            }
        }
    }
    Ok(schema)
}

/// KEY is for streams, PRIMARY KEY for tables.
fn check_key_word(kind: SourceKind, element: &ColumnDefinition) -> Result<()> {
    let is_primary = matches!(
        element.constraint.as_ref().map(|constraint| &constraint.node),
        Some(ColumnConstraint::PrimaryKey)
    );
    let (written, wanted, kinds) = match (kind, is_primary) {
        (SourceKind::Stream, true) => ("PRIMARY KEY", "KEY", "streams"),
        (SourceKind::Table, false) => ("KEY", "PRIMARY KEY", "tables"),
        _ => return Ok(()),
    };
    let message = format!(
        "Column {} is a '{written}' column: please use '{wanted}' for {kinds}.",
        quoted(&element.name.name)
    );
    Err(Error::invalid_at("key-word", message, element.name.span))
}

fn add_header(
    schema: &mut Schema,
    column: Column,
    header: Header,
    element: &ColumnDefinition,
) -> Result<()> {
    let span = element.name.span;
    let (word, wanted) = match &header {
        Header::All => ("HEADERS".to_owned(), headers_type()),
        Header::Named(key) => (format!("HEADER('{key}')"), SqlType::Bytes),
    };
    if column.ty != wanted {
        let message =
            format!("Invalid type for {word} column: expected {wanted}, got {}", column.ty);
        return Err(Error::invalid_at("header-type", message, span));
    }
    let clash = schema
        .headers
        .iter()
        .any(|(_, known)| *known == header || *known == Header::All || header == Header::All);
    if clash {
        let message = match header {
            Header::All => "Schema already contains a HEADERS or HEADER column.".to_owned(),
            Header::Named(_) => format!("Schema already contains a {word} or HEADERS column."),
        };
        return Err(Error::invalid_at("header-twice", message, span));
    }
    schema.headers.push((column, header));
    Ok(())
}

/// `ARRAY<STRUCT<KEY STRING, VALUE BYTES>>`.
fn headers_type() -> SqlType {
    let field = types::Field::new;
    SqlType::array(SqlType::Struct(vec![
        field("KEY", SqlType::String),
        field("VALUE", SqlType::Bytes),
    ]))
}

/// Takes the columns of one part from the registry, when none are declared and the format has one.
fn infer(
    part: Part,
    topic: &str,
    serde: &mut SerdeSpec,
    columns: &mut Vec<Column>,
    context: &Context<'_>,
) -> Result<()> {
    if !columns.is_empty() {
        if serde.schema_id.is_some() {
            let message = format!(
                "Table elements and {}_SCHEMA_ID cannot both exist for create statement.",
                part.word()
            );
            return Err(Error::invalid("schema-id-columns", message));
        }
        return Ok(());
    }
    if !serde.format.uses_registry() {
        return Ok(());
    }
    let found = context
        .schemas
        .columns(topic, part, serde)
        .map_err(|reason| Error::invalid("schema-inference", reason))?;
    let Some(found) = found else { return Err(missing_schema(part, topic, serde)) };
    *columns = found.columns;
    if part == Part::Value && found.unwrapped {
        serde.wrap_single = Some(false);
    }
    Ok(())
}

fn missing_schema(part: Part, topic: &str, serde: &SerdeSpec) -> Error {
    let word = part.word().to_lowercase();
    let schema = match serde.schema_id {
        Some(id) => format!("Schema Id: {id}"),
        None => format!("Subject: {topic}-{word}"),
    };
    let message = format!(
        "Schema for message {word}s on topic '{topic}' does not exist in the Schema Registry."
    );
    Problem::new("schema-missing", message)
        .detail(format!("{schema}\nThe topic may not exist, may hold no {}-formatted records, or its schema may not be registered.", serde.format))
        .hint("Declare the columns in the statement, or register a schema.")
        .invalid()
}

fn check_primary_key(create: &ast::CreateSource, schema: &Schema) -> Result<()> {
    if create.kind == SourceKind::Stream || !schema.key.is_empty() {
        return Ok(());
    }
    let message = "Tables require a PRIMARY KEY. Please define the PRIMARY KEY.";
    Err(Error::invalid_at("missing-primary-key", message, create.name.span))
}

fn check_columns(create: &ast::CreateSource, schema: &Schema, with: &With) -> Result<()> {
    let span = create.name.span;
    let refuse = |code, message: &str| Err(Error::invalid_at(code, message, span));
    if schema.value.is_empty() && schema.headers.is_empty() && schema.key.is_empty() {
        let message = "The statement does not define any columns: No columns supplied.";
        return refuse("no-columns", message);
    }
    if with.window.is_some() && schema.key.is_empty() {
        return refuse("windowed-keyless", "Windowed sources require a key column.");
    }
    let names: Vec<&str> = schema.key.iter().map(|column| column.name.as_str()).collect();
    if let Some(twice) = schema.value.iter().find(|column| names.contains(&column.name.as_str())) {
        let message = format!("Duplicate column names: {}", quoted(&twice.name));
        return refuse("duplicate-column", &message);
    }
    Ok(())
}

/// The timestamp column, which must exist and have a type that can be one.
///
/// # Errors
/// When it doesn't.
pub(super) fn timestamp(with: &With, schema: &Schema) -> Result<Option<TimestampSpec>> {
    let Some(written) = &with.timestamp else { return Ok(None) };
    let name = &written.node;
    let mut columns = schema.key.iter().chain(&schema.value);
    let Some(column) = columns.find(|column| column.name == *name) else {
        let message = format!(
            "The TIMESTAMP column set in the WITH clause does not exist in the schema: '{name}'"
        );
        return Err(Error::invalid_at("timestamp-column", message, written.span));
    };
    let fits = match column.ty {
        SqlType::Bigint | SqlType::Timestamp => with.timestamp_format.is_none(),
        SqlType::String => with.timestamp_format.is_some(),
        _ => false,
    };
    if !fits {
        let message = format!(
            "Timestamp column, {}, should be LONG(INT64), TIMESTAMP, or a String with a timestamp_format specified",
            quoted(name)
        );
        return Err(Error::invalid_at("timestamp-type", message, written.span));
    }
    Ok(Some(TimestampSpec { column: name.clone(), format: with.timestamp_format.clone() }))
}

/// The hidden query that keeps the rows of a SOURCE TABLE.
fn materialization(
    definition: &SourceDefinition,
    context: &Context<'_>,
) -> Result<Option<PersistentQuery>> {
    let wanted = definition.is_source
        && definition.kind == SourceKind::Table
        && definition.window.is_none()
        && context.properties.is_enabled("ksql.source.table.materialization.enabled");
    if !wanted {
        return Ok(None);
    }
    let id = format!("CST_{}_{}", definition.name, context.next_query_number);
    let root = source_node(definition);
    let options = Options {
        application_id: context.properties.application_id(&id),
        default_key_format: context.properties.default_key_format()?,
        output: Output::Store,
    };
    Ok(Some(PersistentQuery {
        plan: physical::build(&root, &options),
        explanation: plan::explain::explain(&root, &id),
        sources: vec![definition.name.clone()],
        id: QueryId::new(id),
        uses_number: true,
    }))
}

fn source_node(definition: &SourceDefinition) -> plan::logical::Node {
    let source = plan::logical::Source {
        name: definition.name.clone(),
        topic: definition.topic.clone(),
        key_serde: definition.key_serde.clone(),
        value_serde: definition.value_serde.clone(),
        timestamp: definition.timestamp_column(),
        headers: definition.schema.headers.iter().map(|(_, header)| header.clone()).collect(),
    };
    plan::logical::Node {
        operator: plan::logical::Operator::Source(source),
        layout: definition.layout(),
    }
}
