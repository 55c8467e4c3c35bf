//! JSON against the fastest Arrow JSON reader: decoding, and decoding plus encoding, of four columns.
//!
//! Prints rows per second of each and the ratios; `cargo bench -p formats --bench json`.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use arrow_json::ReaderBuilder;
use arrow_schema::{Field, Schema};
use formats::{MemorySchemaStore, Part, SchemaStore, decoder, encoder};
use types::{Column, Format, SerdeSpec, SqlType, columns};

const ROWS: usize = 8_192;
const ROUNDS: usize = 60;

fn main() {
    let columns = vec![
        Column::new("ID", SqlType::Bigint),
        Column::new("NAME", SqlType::String),
        Column::new("PRICE", SqlType::Double),
        Column::new("QUANTITY", SqlType::Integer),
    ];
    let line = |row: usize| {
        format!(
            r#"{{"ID":{row},"NAME":"customer number {row}","PRICE":{}.{:02},"QUANTITY":{}}}"#,
            row % 1_000,
            row % 100,
            row % 7
        )
    };
    let lines: Vec<String> = (0..ROWS).map(line).collect();
    let payloads: Vec<Option<&[u8]>> = lines.iter().map(|line| Some(line.as_bytes())).collect();
    let store: Arc<dyn SchemaStore> = Arc::new(MemorySchemaStore::new());
    let spec = SerdeSpec::new(Format::Json);
    let mut decoder = decoder(&spec, &columns, Part::Value, "t", &store).expect("a decoder");
    let mut encoder = encoder(&spec, &columns, Part::Value, "t", &store).expect("an encoder");

    let fields: Vec<Field> =
        columns.iter().map(|c| Field::new(&c.name, columns::arrow_type(&c.ty), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let stream = lines.join("\n");
    let mut reader =
        ReaderBuilder::new(schema).with_batch_size(ROWS).build_decoder().expect("a reader");

    let yardstick = measure("arrow-json, decode", || {
        let read = reader.decode(stream.as_bytes()).expect("JSON");
        assert_eq!(read, stream.len());
        black_box(reader.flush().expect("a batch"));
    });
    let decode = measure("ours, decode", || {
        black_box(decoder.decode(&payloads));
    });
    let batch = decoder.decode(&payloads);
    let encode = measure("ours, encode", || {
        black_box(encoder.encode(&batch.columns, None).expect("encoded"));
    });
    let both = 1.0 / (1.0 / decode + 1.0 / encode);
    println!(
        "decode {:.0} %, decode and encode {:.0} % of arrow-json's decoding",
        100.0 * decode / yardstick,
        100.0 * both / yardstick
    );
}

/// Rows per second of the best round.
fn measure(what: &str, mut round: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        round();
        best = best.min(start.elapsed().as_secs_f64());
    }
    let rate = ROWS as f64 / best;
    println!("{what}: {:.2} M rows/s", rate / 1e6);
    rate
}
