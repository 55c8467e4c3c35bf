//! Decoding alone with Arrow's own readers, as fast as they go: all payloads in one buffer.

use std::hint::black_box;
use std::sync::Arc;

use arrow_avro::reader::ReaderBuilder as AvroReader;
use arrow_avro::schema::{AvroSchema, Fingerprint, FingerprintAlgorithm, SchemaStore};
use arrow_json::ReaderBuilder as JsonReader;
use arrow_schema::{Field, Schema};
use types::columns::arrow_type;

use super::input::{Encoding, Input};
use crate::cost::{Cost, measured};
use crate::outcome::Result;

const BATCH_ROWS: usize = 8_192;

/// Decodes all of `input` once.
pub fn decode(input: &Input) -> Result<Cost> {
    let (rows, cost) = match input.encoding {
        Encoding::Json => decode_json(input)?,
        Encoding::Avro => decode_avro(input)?,
    };
    if rows != input.records() {
        return Err(format!("{rows} rows were decoded of {}", input.records()).into());
    }
    Ok(cost)
}

fn decode_json(input: &Input) -> Result<(usize, Cost)> {
    let field = |column: types::Column| Field::new(&column.name, arrow_type(&column.ty), true);
    let fields: Vec<Field> = Input::columns().into_iter().map(field).collect();
    let schema = Arc::new(Schema::new(fields));
    let mut decoder = JsonReader::new(schema).with_batch_size(BATCH_ROWS).build_decoder()?;
    measured(|| {
        let (mut rest, mut rows) = (input.stream.as_slice(), 0);
        while !rest.is_empty() {
            let used = decoder.decode(rest)?;
            rest = &rest[used..];
            rows += black_box(decoder.flush()?).map_or(0, |batch| batch.num_rows());
        }
        Ok(rows)
    })
}

fn decode_avro(input: &Input) -> Result<(usize, Cost)> {
    let (text, id) = input.avro_schema()?;
    let mut store = SchemaStore::new_with_type(FingerprintAlgorithm::Id);
    store.set(Fingerprint::Id(id), AvroSchema::new(text))?;
    let builder = AvroReader::new().with_batch_size(BATCH_ROWS).with_writer_schema_store(store);
    let mut decoder = builder.build_decoder()?;
    measured(|| {
        let (mut rest, mut rows) = (input.stream.as_slice(), 0);
        while !rest.is_empty() {
            let used = decoder.decode(rest)?;
            rest = &rest[used..];
            rows += black_box(decoder.flush()?).map_or(0, |batch| batch.num_rows());
        }
        Ok(rows)
    })
}
