//! Kafka Connect's JSON form of values: bytes as base64, decimals as base64 of their unscaled value
//! or as numbers.

use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{FieldName, Nullness, Writer};

/// Appends to a buffer.
pub struct JsonWriter<'a> {
    /// Where to.
    pub out: &'a mut Vec<u8>,
    /// Whether decimals are numbers (`decimal.format=numeric`).
    pub numeric_decimals: bool,
}

impl JsonWriter<'_> {
    fn separate(&mut self, opening: u8) {
        if self.out.last() != Some(&opening) {
            self.out.push(b',');
        }
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        write!(self.out, "{value}").expect("writing to a Vec does not fail");
    }

    fn number(&mut self, value: f64) {
        match serde_json::Number::from_f64(value) {
            Some(number) => self.display(number),
            None => self.display(format_args!("\"{value}\"")),
        }
    }
}

impl Writer for JsonWriter<'_> {
    fn open(&mut self) {
        self.out.push(b'{');
    }

    fn field(&mut self, name: &FieldName) {
        self.separate(b'{');
        self.out.extend_from_slice(name.json.as_bytes());
    }

    fn close(&mut self) {
        self.out.push(b'}');
    }

    fn absent(&mut self, _nullness: Nullness) {
        self.out.extend_from_slice(b"null");
    }

    fn present(&mut self, _nullness: Nullness) {}

    fn boolean(&mut self, value: bool) {
        self.display(value);
    }

    fn int(&mut self, value: i32) {
        self.display(value);
    }

    fn long(&mut self, value: i64) {
        self.display(value);
    }

    fn float(&mut self, value: f32) {
        // The shortest text that reads back as the same f32, not the digits of its f64.
        let text = value.to_string();
        self.number(text.parse().unwrap_or(f64::from(value)));
    }

    fn double(&mut self, value: f64) {
        self.number(value);
    }

    fn string(&mut self, value: &str) {
        serde_json::to_writer(&mut *self.out, value).expect("writing to a Vec does not fail");
    }

    fn bytes(&mut self, value: &[u8]) {
        self.out.push(b'"');
        self.out.extend_from_slice(BASE64_STANDARD.encode(value).as_bytes());
        self.out.push(b'"');
    }

    fn decimal(&mut self, unscaled: &[u8], scale: u32) {
        match self.numeric_decimals {
            true => self.display(crate::decimal::text_of(unscaled, scale)),
            false => self.bytes(unscaled),
        }
    }
}
