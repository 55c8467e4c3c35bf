//! How a record's JSON in a test file becomes bytes of its topic, and back (spec section 10.8).

use std::sync::Arc;

use formats::{Part, SchemaStore, SchemaType};
use serde_json::Value as Json;
use types::{Column, Format, SerdeSpec, SqlType, WindowKind};

use super::actual::Actual;
use super::avro::AvroSerde;
use super::case::Window;
use super::json_schema::JsonSchemaSerde;
use super::protobuf::ProtobufSerde;
use super::stub::StubRecord;

/// First byte of a payload that carries a schema id.
const MAGIC: u8 = 0;
/// Magic byte and schema id.
const HEADER_BYTES: usize = 5;

/// How keys and values of one topic are read and written.
#[derive(Clone, Debug)]
pub struct TopicSerde {
    /// The key's side.
    pub key: PartSerde,
    /// The value's side.
    pub value: PartSerde,
    /// How keys carry windows.
    pub window: Option<WindowKind>,
}

/// One side of a topic.
#[derive(Clone, Debug)]
pub struct PartSerde {
    /// The format and its properties.
    pub spec: SerdeSpec,
    /// The columns of that side, as the source over the topic has them.
    pub columns: Vec<Column>,
    /// Which side.
    pub part: Part,
    /// `<topic>-key` or `<topic>-value`.
    pub subject: String,
}

/// The registry and the case's settings.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Schemas by id and subject.
    pub schemas: Arc<dyn SchemaStore>,
    /// Whether JSON numbers are read exactly (`use.exact.numeric.comparison`).
    pub exact_numbers: bool,
}

impl PartSerde {
    /// The payload for `json`; `None` for null.
    ///
    /// # Errors
    /// When the JSON does not fit the format, or the format is not supported yet.
    pub fn produce(&self, json: &Json, env: &Environment) -> Result<Option<Vec<u8>>, String> {
        if json.is_null() {
            return Ok(None);
        }
        match self.spec.format {
            Format::None => Ok(None),
            Format::Json => Ok(Some(json.to_string().into_bytes())),
            Format::Delimited => Ok(Some(super::case::plain(json).into_bytes())),
            Format::Kafka => kafka_bytes(self.columns.first().map(|c| &c.ty), json).map(Some),
            Format::Avro | Format::JsonSr | Format::Protobuf => {
                self.produce_registered(json, env).map(Some)
            }
            Format::ProtobufNosr => {
                let serde = self.generated_protobuf()?;
                serde.encode(json, self.spec.full_schema_name.as_deref()).map(Some)
            }
        }
    }

    /// The payload in the newest schema registered for the topic.
    fn produce_registered(&self, json: &Json, env: &Environment) -> Result<Vec<u8>, String> {
        let schema = match self.spec.schema_id {
            Some(id) => Some(env.schemas.schema(id).map_err(|error| error.to_string())?),
            None => env.schemas.latest(&self.subject).map_err(|error| error.to_string())?,
        };
        let schema = schema.ok_or_else(|| format!("no schema for subject {}", self.subject))?;
        let mut payload = vec![MAGIC];
        payload.extend(schema.id.0.to_be_bytes());
        match schema.schema_type {
            SchemaType::Avro => payload.extend(AvroSerde::try_new(&schema.text)?.encode(json)?),
            SchemaType::Json => {
                payload.extend(JsonSchemaSerde::try_new(&schema, self.part)?.encode(json)?);
            }
            SchemaType::Protobuf => {
                let serde = ProtobufSerde::try_new(&schema.text)?;
                let name = self.spec.full_schema_name.as_deref();
                payload.extend(serde.indexes(name)?);
                payload.extend(serde.encode(json, name)?);
            }
        }
        Ok(payload)
    }

    /// The message that the source's columns make, where no registry holds a schema.
    fn generated_protobuf(&self) -> Result<ProtobufSerde, String> {
        let spec = SerdeSpec { format: Format::Protobuf, ..self.spec.clone() };
        let text = formats::schema_text(&spec, &self.columns, self.part);
        let text = text.map_err(|error| error.to_string())?;
        ProtobufSerde::try_new(&text.map(|(_, text)| text).unwrap_or_default())
    }

    /// What a payload holds.
    ///
    /// # Errors
    /// When the bytes are not of the format, or the format is not supported yet.
    pub fn read(&self, payload: Option<&[u8]>, env: &Environment) -> Result<Actual, String> {
        let Some(bytes) = payload else { return Ok(Actual::Null) };
        match self.spec.format {
            Format::None => Ok(Actual::Null),
            Format::Json => {
                let json: Json =
                    serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
                Ok(Actual::from_json(&json, env.exact_numbers))
            }
            Format::Delimited => text(bytes).map(Actual::String),
            Format::Kafka => kafka_actual(self.columns.first().map(|c| &c.ty), bytes),
            Format::Avro | Format::JsonSr | Format::Protobuf => self.read_registered(bytes, env),
            Format::ProtobufNosr => self.generated_protobuf()?.decode(bytes),
        }
    }

    /// What a payload in the schema of its own header holds.
    fn read_registered(&self, bytes: &[u8], env: &Environment) -> Result<Actual, String> {
        let (header, body) =
            bytes.split_at_checked(HEADER_BYTES).ok_or("shorter than magic byte and schema id")?;
        let id = header[1..].try_into().map(i32::from_be_bytes).map_err(|_| "no schema id")?;
        let schema = env.schemas.schema(types::SchemaId(id)).map_err(|error| error.to_string())?;
        match schema.schema_type {
            SchemaType::Avro => AvroSerde::try_new(&schema.text)?.decode(body),
            SchemaType::Json => JsonSchemaSerde::try_new(&schema, self.part)?.decode(body),
            SchemaType::Protobuf => ProtobufSerde::try_new(&schema.text)?.decode_indexed(body),
        }
    }
}

