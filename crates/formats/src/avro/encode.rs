//! The Avro encoder: columns to framed payloads.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BinaryArray};
use arrow_buffer::NullBuffer;
use types::{Column, Field, SchemaId, SerdeSpec, SqlType};

use super::generate;
use super::writer::{self, RecordWriter, Writer};
use crate::avro_schema::{Document, Kind, Schema};
use crate::part::{Part, is_unwrapped};
use crate::payloads::Payloads;
use crate::{Encoder, Error, Result, SchemaStore, SchemaType, frame};

/// A first guess at the size of a payload, to reserve room.
const BYTES_PER_COLUMN: usize = 12;

/// Encodes rows by one registered schema.
#[derive(Debug)]
pub struct AvroEncoder {
    id: SchemaId,
    top: Top,
}

#[derive(Debug)]
enum Top {
    /// A record of all columns; behind a union, the branch to announce.
    Record(Option<i64>, RecordWriter),
    /// The bare single column.
    Bare(Writer),
}

impl AvroEncoder {
    /// An encoder for `columns`: by the schema that `spec` fixes, else by the generated one, which
    /// is registered.
    ///
    /// # Errors
    /// When the schema can't be registered or found, or can't hold the columns.
    pub fn try_new(
        spec: &SerdeSpec,
        columns: &[Column],
        part: Part,
        topic: &str,
        store: &Arc<dyn SchemaStore>,
    ) -> Result<Self> {
        let (id, text) = match spec.schema_id {
            Some(id) => (id, store.schema(id)?.text),
            None => {
                let text = generate::schema_text(spec, columns, part)?;
                let id = store.register(&part.subject(topic), SchemaType::Avro, &text)?;
                (id, text.into())
            }
        };
        let document = Document::parse(&text)?;
        let top = match columns {
            [only] if is_unwrapped(spec, columns, part) => {
                Top::Bare(writer::compile(&document, &document.root, &only.ty)?)
            }
            columns => record(&document, columns)?,
        };
        Ok(Self { id, top })
    }
}

fn record(document: &Document, columns: &[Column]) -> Result<Top> {
    let fields: Vec<Field> =
        columns.iter().map(|column| Field::new(&column.name, column.ty.clone())).collect();
    let root: &Schema = &document.root;
    let (branch, schema) = match &root.kind {
        Kind::Union(branches) => {
            let is_record = |s: &&Schema| matches!(document.resolve(s).kind, Kind::Record(_));
            let found = branches.iter().zip(0_i64..).find(|(s, _)| is_record(s));
            found.map_or((None, root), |(schema, index)| (Some(index), schema))
        }
        _ => (None, root),
    };
    match &document.resolve(schema).kind {
        Kind::Record(record) => {
            Ok(Top::Record(branch, RecordWriter::compile(document, record, &fields)?))
        }
        _ => Err(Error::Unsupported(format!(
            "The schema of type {} can't hold the columns {}",
            root.type_name(),
            SqlType::Struct(fields)
        ))),
    }
}

impl Encoder for AvroEncoder {
    fn encode(
        &mut self,
        columns: &[ArrayRef],
        present: Option<&NullBuffer>,
    ) -> Result<BinaryArray> {
        let rows = columns.first().map_or(present.map_or(0, NullBuffer::len), |c| c.len());
        let capacity = frame::HEADER_BYTES + BYTES_PER_COLUMN * columns.len();
        let mut payloads = Payloads::with_capacity(rows, capacity);
        payloads.write_rows(rows, present, |row, out| {
            frame::write(self.id, out);
            match &self.top {
                Top::Bare(_) if columns[0].is_null(row) => return Ok(false),
                Top::Bare(writer) => writer.write(&columns[0], row, out)?,
                Top::Record(branch, writer) => {
                    branch.iter().for_each(|index| super::binary::write_long(*index, out));
                    writer.write(columns, row, out)?;
                }
            }
            Ok(true)
        })?;
        Ok(payloads.finish())
    }
}
