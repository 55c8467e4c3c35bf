//! The Avro decoder: framed payloads to columns, by the schema each was written with.

use std::collections::HashMap;
use std::sync::Arc;

use types::{Column, SchemaId};

use super::binary::Cursor;
use super::reader::Reader;
use super::resolve;
use crate::avro_schema::Document;
use crate::builder::{self, ColumnBuilder};
use crate::fault::{Decode, Fault};
use crate::{Decoded, Decoder, Failure, SchemaStore, SchemaType, frame};

/// Compiled schemas that are kept; a topic rarely has more than a few.
const READERS_MAX: usize = 1_000;

/// Decodes Avro payloads.
#[derive(Debug)]
pub struct AvroDecoder {
    columns: Vec<Column>,
    unwrapped: bool,
    store: Arc<dyn SchemaStore>,
    builders: Vec<ColumnBuilder>,
    readers: HashMap<SchemaId, Arc<Reader>>,
    /// The schema of the record before: mostly that of the next.
    last: Option<(SchemaId, Arc<Reader>)>,
}

impl AvroDecoder {
    /// A decoder for `columns` that looks writers' schemas up in `store`.
    pub fn new(columns: &[Column], unwrapped: bool, store: Arc<dyn SchemaStore>) -> Self {
        Self {
            columns: columns.to_vec(),
            unwrapped,
            store,
            builders: builder::builders(columns),
            readers: HashMap::new(),
            last: None,
        }
    }

    fn read(&mut self, payload: &[u8]) -> Decode<bool> {
        let (id, payload) = frame::split(payload)?;
        let reader = match &self.last {
            Some((last, reader)) if *last == id => reader.clone(),
            _ => self.reader(id)?,
        };
        let mut cursor = Cursor::new(payload);
        reader.read_row(&mut cursor, &mut self.builders, self.unwrapped)
    }

    fn reader(&mut self, id: SchemaId) -> Decode<Arc<Reader>> {
        let reader = match self.readers.get(&id) {
            Some(known) => known.clone(),
            None => self.compile(id)?,
        };
        self.last = Some((id, reader.clone()));
        Ok(reader)
    }

    fn compile(&mut self, id: SchemaId) -> Decode<Arc<Reader>> {
        let schema = self.store.schema(id).map_err(|error| Fault::new(error.to_string()))?;
        if schema.schema_type != SchemaType::Avro {
            return Err(Fault::new(format!("schema {id} is no Avro schema")));
        }
        let document =
            Document::parse(&schema.text).map_err(|error| Fault::new(error.to_string()))?;
        let reader = Arc::new(resolve::compile(document, &self.columns, self.unwrapped));
        if self.readers.len() >= READERS_MAX {
            self.readers.clear();
        }
        self.readers.insert(id, reader.clone());
        Ok(reader)
    }
}

impl Decoder for AvroDecoder {
    fn decode(&mut self, payloads: &[Option<&[u8]>]) -> Decoded {
        let mut failures = Vec::new();
        let mut absent = Vec::new();
        for (row, payload) in payloads.iter().enumerate() {
            let Some(payload) = payload else {
                builder::null_row(&mut self.builders, row);
                continue;
            };
            match self.read(payload) {
                Ok(true) => {}
                Ok(false) => absent.push(row),
                Err(fault) => {
                    builder::null_row(&mut self.builders, row);
                    failures.push(Failure { row, message: fault.to_string() });
                }
            }
        }
        Decoded { columns: builder::finish(&mut self.builders), failures, absent }
    }
}
