//! Compiles a writer's schema for the declared columns: what to do with each encoded value.
//!
//! The rules are those of ksqlDB's translation by way of Connect: fields by name (exact, else their
//! upper-cased name), missing ones NULL, integers and floats widened, any scalar as STRING.

use std::sync::Arc;

use types::{Column, Field, SqlType};

use super::reader::{EntryStep, Reader, RecordReader, Step};
use crate::avro_schema::{Document, Enum, Kind, Record, Schema};
use crate::json::is_upper_of;

/// A reader of `document`'s payloads for `columns`.
pub fn compile(document: Document, columns: &[Column], unwrapped: bool) -> Reader {
    let document = Arc::new(document);
    let resolver = Resolver { document: &document };
    match columns {
        [only] if unwrapped => resolver.value(&document.root, &only.ty),
        columns => {
            let fields: Vec<Field> =
                columns.iter().map(|column| Field::new(&column.name, column.ty.clone())).collect();
            resolver.value(&document.root, &SqlType::Struct(fields))
        }
    }
}

struct Resolver<'a> {
    document: &'a Arc<Document>,
}

impl Resolver<'_> {
    fn value(&self, schema: &Schema, ty: &SqlType) -> Reader {
        let schema = self.document.resolve(schema);
        match (&schema.kind, ty) {
            (Kind::Null, _) => Reader::Null,
            (Kind::Union(branches), _) => {
                Reader::Union(branches.iter().map(|branch| self.value(branch, ty)).collect())
            }
            (Kind::Array(items), SqlType::Array(element)) => {
                Reader::Array(Box::new(self.value(items, element)))
            }
            (Kind::Array(items), SqlType::Map(key, value)) => self.entries(items, key, value),
            (Kind::Map(values), SqlType::Map(_, value)) => {
                Reader::Map(Box::new(self.value(values, value)))
            }
            (Kind::Record(record), SqlType::Struct(fields)) => {
                Reader::Record(self.record(record, fields))
            }
            _ => scalar(schema, ty).unwrap_or_else(|| mismatch(schema, ty)),
        }
    }

    fn record(&self, record: &Record, fields: &[Field]) -> RecordReader {
        let source = |field: &Field| {
            let exact = record.fields.iter().position(|f| f.name == field.name);
            exact.or_else(|| record.fields.iter().rposition(|f| is_upper_of(&field.name, &f.name)))
        };
        let sources: Vec<Option<usize>> = fields.iter().map(source).collect();
        let step = |(position, written): (usize, &crate::avro_schema::Field)| {
            let members: Vec<(usize, Reader)> = (0..fields.len())
                .filter(|member| sources[*member] == Some(position))
                .map(|member| (member, self.value(&written.schema, &fields[member].ty)))
                .collect();
            Step { name: written.name.as_str().into(), members, schema: written.schema.clone() }
        };
        let steps = record.fields.iter().enumerate().map(step).collect();
        let missing = (0..fields.len()).filter(|member| sources[*member].is_none()).collect();
        RecordReader { steps, missing, document: self.document.clone() }
    }

    /// Connect writes maps whose keys may be NULL as arrays of `{key, value}` records.
    fn entries(&self, items: &Schema, key: &SqlType, value: &SqlType) -> Reader {
        let Kind::Record(record) = &self.document.resolve(items).kind else {
            return Reader::Mismatch { found: "array".to_owned(), required: "MAP" };
        };
        let step = |field: &crate::avro_schema::Field| match field.name.as_str() {
            "key" => EntryStep::Key(self.value(&field.schema, key)),
            "value" => EntryStep::Value(self.value(&field.schema, value)),
            _ => EntryStep::Skip(field.schema.clone(), self.document.clone()),
        };
        let steps: Vec<EntryStep> = record.fields.iter().map(step).collect();
        let has = |wanted: fn(&EntryStep) -> bool| steps.iter().any(wanted);
        if has(|s| matches!(s, EntryStep::Key(_))) && has(|s| matches!(s, EntryStep::Value(_))) {
            Reader::Entries(steps)
        } else {
            Reader::Mismatch { found: "array".to_owned(), required: "MAP" }
        }
    }
}

fn mismatch(schema: &Schema, ty: &SqlType) -> Reader {
    Reader::Mismatch { found: schema.type_name().to_owned(), required: ty.base_name() }
}

fn scalar(schema: &Schema, ty: &SqlType) -> Option<Reader> {
    Some(match (&schema.kind, ty) {
        (Kind::Boolean, SqlType::Boolean) => Reader::Boolean,
        (Kind::Boolean, SqlType::String) => Reader::BooleanText,
        (Kind::Int, SqlType::Integer) => Reader::Integer,
        (Kind::Int | Kind::Long, SqlType::Bigint) => Reader::Bigint,
        (Kind::Int | Kind::Long, SqlType::Double) => Reader::LongAsDouble,
        (Kind::Int | Kind::Long, SqlType::Decimal { .. }) => Reader::LongAsDecimal,
        (Kind::Int | Kind::Long, SqlType::String) => Reader::LongText,
        (Kind::Float, SqlType::Double) => Reader::Float,
        (Kind::Double, SqlType::Double) => Reader::Double,
        (Kind::Float, SqlType::String) => Reader::FloatText,
        (Kind::Double, SqlType::String) => Reader::DoubleText,
        (Kind::String, SqlType::String) => Reader::String,
        (Kind::Enum(symbols), SqlType::String) => Reader::Symbol(texts(symbols)),
        (Kind::Int, SqlType::Date) => Reader::Date,
        (Kind::Int | Kind::Long, SqlType::Time) => Reader::Time { per_ms: per_ms(schema) },
        (Kind::Long, SqlType::Timestamp) => Reader::Timestamp { per_ms: per_ms(schema) },
        (Kind::Bytes, SqlType::Bytes) => Reader::Bytes,
        (Kind::Fixed(fixed), SqlType::Bytes) => Reader::Fixed(fixed.size),
        (Kind::Bytes, SqlType::Decimal { .. }) => {
            Reader::Decimal { size: None, scale: scale(schema)? }
        }
        (Kind::Fixed(fixed), SqlType::Decimal { .. }) => {
            Reader::Decimal { size: Some(fixed.size), scale: scale(schema)? }
        }
        _ => return None,
    })
}

fn texts(symbols: &Enum) -> Vec<Box<str>> {
    symbols.symbols.iter().map(|symbol| symbol.as_str().into()).collect()
}

/// The scale of a decimal.
fn scale(schema: &Schema) -> Option<i32> {
    let is_decimal = schema.logical_type() == Some("decimal");
    is_decimal.then(|| i32::try_from(schema.number("scale").unwrap_or(0)).ok()).flatten()
}

/// Units per millisecond of a time, by Avro's logical types or Debezium's names.
fn per_ms(schema: &Schema) -> i64 {
    let logical = schema.logical_type().unwrap_or_default();
    let class = schema.properties.get("connect.name").and_then(|name| name.as_str());
    let class = class.unwrap_or_default();
    if logical.ends_with("-micros") || class.starts_with("io.debezium.time.Micro") {
        1_000
    } else if logical.ends_with("-nanos") || class.starts_with("io.debezium.time.Nano") {
        1_000_000
    } else {
        1
    }
}
