//! The formats that PRINT tells apart, each with its test and its text.

use super::avro::AvroReader;

/// Milliseconds that a window's start plausibly has: the years 1990 to 2100.
const WINDOW_STARTS: std::ops::Range<i64> = 631_152_000_000..4_102_444_800_000;

/// A format, in the order in which they are preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Candidate {
    /// Confluent's frame with an AVRO schema.
    Avro,
    /// JSON text.
    Json,
    /// Four bytes.
    KafkaInt,
    /// Eight bytes.
    KafkaBigint,
    /// Eight bytes.
    KafkaDouble,
    /// UTF-8 text.
    KafkaString,
    /// Text before a window's start and end.
    SessionString,
    /// Text before a window's start.
    TimeWindowedString,
    /// Anything.
    KafkaBytes,
}

impl Candidate {
    /// All of them, in order.
    pub const ALL: [Self; 9] = [
        Self::Avro,
        Self::Json,
        Self::KafkaInt,
        Self::KafkaBigint,
        Self::KafkaDouble,
        Self::KafkaString,
        Self::SessionString,
        Self::TimeWindowedString,
        Self::KafkaBytes,
    ];

    /// ksqlDB's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avro => "AVRO",
            Self::Json => "JSON",
            Self::KafkaInt => "KAFKA_INT",
            Self::KafkaBigint => "KAFKA_BIGINT",
            Self::KafkaDouble => "KAFKA_DOUBLE",
            Self::KafkaString => "KAFKA_STRING",
            Self::SessionString => "SESSION(KAFKA_STRING)",
            Self::TimeWindowedString => "TUMBLING(KAFKA_STRING) or HOPPING(KAFKA_STRING)",
            Self::KafkaBytes => "KAFKA_BYTES",
        }
    }

    /// The text of `payload` in this format; `None` when it isn't in it.
    pub fn text(self, payload: &[u8], avro: &mut AvroReader) -> Option<String> {
        match self {
            Self::Avro => avro.text(payload),
            Self::Json => json(payload),
            Self::KafkaInt => number(payload).map(|bytes| i32::from_be_bytes(bytes).to_string()),
            Self::KafkaBigint => number(payload).map(|bytes| i64::from_be_bytes(bytes).to_string()),
            Self::KafkaDouble => number(payload).map(|bytes| f64::from_be_bytes(bytes).to_string()),
            Self::KafkaString => string(payload).map(str::to_owned),
            Self::SessionString => session(payload),
            Self::TimeWindowedString => time_windowed(payload),
            Self::KafkaBytes => Some(hex(payload)),
        }
    }
}

fn json(payload: &[u8]) -> Option<String> {
    serde_json::from_slice::<serde::de::IgnoredAny>(payload).ok()?;
    string(payload).map(|text| text.trim().to_owned())
}

fn number<const N: usize>(payload: &[u8]) -> Option<[u8; N]> {
    payload.try_into().ok()
}

/// Text without control characters other than white space.
fn string(payload: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(payload).ok()?;
    let is_plain = |c: char| !c.is_control() || c.is_whitespace();
    text.chars().all(is_plain).then_some(text)
}

fn session(payload: &[u8]) -> Option<String> {
    let (rest, start_ms) = window_time(payload)?;
    let (key, end_ms) = window_time(rest)?;
    (start_ms <= end_ms).then_some(())?;
    string(key).map(|key| format!("[{key}@{start_ms}/{end_ms}]"))
}

fn time_windowed(payload: &[u8]) -> Option<String> {
    let (key, start_ms) = window_time(payload)?;
    string(key).map(|key| format!("[{key}@{start_ms}/-]"))
}

/// Cuts a plausible time off the end.
fn window_time(payload: &[u8]) -> Option<(&[u8], i64)> {
    let (rest, time) = payload.split_last_chunk::<8>()?;
    let time_ms = i64::from_be_bytes(*time);
    WINDOW_STARTS.contains(&time_ms).then_some((rest, time_ms))
}

fn hex(payload: &[u8]) -> String {
    payload.iter().map(|byte| format!("{byte:02x}")).collect()
}
