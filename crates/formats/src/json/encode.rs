//! The JSON encoder: columns to payloads.

use arrow_array::{ArrayRef, BinaryArray};
use arrow_buffer::NullBuffer;
use types::{Column, SchemaId};

use super::write::{Cell, Scratch, label, write_object};
use crate::payloads::Payloads;
use crate::{Encoder, Result, frame};

/// A first guess at the size of a payload, to reserve room.
const BYTES_PER_COLUMN: usize = 24;

/// Encodes rows as JSON objects, or as the bare value of a single column.
#[derive(Debug)]
pub struct JsonEncoder {
    labels: Vec<Vec<u8>>,
    unwrapped: bool,
    /// The schema id to put in front (JSON_SR).
    schema_id: Option<SchemaId>,
    scratch: Scratch,
}

impl JsonEncoder {
    /// An encoder for `columns`; `unwrapped` payloads are the bare value of the only column.
    pub fn new(columns: &[Column], unwrapped: bool, schema_id: Option<SchemaId>) -> Self {
        let labels = columns.iter().map(|column| label(&column.name)).collect();
        Self { labels, unwrapped, schema_id, scratch: Scratch::new() }
    }
}

impl Encoder for JsonEncoder {
    fn encode(
        &mut self,
        columns: &[ArrayRef],
        present: Option<&NullBuffer>,
    ) -> Result<BinaryArray> {
        let rows = columns.first().map_or(present.map_or(0, NullBuffer::len), |c| c.len());
        let mut members = Vec::with_capacity(columns.len());
        for (label, column) in self.labels.iter().zip(columns) {
            members.push((label.clone(), Cell::try_new(column.as_ref())?));
        }
        let (scratch, unwrapped, schema_id) = (&mut self.scratch, self.unwrapped, self.schema_id);
        let mut payloads = Payloads::with_capacity(rows, 2 + BYTES_PER_COLUMN * columns.len());
        payloads.write_rows(rows, present, |row, out| {
            if let Some(id) = schema_id {
                frame::write(id, out);
            }
            match members.as_slice() {
                [(_, only)] if unwrapped => {
                    only.write(row, out, scratch);
                    Ok(!only.is_null(row))
                }
                members => {
                    write_object(members, row, out, scratch);
                    Ok(true)
                }
            }
        })?;
        Ok(payloads.finish())
    }
}
