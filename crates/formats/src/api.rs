//! The contracts of this crate: decoders, encoders, and the schema store they ask.

use std::fmt;
use std::sync::Arc;

use arrow_array::{ArrayRef, BinaryArray};
use arrow_buffer::NullBuffer;
use types::{Column, SchemaId};

use crate::Result;

/// Turns record payloads into columns.
pub trait Decoder: Send + fmt::Debug {
    /// Decodes a batch of payloads: one array per declared column, one row per payload.
    ///
    /// A payload that is absent gives NULL in every column. One that can't be decoded gives NULL in
    /// every column and a [`Failure`]; it never fails the batch.
    fn decode(&mut self, payloads: &[Option<&[u8]>]) -> Decoded;
}

/// Decoded columns and the rows that failed.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// One array per declared column, in order.
    pub columns: Vec<ArrayRef>,
    /// Rows that could not be decoded, ascending.
    pub failures: Vec<Failure>,
    /// Rows whose payload was there but says NULL as a whole (JSON's `null`, an unwrapped NULL),
    /// ascending. They count as absent payloads.
    pub absent: Vec<usize>,
}

/// Why one payload could not be decoded or one row not be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Row within the batch.
    pub row: usize,
    /// What is wrong, for the processing log.
    pub message: String,
}

/// Turns columns into record payloads.
pub trait Encoder: Send + fmt::Debug {
    /// Encodes a batch: one payload per row, NULL where `present` says the row has none (a NULL key,
    /// a tombstone).
    ///
    /// # Errors
    /// When a row can't be written in the format (a DECIMAL that does not fit, a missing registry).
    fn encode(&mut self, columns: &[ArrayRef], present: Option<&NullBuffer>)
    -> Result<BinaryArray>;
}

/// Kind of a registered schema's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SchemaType {
    /// An Avro schema (JSON text).
    Avro,
    /// A JSON Schema.
    Json,
    /// A .proto file.
    Protobuf,
}

/// A schema as the registry keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredSchema {
    /// Its id, unique over all subjects.
    pub id: SchemaId,
    /// What the text is.
    pub schema_type: SchemaType,
    /// The schema's text.
    pub text: Arc<str>,
}

/// What formats and planning need of a schema registry. Calls may block.
pub trait SchemaStore: Send + Sync + fmt::Debug {
    /// The schema with that id. Fails with `UnknownSchema`.
    fn schema(&self, id: SchemaId) -> Result<RegisteredSchema>;

    /// The newest version registered under `subject`, if any.
    fn latest(&self, subject: &str) -> Result<Option<RegisteredSchema>>;

    /// Registers a schema under `subject`; the same schema again gives the same id. Fails with
    /// `IncompatibleSchema` when the subject's compatibility level forbids it.
    fn register(&self, subject: &str, schema_type: SchemaType, text: &str) -> Result<SchemaId>;

    /// Removes all versions of `subject`; does nothing when there is none.
    fn delete_subject(&self, subject: &str) -> Result<()>;
}

/// Columns found by inference from a registered schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InferredColumns {
    /// The columns; a value that is no record is a single column ROWVAL (key: ROWKEY).
    pub columns: Vec<Column>,
    /// Whether the payload is the bare single column instead of a record.
    pub unwrapped: bool,
}
