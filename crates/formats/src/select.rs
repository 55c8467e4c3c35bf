//! Picks the codec of a format: the entry points of this crate.

use std::sync::Arc;

use types::{Column, Format, SchemaId, SerdeSpec, SqlType};

use crate::avro::{self, AvroDecoder, AvroEncoder};
use crate::delimited::{DelimitedDecoder, DelimitedEncoder};
use crate::json::{JsonDecoder, JsonEncoder};
use crate::json_sr;
use crate::kafka::{KafkaDecoder, KafkaEncoder};
use crate::none::{NoneDecoder, NoneEncoder};
use crate::part::{Part, is_unwrapped};
use crate::protobuf::{self, ProtobufDecoder, ProtobufEncoder};
use crate::support::supports;
use crate::{
    Decoder, Encoder, Error, InferredColumns, RegisteredSchema, Result, SchemaStore, SchemaType,
};

/// A decoder of that part of a topic's records into `columns`. The topic's name is for formats that
/// will need it; today's find their writers' schemas by the id in each payload.
///
/// # Errors
/// `Unsupported` when the format can't hold the columns.
pub fn decoder(
    spec: &SerdeSpec,
    columns: &[Column],
    part: Part,
    _topic: &str,
    store: &Arc<dyn SchemaStore>,
) -> Result<Box<dyn Decoder>> {
    supports(spec, columns, part)?;
    let unwrapped = is_unwrapped(spec, columns, part);
    Ok(match spec.format {
        Format::Json => Box::new(JsonDecoder::new(columns, unwrapped, false)),
        Format::JsonSr => Box::new(JsonDecoder::new(columns, unwrapped, true)),
        Format::Avro => Box::new(AvroDecoder::new(columns, unwrapped, store.clone())),
        Format::Delimited => {
            Box::new(DelimitedDecoder::new(columns, spec.delimiter.unwrap_or_default()))
        }
        Format::Kafka => Box::new(KafkaDecoder::new(columns)),
        Format::None => Box::new(NoneDecoder),
        Format::Protobuf => Box::new(ProtobufDecoder::with_registry(columns, store.clone())),
        Format::ProtobufNosr => Box::new(ProtobufDecoder::without_registry(spec, columns)?),
    })
}

/// An encoder of `columns` as that part of `topic`'s records. Formats of the registry register
/// their schema now, unless `spec` fixes one.
///
/// # Errors
/// `Unsupported` when the format can't hold the columns, and the registry's errors.
pub fn encoder(
    spec: &SerdeSpec,
    columns: &[Column],
    part: Part,
    topic: &str,
    store: &Arc<dyn SchemaStore>,
) -> Result<Box<dyn Encoder>> {
    supports(spec, columns, part)?;
    let unwrapped = is_unwrapped(spec, columns, part);
    Ok(match spec.format {
        Format::Json => Box::new(JsonEncoder::new(columns, unwrapped, None)),
        Format::JsonSr => {
            let id = registered_id(spec, columns, part, topic, store)?;
            Box::new(JsonEncoder::new(columns, unwrapped, Some(id)))
        }
        Format::Avro => Box::new(AvroEncoder::try_new(spec, columns, part, topic, store)?),
        Format::Delimited => Box::new(DelimitedEncoder::new(spec.delimiter.unwrap_or_default())),
        Format::Kafka => Box::new(KafkaEncoder),
        Format::None => Box::new(NoneEncoder),
        Format::Protobuf => {
            let id = registered_id(spec, columns, part, topic, store)?;
            Box::new(ProtobufEncoder::with_registry(spec, columns, id, store)?)
        }
        Format::ProtobufNosr => Box::new(ProtobufEncoder::without_registry(spec, columns)?),
    })
}

/// The schema that a source of these columns registers; `None` for formats without registry.
///
/// # Errors
/// `Unsupported` when the format can't hold the columns.
pub fn schema_text(
    spec: &SerdeSpec,
    columns: &[Column],
    part: Part,
) -> Result<Option<(SchemaType, String)>> {
    match spec.format {
        Format::Avro => Ok(Some((SchemaType::Avro, avro::schema_text(spec, columns, part)?))),
        Format::JsonSr => Ok(Some((SchemaType::Json, json_sr::schema_text(spec, columns, part)))),
        Format::Protobuf => Ok(Some((SchemaType::Protobuf, protobuf::schema_text(spec, columns)?))),
        Format::Json | Format::Delimited | Format::Kafka | Format::None | Format::ProtobufNosr => {
            Ok(None)
        }
    }
}

/// The columns a registered schema describes, with names in upper case (spec section 6.4).
/// `full_schema_name` picks one of several records.
///
/// # Errors
/// `InvalidSchema` when SQL types can't express it.
pub fn infer(
    schema: &RegisteredSchema,
    part: Part,
    full_schema_name: Option<&str>,
) -> Result<InferredColumns> {
    let mut inferred = infer_verbatim(schema, part, full_schema_name)?;
    for column in &mut inferred.columns {
        column.name = column.name.to_uppercase();
        upper_fields(&mut column.ty);
    }
    Ok(inferred)
}

/// The columns a registered schema describes, with names as they are there: what a fixed schema id
/// asks for.
///
/// # Errors
/// As [`infer`].
pub fn infer_verbatim(
    schema: &RegisteredSchema,
    part: Part,
    full_schema_name: Option<&str>,
) -> Result<InferredColumns> {
    match schema.schema_type {
        SchemaType::Avro => avro::infer(&schema.text, part, full_schema_name),
        SchemaType::Json => json_sr::infer(&schema.text, part),
        SchemaType::Protobuf => protobuf::infer(&schema.text, full_schema_name),
    }
}

/// The id of the schema to write with: the one that `spec` fixes, else that of the generated
/// schema, which is registered.
fn registered_id(
    spec: &SerdeSpec,
    columns: &[Column],
    part: Part,
    topic: &str,
    store: &Arc<dyn SchemaStore>,
) -> Result<SchemaId> {
    if let Some(id) = spec.schema_id {
        return store.schema(id).map(|schema| schema.id);
    }
    match schema_text(spec, columns, part)? {
        Some((schema_type, text)) => store.register(&part.subject(topic), schema_type, &text),
        None => Err(Error::Unsupported(format!("{} registers no schemas", spec.format))),
    }
}

fn upper_fields(ty: &mut SqlType) {
    match ty {
        SqlType::Array(element) => upper_fields(element),
        SqlType::Map(_, value) => upper_fields(value),
        SqlType::Struct(fields) => {
            for field in fields {
                field.name = field.name.to_uppercase();
                upper_fields(&mut field.ty);
            }
        }
        _ => {}
    }
}
