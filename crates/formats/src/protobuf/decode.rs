//! The Protobuf decoder: payloads to columns.

use std::sync::Arc;

use types::{Column, Field as SqlField, SerdeSpec};

use super::model::File;
use super::reader::{self, MessageReader};
use super::{generate, indexes};
use crate::builder::{self, ColumnBuilder};
use crate::fault::{Decode, Fault};
use crate::protobuf::wire::Cursor;
use crate::{Decoded, Decoder, Failure, Result, SchemaStore, SchemaType, frame};

/// Compiled messages that are kept; a topic rarely has more than a few.
const READERS_MAX: usize = 100;

/// Decodes Protobuf payloads.
#[derive(Debug)]
pub struct ProtobufDecoder {
    members: Vec<SqlField>,
    builders: Vec<ColumnBuilder>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    /// Each payload names its schema and message.
    Registry(Readers),
    /// The message that the columns generate.
    Generated(MessageReader),
}

/// Readers by the bytes before the payload, the last used one in front.
#[derive(Debug)]
struct Readers {
    store: Arc<dyn SchemaStore>,
    known: Vec<(Vec<u8>, Arc<MessageReader>)>,
}

impl ProtobufDecoder {
    /// A decoder of PROTOBUF payloads that looks writers' schemas up in `store`.
    pub fn with_registry(columns: &[Column], store: Arc<dyn SchemaStore>) -> Self {
        let source = Source::Registry(Readers { store, known: Vec::new() });
        Self { members: members(columns), builders: builder::builders(columns), source }
    }

    /// A decoder of PROTOBUF_NOSR payloads.
    ///
    /// # Errors
    /// `Unsupported` when Protobuf can't hold the columns.
    pub fn without_registry(spec: &SerdeSpec, columns: &[Column]) -> Result<Self> {
        let file = File::parse(&generate::schema_text(spec, columns)?)?;
        let members = members(columns);
        let reader = reader::compile(&file, &file.messages[0], &members);
        Ok(Self {
            members,
            builders: builder::builders(columns),
            source: Source::Generated(reader),
        })
    }

    fn read(&mut self, payload: &[u8], row: usize) -> Decode<()> {
        match &mut self.source {
            Source::Generated(reader) => reader.read(payload, &mut self.builders, row),
            Source::Registry(readers) => {
                let (reader, message) = readers.find(payload, &self.members)?;
                reader.read(message, &mut self.builders, row)
            }
        }
    }
}

/// The columns as fields of one message.
pub(super) fn members(columns: &[Column]) -> Vec<SqlField> {
    columns.iter().map(|column| SqlField::new(&column.name, column.ty.clone())).collect()
}

impl Readers {
    /// The reader for the payload, and the message within it.
    fn find<'p>(
        &mut self,
        payload: &'p [u8],
        members: &[SqlField],
    ) -> Decode<(Arc<MessageReader>, &'p [u8])> {
        let known = self.known.iter().position(|(head, _)| payload.starts_with(head));
        let index = match known {
            Some(index) => index,
            None => self.add(payload, members)?,
        };
        self.known.swap(0, index);
        let (head, reader) = &self.known[0];
        Ok((reader.clone(), &payload[head.len()..]))
    }

    fn add(&mut self, payload: &[u8], members: &[SqlField]) -> Decode<usize> {
        let (id, rest) = frame::split(payload)?;
        let mut cursor = Cursor::new(rest);
        let place = indexes::read(&mut cursor)?;
        let schema = self.store.schema(id).map_err(|error| Fault::new(error.to_string()))?;
        if schema.schema_type != SchemaType::Protobuf {
            return Err(Fault::new(format!("schema {id} is no Protobuf schema")));
        }
        let file = File::parse(&schema.text).map_err(|error| Fault::new(error.to_string()))?;
        let message = file
            .at(&place)
            .ok_or_else(|| Fault::new(format!("schema {id} has no message at {place:?}")))?;
        let reader = Arc::new(reader::compile(&file, message, members));
        if self.known.len() >= READERS_MAX {
            self.known.clear();
        }
        let head = payload[..payload.len() - cursor.rest().len()].to_vec();
        self.known.push((head, reader));
        Ok(self.known.len() - 1)
    }
}

impl Decoder for ProtobufDecoder {
    fn decode(&mut self, payloads: &[Option<&[u8]>]) -> Decoded {
        let mut failures = Vec::new();
        for (row, payload) in payloads.iter().enumerate() {
            let Some(payload) = payload else {
                builder::null_row(&mut self.builders, row);
                continue;
            };
            if let Err(fault) = self.read(payload, row) {
                builder::null_row(&mut self.builders, row);
                failures.push(Failure { row, message: fault.to_string() });
            }
        }
        Decoded { columns: builder::finish(&mut self.builders), failures, absent: Vec::new() }
    }
}