fn text(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string())
}

fn kafka_bytes(ty: Option<&SqlType>, json: &Json) -> Result<Vec<u8>, String> {
    let misfit = || format!("{json} does not fit the KAFKA format's {ty:?}");
    let number = || json.as_i64().or_else(|| super::case::plain(json).parse().ok());
    match ty {
        Some(SqlType::Integer) => {
            let value = number().and_then(|v| i32::try_from(v).ok()).ok_or_else(misfit)?;
            Ok(value.to_be_bytes().to_vec())
        }
        Some(SqlType::Bigint) => Ok(number().ok_or_else(misfit)?.to_be_bytes().to_vec()),
        Some(SqlType::Double) => Ok(json.as_f64().ok_or_else(misfit)?.to_be_bytes().to_vec()),
        _ => Ok(super::case::plain(json).into_bytes()),
    }
}

fn kafka_actual(ty: Option<&SqlType>, bytes: &[u8]) -> Result<Actual, String> {
    let misfit = |_| format!("{} bytes are no {ty:?} of the KAFKA format", bytes.len());
    match ty {
        Some(SqlType::Integer) => {
            Ok(Actual::Int(i32::from_be_bytes(bytes.try_into().map_err(misfit)?)))
        }
        Some(SqlType::Bigint) => {
            let value = i64::from_be_bytes(bytes.try_into().map_err(misfit)?);
            Ok(i32::try_from(value).map_or(Actual::Long(value), Actual::Int))
        }
        Some(SqlType::Double) => {
            let value = f64::from_be_bytes(bytes.try_into().map_err(misfit)?);
            let shown = Json::from(value).to_string();
            Ok(shown.parse().map_or(Actual::Double(value), Actual::Decimal))
        }
        _ => text(bytes).map(Actual::String),
    }
}

/// The records of a batch.
///
/// # Errors
/// When the batch is damaged.
pub fn records_of(batch: &bytes::Bytes) -> Result<Vec<StubRecord>, String> {
    let mut stored = Vec::new();
    for batch in records::Batches::new(batch) {
        let records = batch.and_then(|b| b.records()).map_err(|error| error.to_string())?;
        stored.extend(records.iter().map(|record| StubRecord {
            key: record.key.map(bytes::Bytes::copy_from_slice),
            value: record.value.map(bytes::Bytes::copy_from_slice),
            timestamp_ms: record.timestamp_ms,
            headers: Vec::new(),
        }));
    }
    Ok(stored)
}

/// `key` with its window behind it (spec section 4.2).
///
/// # Errors
/// When a session has no end, or the window's type is unknown.
pub fn with_window(mut key: Vec<u8>, window: &Window) -> Result<Vec<u8>, String> {
    match window.kind.to_lowercase().as_str() {
        "time" => key.extend(window.start.to_be_bytes()),
        "session" => {
            let end = window.end.ok_or("a session window needs an end")?;
            key.extend(end.to_be_bytes());
            key.extend(window.start.to_be_bytes());
        }
        other => return Err(format!("unknown window type {other}")),
    }
    Ok(key)
}

/// A key's bytes without the window, and the window.
///
/// # Errors
/// When the key is too short to hold a window.
pub fn without_window(key: &[u8], kind: WindowKind) -> Result<(&[u8], Window), String> {
    let longs = if kind == WindowKind::Session { 2 } else { 1 };
    let at = key.len().checked_sub(longs * 8).ok_or("a windowed key is too short")?;
    let (inner, suffix) = key.split_at(at);
    let mut values = suffix.as_chunks::<8>().0.iter().map(|chunk| i64::from_be_bytes(*chunk));
    let mut next = || values.next().ok_or("a windowed key is too short");
    let window = match kind {
        WindowKind::Session => {
            let end = next()?;
            Window { start: next()?, end: Some(end), kind: "session".to_owned() }
        }
        WindowKind::Tumbling { size_ms } | WindowKind::Hopping { size_ms } => {
            let start = next()?;
            Window { start, end: Some(start.saturating_add(size_ms)), kind: "time".to_owned() }
        }
    };
    Ok((inner, window))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_survive_the_key() {
        let session = Window { start: 5, end: Some(9), kind: "session".to_owned() };
        let key = with_window(b"k".to_vec(), &session).expect("a window");
        assert_eq!(without_window(&key, WindowKind::Session), Ok((&b"k"[..], session)));
        let time = Window { start: 10, end: Some(30), kind: "time".to_owned() };
        let key = with_window(b"k".to_vec(), &time).expect("a window");
        let read = without_window(&key, WindowKind::Tumbling { size_ms: 20 });
        assert_eq!(read, Ok((&b"k"[..], time)));
    }

    #[test]
    fn kafka_numbers_are_big_endian() {
        let bytes = kafka_bytes(Some(&SqlType::Integer), &Json::from(258)).expect("fits");
        assert_eq!(bytes, [0, 0, 1, 2]);
        assert_eq!(kafka_actual(Some(&SqlType::Integer), &bytes), Ok(Actual::Int(258)));
        assert!(kafka_bytes(Some(&SqlType::Integer), &Json::from(1_i64 << 40)).is_err());
    }
}
