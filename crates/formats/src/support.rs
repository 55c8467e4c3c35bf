//! Which columns a format can hold (spec section 6.1), with ksqlDB's messages.

use types::{Column, Format, SerdeSpec, SqlType};

use crate::avro;
use crate::part::{Part, is_unwrapped};
use crate::protobuf;
use crate::{Error, Result};

/// Whether `spec` can write and read these columns as that part of a record.
///
/// # Errors
/// `Unsupported` with the reason for the user.
pub fn supports(spec: &SerdeSpec, columns: &[Column], part: Part) -> Result<()> {
    if part == Part::Key {
        columns.iter().try_for_each(refuse_map_key)?;
    }
    check_properties(spec, columns, part)?;
    let reason = match check_format(spec, columns, part) {
        Ok(()) => return Ok(()),
        Err(reason) => reason,
    };
    let name = match part {
        Part::Key => "Key",
        Part::Value => "Value",
    };
    let schema = persistence(spec, columns, part);
    Err(Error::Unsupported(format!(
        "{name} format does not support schema.\nformat: {}\nschema: {schema}\nreason: {reason}",
        spec.format
    )))
}

fn refuse_map_key(column: &Column) -> Result<()> {
    if !holds(&column.ty, &|ty| matches!(ty, SqlType::Map(..))) {
        return Ok(());
    }
    Err(Error::Unsupported(format!(
        "Map keys, including types that contain maps, are not supported as they may lead to \
         unexpected behavior due to inconsistent serialization. Key column name: `{}`. \
         Column type: {}. See https://github.com/confluentinc/ksql/issues/6621 for more.",
        column.name, column.ty
    )))
}

/// Whether `ty` or a type within it is `wanted`.
fn holds(ty: &SqlType, wanted: &dyn Fn(&SqlType) -> bool) -> bool {
    wanted(ty)
        || match ty {
            SqlType::Array(element) => holds(element, wanted),
            SqlType::Map(key, value) => holds(key, wanted) || holds(value, wanted),
            SqlType::Struct(fields) => fields.iter().any(|field| holds(&field.ty, wanted)),
            _ => false,
        }
}

/// Properties that this format does not know, or not with so many columns.
fn check_properties(spec: &SerdeSpec, columns: &[Column], part: Part) -> Result<()> {
    let format = spec.format;
    let refuse = |config: &str| {
        Err(Error::Unsupported(format!(
            "{format} does not support the following configs: [{config}]"
        )))
    };
    if spec.delimiter.is_some() && format != Format::Delimited {
        return refuse("delimiter");
    }
    if spec.full_schema_name.is_some() && !format.uses_registry() {
        return refuse("fullSchemaName");
    }
    if spec.schema_id.is_some() && !format.uses_registry() {
        return refuse("schemaId");
    }
    if spec.nullable_representation.is_some()
        && !matches!(format, Format::Protobuf | Format::ProtobufNosr)
    {
        return refuse("nullableRepresentation");
    }
    match spec.wrap_single {
        Some(_) if part == Part::Value && columns.len() > 1 => Err(Error::Unsupported(
            "'WRAP_SINGLE_VALUE' is only valid for single-field value schemas".to_owned(),
        )),
        Some(wrap) if !can_wrap(format, wrap) => Err(Error::Unsupported(format!(
            "Format '{format}' does not support 'WRAP_SINGLE_VALUE' set to '{wrap}'."
        ))),
        _ => Ok(()),
    }
}

fn can_wrap(format: Format, wrap: bool) -> bool {
    match format {
        Format::Kafka | Format::Delimited => !wrap,
        Format::Protobuf => wrap,
        Format::None => false,
        Format::Json | Format::JsonSr | Format::Avro | Format::ProtobufNosr => true,
    }
}

fn check_format(
    spec: &SerdeSpec,
    columns: &[Column],
    part: Part,
) -> std::result::Result<(), String> {
    match spec.format {
        Format::None if columns.is_empty() => Ok(()),
        Format::None => Err(format!(
            "The 'NONE' format can only be used when no columns are defined. Got: [{}]",
            column_list(columns, part)
        )),
        Format::Kafka if columns.len() > 1 => Err(format!(
            "The 'KAFKA' format only supports a single field. Got: [{}]",
            column_list(columns, part)
        )),
        Format::Kafka => each(columns, "KAFKA", is_kafka_type),
        Format::Delimited => each(columns, "DELIMITED", is_scalar),
        Format::Json | Format::JsonSr => {
            string_map_keys(columns, "JSON only supports MAP types with STRING keys")
        }
        Format::Avro => {
            string_map_keys(columns, "Avro only supports MAPs with STRING keys")?;
            avro::check_names(columns, is_unwrapped(spec, columns, part))
        }
        Format::Protobuf | Format::ProtobufNosr => {
            string_map_keys(columns, "PROTOBUF format only supports MAP types with STRING keys")?;
            protobuf::schema_text(spec, columns).map(drop).map_err(|error| error.to_string())
        }
    }
}

fn each(
    columns: &[Column],
    format: &str,
    fits: fn(&SqlType) -> bool,
) -> std::result::Result<(), String> {
    match columns.iter().find(|column| !fits(&column.ty)) {
        None => Ok(()),
        Some(column) => Err(format!(
            "The '{format}' format does not support type '{}', column: `{}`",
            column.ty.base_name(),
            column.name
        )),
    }
}

fn is_kafka_type(ty: &SqlType) -> bool {
    use SqlType::{Bigint, Bytes, Double, Integer, String};
    matches!(ty, Integer | Bigint | Double | String | Bytes)
}

fn is_scalar(ty: &SqlType) -> bool {
    !matches!(ty, SqlType::Array(_) | SqlType::Map(..) | SqlType::Struct(_))
}

fn string_map_keys(columns: &[Column], message: &str) -> std::result::Result<(), String> {
    let other_key = |ty: &SqlType| matches!(ty, SqlType::Map(key, _) if **key != SqlType::String);
    match columns.iter().any(|column| holds(&column.ty, &other_key)) {
        true => Err(message.to_owned()),
        false => Ok(()),
    }
}

fn column_list(columns: &[Column], part: Part) -> String {
    let mark = if part == Part::Key { " KEY" } else { "" };
    let texts: Vec<String> =
        columns.iter().map(|column| format!("`{}` {}{mark}", column.name, column.ty)).collect();
    texts.join(", ")
}

/// The schema with its wrapping, as messages show it.
fn persistence(spec: &SerdeSpec, columns: &[Column], part: Part) -> String {
    let features = match spec.wrap_single {
        _ if columns.len() != 1
            || !can_wrap(spec.format, true)
            || !can_wrap(spec.format, false) =>
        {
            ""
        }
        Some(true) => "WRAP_SINGLES",
        _ if is_unwrapped(spec, columns, part) => "UNWRAP_SINGLES",
        _ => "",
    };
    format!("Persistence{{columns=[{}], features=[{features}]}}", column_list(columns, part))
}
