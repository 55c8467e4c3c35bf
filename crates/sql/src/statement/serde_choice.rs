//! Formats and their properties for a new source: what was written, what is inherited, what is default
//! (spec sections 1.4, 6.1 and 6.3).

use types::{Column, Format, SchemaId, SerdeSpec};

use super::with::{PartProperties, With};
use crate::context::{Context, Part};
use crate::error::{Error, Result};
use crate::serdes;
use crate::text::camel_case;

/// `serde` of `part` from WITH, with `inherited` of the query's left-most source (CREATE ... AS SELECT).
///
/// # Errors
/// When a property does not belong to the format.
pub fn spec(
    part: Part,
    format: Format,
    properties: &PartProperties,
    inherited: Option<&SerdeSpec>,
) -> Result<SerdeSpec> {
    check_properties(format, properties)?;
    let mut serde = SerdeSpec::new(format);
    if let Some(inherited) = inherited.filter(|inherited| inherited.format == format) {
        inherit(&mut serde, inherited);
    }
    serde.delimiter = properties.delimiter.or(serde.delimiter);
    serde.nullable_representation = properties.nullable.or(serde.nullable_representation);
    if properties.full_name.is_some() {
        serde.full_schema_name.clone_from(&properties.full_name);
    }
    serde.schema_id = properties.schema_id;
    if properties.schema_id.is_some() && !format.uses_registry() {
        let word = part.word();
        let message = format!(
            "{word}_FORMAT should support schema inference when {word}_SCHEMA_ID is provided. Current format is {format}."
        );
        return Err(Error::invalid("schema-id-format", message));
    }
    Ok(serde)
}

/// What a sink takes over from a source of the same format.
fn inherit(serde: &mut SerdeSpec, source: &SerdeSpec) {
    match serde.format {
        Format::Delimited => serde.delimiter = source.delimiter,
        Format::Protobuf => serde.full_schema_name.clone_from(&source.full_schema_name),
        Format::ProtobufNosr => serde.nullable_representation = source.nullable_representation,
        _ => {}
    }
}

fn check_properties(format: Format, properties: &PartProperties) -> Result<()> {
    let mut refused = Vec::new();
    if properties.delimiter.is_some() && format != Format::Delimited {
        refused.push("delimiter");
    }
    if properties.full_name.is_some() && !format.uses_registry() {
        refused.push("fullSchemaName");
    }
    if properties.nullable.is_some() && !matches!(format, Format::Protobuf | Format::ProtobufNosr) {
        refused.push("nullableRepresentation");
    }
    if refused.is_empty() {
        return Ok(());
    }
    let message =
        format!("{format} does not support the following configs: [{}]", refused.join(", "));
    Err(Error::invalid("format-property", message))
}

/// Names the record of AVRO keys after the source, unless it was named.
pub fn name_key_schema(serde: &mut SerdeSpec, source: &str, key: &[Column]) {
    if serde.format == Format::Avro && serde.full_schema_name.is_none() && !key.is_empty() {
        let name = format!("io.confluent.ksql.avro_schemas.{}Key", camel_case(source));
        serde.full_schema_name = Some(name);
    }
}

/// Whether the value's single column is wrapped in a record.
///
/// # Errors
/// When the format can't do what was asked, or there is not exactly one column.
pub fn wrap_single(
    with: &With,
    format: Format,
    columns: usize,
    context: &Context<'_>,
) -> Result<Option<bool>> {
    if let Some(wrap) = with.wrap_single_value {
        let supported = if wrap { serdes::wraps(format) } else { serdes::unwraps(format) };
        if !supported {
            let message =
                format!("Format '{format}' does not support 'WRAP_SINGLE_VALUE' set to '{wrap}'.");
            return Err(Error::invalid("wrap-single", message));
        }
        if columns != 1 {
            let message = "'WRAP_SINGLE_VALUE' is only valid for single-field value schemas";
            return Err(Error::invalid("wrap-single", message));
        }
        return Ok(Some(wrap));
    }
    let configured = context.properties.wrap_single_values();
    let both = serdes::wraps(format) && serdes::unwraps(format);
    Ok(configured.filter(|_| both && columns == 1))
}

/// Checks that the columns of a sink fit a schema fixed by `*_SCHEMA_ID`: they are its first columns.
///
/// # Errors
/// Naming the columns that are not.
pub fn check_registered(
    part: Part,
    topic: &str,
    serde: &SerdeSpec,
    columns: &[Column],
    context: &Context<'_>,
) -> Result<()> {
    let Some(SchemaId(id)) = serde.schema_id else { return Ok(()) };
    let found = context
        .schemas
        .columns(topic, part, serde)
        .map_err(|reason| Error::invalid("schema-lookup", reason))?
        .ok_or_else(|| Error::invalid("schema-lookup", format!("Schema id {id} was not found.")))?;
    let changed: Vec<&Column> = columns
        .iter()
        .enumerate()
        .filter(|(index, column)| found.columns.get(*index) != Some(column))
        .map(|(_, column)| column)
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    let message = format!(
        "The following {} columns are changed, missing or reordered: [{}]. Schema from schema registry is [{}]",
        part.word().to_lowercase(),
        listed(changed.into_iter()),
        listed(found.columns.iter())
    );
    Err(Error::invalid("schema-columns", message))
}

fn listed<'a>(columns: impl Iterator<Item = &'a Column>) -> String {
    let texts: Vec<String> = columns
        .map(|column| format!("{} {}", crate::text::quoted(&column.name), column.ty))
        .collect();
    texts.join(", ")
}
