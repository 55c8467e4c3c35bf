//! The input of a comparison: orders of 100,000 customers, as payloads and as record batches.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, StringArray};
use bytes::Bytes;
use formats::{MemorySchemaStore, Part, SchemaStore, SchemaType, encoder};
use records::{Builder, Compression};
use types::seams::Clock as _;
use types::seams::system::SystemClock;
use types::{Column, Format, SerdeSpec, SqlType};

use crate::outcome::Result;

/// Records of an input.
const RECORDS: usize = 1_000_000;
/// Customers, which are the keys.
const KEYS: u64 = 100_000;
/// Records in a batch: about half of what a topic takes by default.
const BATCH_RECORDS: usize = 4_096;
/// Span of the records' timestamps: three or four windows of an hour.
const SPAN_MS: i64 = 3 * 60 * 60 * 1000;
const CITIES: [&str; 5] = ["Berlin", "Lisbon", "Oslo", "San Francisco", "Tokyo"];

/// Format of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// JSON objects.
    Json,
    /// Avro records behind a schema id.
    Avro,
}

impl Encoding {
    /// As SQL names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Avro => "AVRO",
        }
    }

    /// What its decoding is held against.
    pub fn reader(self) -> &'static str {
        match self {
            Self::Json => "arrow-json",
            Self::Avro => "arrow-avro",
        }
    }
}

/// Payloads and what is needed to read them.
pub struct Input {
    /// The format.
    pub encoding: Encoding,
    /// Where AVRO's schema is registered.
    pub schemas: Arc<dyn SchemaStore>,
    /// All values, one after another; JSON with a newline behind each.
    pub stream: Vec<u8>,
    /// Where each value ends in `stream`, its newline left out.
    ends: Vec<usize>,
}

impl Input {
    /// Makes the payloads.
    pub fn new(encoding: Encoding) -> Result<Self> {
        let schemas: Arc<dyn SchemaStore> = Arc::new(MemorySchemaStore::new());
        let (stream, ends) = (Vec::new(), Vec::new());
        let mut input = Self { encoding, schemas, stream, ends };
        match encoding {
            Encoding::Json => (0..RECORDS).for_each(|row| input.push_json(row)),
            Encoding::Avro => input.push_avro()?,
        }
        Ok(input)
    }

    /// Number of records.
    pub fn records(&self) -> usize {
        self.ends.len()
    }

    /// The columns of a value, named as in the payload.
    pub fn columns() -> Vec<Column> {
        vec![
            Column::new("id", SqlType::Bigint),
            Column::new("name", SqlType::String),
            Column::new("amount", SqlType::Double),
            Column::new("city", SqlType::String),
        ]
    }

    /// The record batches of the topic.
    pub fn batches(&self) -> Vec<Bytes> {
        let newest_ms = SystemClock::new().now_ms();
        let mut batches = Vec::new();
        let mut builder = Builder::new(Compression::None);
        for row in 0..self.records() {
            let age_ms = SPAN_MS * (self.records() - row) as i64 / self.records() as i64;
            let key = customer(row).to_be_bytes();
            builder.append(newest_ms - age_ms, Some(&key), Some(self.payload(row)), &[]);
            if builder.len() == BATCH_RECORDS || row + 1 == self.records() {
                let full = std::mem::replace(&mut builder, Builder::new(Compression::None));
                batches.push(full.build());
            }
        }
        batches
    }

    /// The text of AVRO's schema and its id.
    pub fn avro_schema(&self) -> Result<(String, u32)> {
        let latest = self.schemas.latest("orders-value")?.ok_or("the schema is registered")?;
        Ok((latest.text.to_string(), u32::try_from(latest.id.0)?))
    }

    fn payload(&self, row: usize) -> &[u8] {
        let separator = usize::from(self.encoding == Encoding::Json);
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before] + separator);
        &self.stream[start..self.ends[row]]
    }

    fn push_json(&mut self, row: usize) {
        let line = format!(
            r#"{{"id":{row},"name":"{}","amount":{},"city":"{}"}}"#,
            name(row),
            amount(row),
            city(row)
        );
        self.stream.extend_from_slice(line.as_bytes());
        self.ends.push(self.stream.len());
        self.stream.push(b'\n');
    }

    fn push_avro(&mut self) -> Result<()> {
        let names = Self::columns();
        let types = ["long", "string", "double", "string"];
        let field = |(column, ty): (&Column, &str)| {
            format!(r#"{{"name":"{}","type":["null","{ty}"],"default":null}}"#, column.name)
        };
        let fields: Vec<String> = names.iter().zip(types).map(field).collect();
        let text = format!(r#"{{"type":"record","name":"Order","fields":[{}]}}"#, fields.join(","));
        self.schemas.register("orders-value", SchemaType::Avro, &text)?;
        let spec = SerdeSpec::new(Format::Avro);
        let mut encoder = encoder(&spec, &names, Part::Value, "orders", &self.schemas)?;
        for start in (0..RECORDS).step_by(BATCH_RECORDS) {
            let rows = start..(start + BATCH_RECORDS).min(RECORDS);
            let columns: Vec<ArrayRef> = vec![
                Arc::new(rows.clone().map(|row| row as i64).collect::<Int64Array>()),
                Arc::new(rows.clone().map(|row| Some(name(row))).collect::<StringArray>()),
                Arc::new(rows.clone().map(amount).collect::<Float64Array>()),
                Arc::new(rows.map(|row| Some(city(row))).collect::<StringArray>()),
            ];
            let payloads = encoder.encode(&columns, None)?;
            for payload in payloads.iter().flatten() {
                self.stream.extend_from_slice(payload);
                self.ends.push(self.stream.len());
            }
        }
        Ok(())
    }
}

fn customer(row: usize) -> i64 {
    // Fibonacci hashing spreads the rows evenly over the keys, in no order.
    (((row as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % KEYS) as i64
}

fn name(row: usize) -> String {
    format!("customer number {}", customer(row))
}

/// 0.5 to 999.5, evenly, so that about half of the rows pass the filter.
fn amount(row: usize) -> f64 {
    ((row * 7919) % 1000) as f64 + 0.5
}

fn city(row: usize) -> &'static str {
    CITIES[row % CITIES.len()]
}
