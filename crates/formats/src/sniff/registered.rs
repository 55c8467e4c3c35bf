//! Framed payloads shown with the schema they name.

use std::collections::HashMap;
use std::sync::Arc;

use types::{Format, SchemaId, SerdeSpec};

use super::candidate::Candidate;
use crate::json::JsonEncoder;
use crate::part::Part;
use crate::select::{decoder, infer_verbatim};
use crate::{Decoder, Encoder, Result, SchemaStore, SchemaType, frame};

/// Schemas whose codecs are kept.
const CODECS_MAX: usize = 100;

/// Shows payloads of the registry's formats as JSON.
#[derive(Debug)]
pub struct Registered {
    store: Arc<dyn SchemaStore>,
    codecs: HashMap<SchemaId, Codec>,
}

#[derive(Debug)]
struct Codec {
    format: Candidate,
    decoder: Box<dyn Decoder>,
    encoder: JsonEncoder,
}

impl Registered {
    /// Looks schemas up in `store`.
    pub fn new(store: Arc<dyn SchemaStore>) -> Self {
        Self { store, codecs: HashMap::new() }
    }

    /// The payload's format and text; `None` when it is no framed payload of a known schema.
    pub fn show(&mut self, payload: &[u8]) -> Option<(Candidate, String)> {
        let (id, _) = frame::split(payload).ok()?;
        if !self.codecs.contains_key(&id) {
            let codec = self.codec(id).ok()?;
            if self.codecs.len() >= CODECS_MAX {
                self.codecs.clear();
            }
            self.codecs.insert(id, codec);
        }
        let codec = self.codecs.get_mut(&id)?;
        let decoded = codec.decoder.decode(&[Some(payload)]);
        if !decoded.failures.is_empty() {
            return None;
        }
        let shown = codec.encoder.encode(&decoded.columns, None).ok()?;
        let text = shown.iter().next().flatten().map_or("null".into(), String::from_utf8_lossy);
        Some((codec.format, text.into_owned()))
    }

    fn codec(&self, id: SchemaId) -> Result<Codec> {
        let schema = self.store.schema(id)?;
        let (candidate, format) = match schema.schema_type {
            SchemaType::Avro => (Candidate::Avro, Format::Avro),
            SchemaType::Json => (Candidate::JsonSr, Format::JsonSr),
            SchemaType::Protobuf => (Candidate::Protobuf, Format::Protobuf),
        };
        let inferred = infer_verbatim(&schema, Part::Value, None)?;
        let wrap_single = (inferred.columns.len() == 1 && format != Format::Protobuf)
            .then_some(!inferred.unwrapped);
        let spec = SerdeSpec { wrap_single, ..SerdeSpec::new(format) };
        let decoder = decoder(&spec, &inferred.columns, Part::Value, "", &self.store)?;
        let encoder = JsonEncoder::new(&inferred.columns, inferred.unwrapped, None);
        Ok(Codec { format: candidate, decoder, encoder })
    }
}
