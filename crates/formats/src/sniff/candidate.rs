//! Formats that a payload can be of without asking a registry.

use jiter::Jiter;
use types::{WindowKind, text};

use crate::windowed::{self, WindowBounds};

/// Windows begin and end between 1970 and 2109: text read as a number lies far beyond.
const WINDOW_MS_MAX: i64 = 1 << 42;

/// A format that payloads may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// Confluent framing with an Avro schema.
    Avro,
    /// Confluent framing with a Protobuf schema.
    Protobuf,
    /// Confluent framing with a JSON Schema.
    JsonSr,
    /// A JSON document.
    Json,
    /// One of Kafka's primitives.
    Plain(Primitive),
    /// A key of a session window.
    Session(Primitive),
    /// A key of a tumbling window.
    Tumbling(Primitive),
    /// A key of a hopping window.
    Hopping(Primitive),
}

/// Kafka's primitives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Primitive {
    /// Four bytes.
    Int,
    /// Eight bytes.
    Bigint,
    /// Eight bytes.
    Double,
    /// UTF-8.
    String,
}

impl Candidate {
    /// All candidates, the most telling first.
    pub const ALL: [Self; 17] = [
        Self::Avro,
        Self::Protobuf,
        Self::JsonSr,
        Self::Json,
        Self::Session(Primitive::Bigint),
        Self::Session(Primitive::Int),
        Self::Session(Primitive::String),
        Self::Tumbling(Primitive::Bigint),
        Self::Tumbling(Primitive::Int),
        Self::Tumbling(Primitive::String),
        Self::Hopping(Primitive::Bigint),
        Self::Hopping(Primitive::Int),
        Self::Hopping(Primitive::String),
        Self::Plain(Primitive::Int),
        Self::Plain(Primitive::Bigint),
        Self::Plain(Primitive::Double),
        Self::Plain(Primitive::String),
    ];

    /// The name in the guess.
    pub fn name(self) -> String {
        match self {
            Self::Avro => "AVRO".to_owned(),
            Self::Protobuf => "PROTOBUF".to_owned(),
            Self::JsonSr => "JSON_SR".to_owned(),
            Self::Json => "JSON".to_owned(),
            Self::Plain(primitive) => primitive.name().to_owned(),
            Self::Session(primitive) => format!("SESSION({})", primitive.name()),
            Self::Tumbling(primitive) => format!("TUMBLING({})", primitive.name()),
            Self::Hopping(primitive) => format!("HOPPING({})", primitive.name()),
        }
    }

    /// The payload as text; `None` when it is not of this format, or of one of the registry's.
    pub fn show(self, payload: &[u8]) -> Option<String> {
        match self {
            Self::Avro | Self::Protobuf | Self::JsonSr => None,
            Self::Json => json(payload),
            Self::Plain(primitive) => primitive.show(payload),
            Self::Session(primitive) => windowed(WindowKind::Session, primitive, payload),
            // The size is not in the key, and only needed for the end, which is not shown.
            Self::Tumbling(primitive) => {
                windowed(WindowKind::Tumbling { size_ms: 0 }, primitive, payload)
            }
            Self::Hopping(primitive) => {
                windowed(WindowKind::Hopping { size_ms: 0 }, primitive, payload)
            }
        }
    }
}

impl Primitive {
    fn name(self) -> &'static str {
        match self {
            Self::Int => "KAFKA_INT",
            Self::Bigint => "KAFKA_BIGINT",
            Self::Double => "KAFKA_DOUBLE",
            Self::String => "KAFKA_STRING",
        }
    }

    fn show(self, payload: &[u8]) -> Option<String> {
        match self {
            Self::Int => payload.try_into().ok().map(|b| i32::from_be_bytes(b).to_string()),
            Self::Bigint => payload.try_into().ok().map(|b| i64::from_be_bytes(b).to_string()),
            Self::Double => {
                payload.try_into().ok().map(|b| text::double_text(f64::from_be_bytes(b)))
            }
            Self::String => std::str::from_utf8(payload).ok().map(str::to_owned),
        }
    }
}

/// A whole JSON document, as it is written.
fn json(payload: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(payload).ok()?;
    let mut json = Jiter::new(payload);
    json.next_skip().ok()?;
    json.finish().ok()?;
    Some(text.to_owned())
}

fn windowed(kind: WindowKind, primitive: Primitive, payload: &[u8]) -> Option<String> {
    let (key, WindowBounds { start_ms, end_ms }) = windowed::split(kind, payload)?;
    let plausible = |ms| (0..WINDOW_MS_MAX).contains(&ms);
    if !plausible(start_ms) || !plausible(end_ms) || start_ms > end_ms {
        return None;
    }
    let key = primitive.show(key)?;
    match kind {
        WindowKind::Session => Some(format!("[{key}@{start_ms}/{end_ms}]")),
        _ => Some(format!("[{key}@{start_ms}/-]")),
    }
}
