//! Keys and values of records between text and bytes.
//!
//! JSON and DELIMITED payloads stand in a case as they are. Those of other formats stand as the JSON
//! of their columns. `null` is an absent payload, `bytes 00ff` are just these bytes.

use std::sync::Arc;

use arrow_array::Array;
use formats::{Part, SchemaStore, is_unwrapped};
use types::{Column, Format, SerdeSpec};

const BYTES: &str = "bytes ";

/// One side of a topic's records.
pub struct Payload<'a> {
    pub topic: &'a str,
    pub spec: &'a SerdeSpec,
    pub columns: &'a [Column],
    pub part: Part,
    pub schemas: &'a Arc<dyn SchemaStore>,
}

impl Payload<'_> {
    /// The bytes that `text` stands for.
    pub fn bytes(&self, text: &str) -> Option<Vec<u8>> {
        if text == "null" {
            return None;
        }
        if let Some(digits) = text.strip_prefix(BYTES) {
            return Some(unhex(digits));
        }
        match self.spec.format {
            Format::Json | Format::Delimited => Some(text.as_bytes().to_vec()),
            _ => self.converted(&self.as_json(), self.spec, text.as_bytes()),
        }
    }

    /// How `bytes` stand in a case.
    pub fn text(&self, bytes: Option<&[u8]>) -> String {
        let Some(bytes) = bytes else { return "null".to_owned() };
        let text = match self.spec.format {
            Format::Json | Format::Delimited => Some(bytes.to_vec()),
            _ => self.converted(self.spec, &self.as_json(), bytes),
        };
        let text = text.expect("JSON writes NULL, too");
        String::from_utf8(text).expect("the formats write UTF-8")
    }

    /// JSON of the same columns, in a record or bare as in the real format.
    fn as_json(&self) -> SerdeSpec {
        let is_wrapped = !is_unwrapped(self.spec, self.columns, self.part);
        let wrap_single = (self.columns.len() == 1).then_some(is_wrapped);
        SerdeSpec { wrap_single, ..SerdeSpec::new(Format::Json) }
    }

    fn converted(&self, from: &SerdeSpec, to: &SerdeSpec, payload: &[u8]) -> Option<Vec<u8>> {
        let (columns, part) = (self.columns, self.part);
        let decoder = formats::decoder(from, columns, part, self.topic, self.schemas);
        let decoded = decoder.expect("the format holds the columns").decode(&[Some(payload)]);
        assert!(decoded.failures.is_empty(), "{}: {:?}", self.topic, decoded.failures);
        let encoder = formats::encoder(to, columns, part, self.topic, self.schemas);
        let encoded = encoder.expect("the format holds the columns").encode(&decoded.columns, None);
        let encoded = encoded.expect("the format holds the row");
        encoded.is_valid(0).then(|| encoded.value(0).to_vec())
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    let texts = pairs.map(|pair| std::str::from_utf8(pair).expect("hexadecimal digits"));
    texts.map(|text| u8::from_str_radix(text, 16).expect("hexadecimal digits")).collect()
}
