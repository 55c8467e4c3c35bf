//! Guessing formats of raw payloads for PRINT.

use std::sync::Arc;

use super::{Sniffer, record_line};
use crate::{MemorySchemaStore, SchemaStore, SchemaType};

fn sniffer() -> Sniffer {
    let store = MemorySchemaStore::new();
    let avro = r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"s","type":["null","string"]}]}"#;
    store.register("t-value", SchemaType::Avro, avro).expect("registered");
    store
        .register("t-value", SchemaType::Protobuf, "message M { int32 n = 1; }")
        .expect("registered");
    Sniffer::new(Arc::new(store))
}

/// The guess after these payloads, and the first of them as text.
fn sniff(payloads: &[&[u8]]) -> (String, String) {
    let mut sniffer = sniffer();
    payloads.iter().for_each(|payload| sniffer.observe(Some(payload)));
    (sniffer.guess(), sniffer.show(payloads.first().copied()))
}

#[test]
fn formats_are_guessed_and_shown() {
    let session = [b"k".as_slice(), &9_i64.to_be_bytes(), &5_i64.to_be_bytes()].concat();
    let table: [(&[&[u8]], &str, &str); 8] = [
        (&[b"{\"a\": 1}"], "JSON or KAFKA_BIGINT or KAFKA_DOUBLE or KAFKA_STRING", "{\"a\": 1}"),
        (&[b"{\"a\": 12}", b"[1]"], "JSON or KAFKA_STRING", "{\"a\": 12}"),
        (&[b"hello"], "KAFKA_STRING", "hello"),
        (&[&[0, 0, 0, 7]], "KAFKA_INT or KAFKA_STRING", "7"),
        (&[&[0xff, 0, 0, 0, 0, 0, 0, 1]], "KAFKA_BIGINT or KAFKA_DOUBLE", "-72057594037927935"),
        (
            &[&[0, 0, 0, 0, 1, 14, 2, 2, b'x'], &[0, 0, 0, 0, 1, 1, 0]],
            "AVRO",
            "{\"a\":7,\"s\":\"x\"}",
        ),
        (&[&[0, 0, 0, 0, 2, 0, 8, 5]], "PROTOBUF", "{\"n\":5}"),
        (&[&[0xff, 0xfe, b'a']], "MIXED", "\\xFF\\xFEa"),
    ];
    for (payloads, guess, text) in table {
        let (found_guess, found_text) = sniff(payloads);
        assert!(found_guess.starts_with(guess), "{found_guess} instead of {guess}");
        assert_eq!(found_text, text);
    }
    let (guess, text) = sniff(&[&session]);
    assert!(guess.starts_with("SESSION(KAFKA_STRING) or TUMBLING("), "{guess}");
    assert_eq!(text, "[k@5/9]");
}

#[test]
fn nothing_and_nulls_say_nothing() {
    let mut sniffer = sniffer();
    sniffer.observe(None);
    assert!(sniffer.guess().ends_with("no data processed"));
    assert_eq!(sniffer.show(None), "<null>");
}

#[test]
fn lines_are_those_of_print() {
    assert_eq!(
        record_line(1_514_768_461_005, "k", "{}", 3),
        "rowtime: 2018/01/01 01:01:01.005 Z, key: k, value: {}, partition: 3"
    );
}
