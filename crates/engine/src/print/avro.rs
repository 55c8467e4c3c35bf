//! Reads framed AVRO payloads by the schema their id names.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use formats::{Decoder, Part, SchemaStore, SchemaType};
use types::columns::value_at;
use types::{Column, Format, SchemaId, SerdeSpec};

use super::value_text;

/// Schemas remembered; all are forgotten when there is one more.
const SCHEMAS_MAX: usize = 256;

/// Reads payloads of one part of one topic.
pub struct AvroReader {
    topic: String,
    part: Part,
    schemas: Arc<dyn SchemaStore>,
    /// By schema id; `None` for those that can't be read.
    readers: HashMap<i32, Option<Reader>>,
}

struct Reader {
    columns: Vec<Column>,
    is_unwrapped: bool,
    decoder: Box<dyn Decoder>,
}

impl AvroReader {
    /// A reader that knows no schema yet.
    pub fn new(topic: &str, part: Part, schemas: &Arc<dyn SchemaStore>) -> Self {
        let (topic, schemas) = (topic.to_owned(), Arc::clone(schemas));
        Self { topic, part, schemas, readers: HashMap::new() }
    }

    /// The payload as JSON-like text; `None` when it is no framed AVRO.
    pub fn text(&mut self, payload: &[u8]) -> Option<String> {
        let (header, _) = payload.split_first_chunk::<5>()?;
        let [0, a, b, c, d] = *header else { return None };
        let id = i32::from_be_bytes([a, b, c, d]);
        if self.readers.len() >= SCHEMAS_MAX {
            self.readers.clear();
        }
        if !self.readers.contains_key(&id) {
            let reader = self.open(id);
            self.readers.insert(id, reader);
        }
        let reader = self.readers.get_mut(&id)?.as_mut()?;
        let decoded = reader.decoder.decode(&[Some(payload)]);
        if !decoded.failures.is_empty() {
            return None;
        }
        let values: Vec<_> = decoded.columns.iter().map(|column| value_at(column, 0)).collect();
        Some(match (reader.is_unwrapped, values.as_slice()) {
            (true, [value]) => value_text::text(value, &reader.columns[0].ty),
            _ => value_text::record(&reader.columns, &values),
        })
    }

    fn open(&self, id: i32) -> Option<Reader> {
        let schema = self.schemas.schema(SchemaId(id)).ok()?;
        if schema.schema_type != SchemaType::Avro {
            return None;
        }
        let inferred = formats::infer_verbatim(&schema, self.part, None).ok()?;
        let mut serde = SerdeSpec::new(Format::Avro);
        // Said either way: a key of one column would else be taken for a bare value, which the record
        // that a connector writes as its key is not.
        serde.wrap_single = (inferred.columns.len() == 1).then_some(!inferred.unwrapped);
        let (columns, is_unwrapped) = (inferred.columns, inferred.unwrapped);
        let decoder =
            formats::decoder(&serde, &columns, self.part, &self.topic, &self.schemas).ok()?;
        Some(Reader { columns, is_unwrapped, decoder })
    }
}

impl fmt::Debug for AvroReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AvroReader").field("topic", &self.topic).finish_non_exhaustive()
    }
}
