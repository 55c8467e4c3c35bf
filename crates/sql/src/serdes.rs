//! What formats can hold (spec section 6.1), checked before anything is created.

use types::{Column, Format, SerdeSpec, SqlType};

use crate::context::Part;
use crate::error::{Error, Result};
use crate::text::quoted;

/// Refuses key columns that hold a MAP anywhere.
///
/// # Errors
/// Naming the first one.
pub fn check_key_columns(key: &[Column]) -> Result<()> {
    match key.iter().find(|column| contains_map(&column.ty)) {
        None => Ok(()),
        Some(column) => {
            let message = format!(
                "Map keys, including types that contain maps, are not supported as they may lead to \
                 unexpected behavior due to inconsistent serialization. Key column name: {}. Column \
                 type: {}. See https://github.com/confluentinc/ksql/issues/6621 for more.",
                quoted(&column.name),
                column.ty
            );
            Err(Error::invalid("map-key", message))
        }
    }
}

fn contains_map(ty: &SqlType) -> bool {
    match ty {
        SqlType::Map(..) => true,
        SqlType::Array(element) => contains_map(element),
        SqlType::Struct(fields) => fields.iter().any(|field| contains_map(&field.ty)),
        _ => false,
    }
}

/// Checks that `serde` can hold `columns` as `part` of a record.
///
/// # Errors
/// With the format's reason.
pub fn check(part: Part, serde: &SerdeSpec, columns: &[Column]) -> Result<()> {
    if part == Part::Key {
        check_key_columns(columns)?;
    }
    let Some(reason) = refusal(part, serde.format, columns) else { return Ok(()) };
    let features = match (part, is_unwrapped(part, serde, columns)) {
        (Part::Key, true) => "UNWRAP_SINGLES",
        _ => "",
    };
    let message = format!(
        "{} format does not support schema.\nformat: {}\nschema: Persistence{{columns=[{}], \
         features=[{features}]}}\nreason: {reason}",
        part.title(),
        serde.format,
        listed(part, columns)
    );
    Err(Error::invalid("format-schema", message))
}

fn is_unwrapped(part: Part, serde: &SerdeSpec, columns: &[Column]) -> bool {
    let both = wraps(serde.format) && unwraps(serde.format);
    part == Part::Key && columns.len() == 1 && both
}

/// `` `A` INTEGER KEY, `B` STRING KEY ``.
fn listed(part: Part, columns: &[Column]) -> String {
    let mark = if part == Part::Key { " KEY" } else { "" };
    let texts: Vec<String> = columns
        .iter()
        .map(|column| format!("{} {}{mark}", quoted(&column.name), column.ty))
        .collect();
    texts.join(", ")
}

fn refusal(part: Part, format: Format, columns: &[Column]) -> Option<String> {
    match format {
        Format::None => (!columns.is_empty()).then(|| {
            format!(
                "The 'NONE' format can only be used when no columns are defined. Got: [{}]",
                listed(part, columns)
            )
        }),
        Format::Kafka => kafka_refusal(part, columns),
        Format::Delimited => columns.iter().find_map(delimited_refusal),
        Format::Json | Format::JsonSr => {
            let has = columns.iter().any(|column| has_other_map(&column.ty));
            has.then(|| "JSON only supports MAP types with STRING keys".to_owned())
        }
        Format::Avro => avro_refusal(columns),
        Format::Protobuf | Format::ProtobufNosr => {
            let has = columns.iter().any(|column| has_other_map(&column.ty));
            has.then(|| "PROTOBUF format only supports MAP types with STRING keys".to_owned())
        }
    }
}

fn kafka_refusal(part: Part, columns: &[Column]) -> Option<String> {
    if columns.len() > 1 {
        let listed = listed(part, columns);
        return Some(format!("The 'KAFKA' format only supports a single field. Got: [{listed}]"));
    }
    let column = columns.first()?;
    let fits = matches!(
        column.ty,
        SqlType::Integer | SqlType::Bigint | SqlType::Double | SqlType::String | SqlType::Bytes
    );
    (!fits).then(|| format!("The 'KAFKA' format does not support type '{}'", column.ty.base_name()))
}

fn delimited_refusal(column: &Column) -> Option<String> {
    let nested = matches!(column.ty, SqlType::Array(_) | SqlType::Map(..) | SqlType::Struct(_));
    nested.then(|| {
        format!(
            "The 'DELIMITED' format does not support type '{}', column: {}",
            column.ty.base_name(),
            quoted(&column.name)
        )
    })
}

fn avro_refusal(columns: &[Column]) -> Option<String> {
    if columns.iter().any(|column| has_other_map(&column.ty)) {
        return Some("Avro only supports MAPs with STRING keys".to_owned());
    }
    let bad = columns.iter().find(|column| {
        column.name.starts_with(|first: char| !first.is_ascii_alphabetic() && first != '_')
    })?;
    Some(format!("Schema is not compatible with Avro: Illegal initial character: {}", bad.name))
}

/// Whether a MAP with keys other than STRING is anywhere in `ty`.
fn has_other_map(ty: &SqlType) -> bool {
    match ty {
        SqlType::Map(key, value) => **key != SqlType::String || has_other_map(value),
        SqlType::Array(element) => has_other_map(element),
        SqlType::Struct(fields) => fields.iter().any(|field| has_other_map(&field.ty)),
        _ => false,
    }
}

/// Whether a single column can be written inside a record.
pub fn wraps(format: Format) -> bool {
    !matches!(format, Format::None | Format::Kafka | Format::Delimited)
}

/// Whether a single column can be written bare.
pub fn unwraps(format: Format) -> bool {
    !matches!(format, Format::None | Format::Protobuf)
}
