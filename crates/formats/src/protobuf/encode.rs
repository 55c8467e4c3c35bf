//! The Protobuf encoder: columns to payloads.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BinaryArray};
use arrow_buffer::NullBuffer;
use types::{Column, SchemaId, SerdeSpec};

use super::decode::members;
use super::model::File;
use super::writer::{self, MessageWriter};
use super::{generate, indexes};
use crate::payloads::Payloads;
use crate::{Encoder, Error, Result, SchemaStore, frame};

/// A first guess at the size of a payload, to reserve room.
const BYTES_PER_COLUMN: usize = 12;

/// Encodes rows as one message type.
#[derive(Debug)]
pub struct ProtobufEncoder {
    /// Header and message indexes (PROTOBUF), nothing (PROTOBUF_NOSR).
    head: Vec<u8>,
    writer: MessageWriter,
}

impl ProtobufEncoder {
    /// An encoder of PROTOBUF payloads by the registered schema `id`.
    ///
    /// # Errors
    /// When the schema can't be found, or can't hold the columns.
    pub fn with_registry(
        spec: &SerdeSpec,
        columns: &[Column],
        id: SchemaId,
        store: &Arc<dyn SchemaStore>,
    ) -> Result<Self> {
        let file = File::parse(&store.schema(id)?.text)?;
        let (place, message) = match &spec.full_schema_name {
            None => (vec![0], &file.messages[0]),
            Some(name) => file.message(name).ok_or_else(|| {
                Error::InvalidSchema(format!("schema {id} defines no message {name}"))
            })?,
        };
        let mut head = Vec::new();
        frame::write(id, &mut head);
        indexes::write(&place, &mut head);
        Ok(Self { head, writer: writer::compile(&file, message, &members(columns))? })
    }

    /// An encoder of PROTOBUF_NOSR payloads.
    ///
    /// # Errors
    /// `Unsupported` when Protobuf can't hold the columns.
    pub fn without_registry(spec: &SerdeSpec, columns: &[Column]) -> Result<Self> {
        let file = File::parse(&generate::schema_text(spec, columns)?)?;
        let writer = writer::compile(&file, &file.messages[0], &members(columns))?;
        Ok(Self { head: Vec::new(), writer })
    }
}

impl Encoder for ProtobufEncoder {
    fn encode(
        &mut self,
        columns: &[ArrayRef],
        present: Option<&NullBuffer>,
    ) -> Result<BinaryArray> {
        let rows = columns.first().map_or(present.map_or(0, NullBuffer::len), |c| c.len());
        let capacity = self.head.len() + BYTES_PER_COLUMN * columns.len();
        let mut payloads = Payloads::with_capacity(rows, capacity);
        payloads.write_rows(rows, present, |row, out| {
            out.extend_from_slice(&self.head);
            self.writer.write(columns, row, out)?;
            Ok(true)
        })?;
        Ok(payloads.finish())
    }
}
