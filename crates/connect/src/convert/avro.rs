//! Avro's binary encoding, written as the values come.

use super::{FieldName, Nullness, Writer};

/// Appends to a buffer.
pub struct AvroWriter<'a>(pub &'a mut Vec<u8>);

impl AvroWriter<'_> {
    fn varint(&mut self, value: i64) {
        let mut rest = ((value << 1) ^ (value >> 63)) as u64;
        while rest >= 0x80 {
            self.0.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.0.push(rest as u8);
    }

    fn union(&mut self, index: i64) {
        self.varint(index);
    }
}

impl Writer for AvroWriter<'_> {
    fn open(&mut self) {}

    fn field(&mut self, _name: &FieldName) {}

    fn close(&mut self) {}

    fn absent(&mut self, nullness: Nullness) {
        match nullness {
            Nullness::Required => {}
            Nullness::NullFirst => self.union(0),
            Nullness::NullLast => self.union(1),
        }
    }

    fn present(&mut self, nullness: Nullness) {
        match nullness {
            Nullness::Required => {}
            Nullness::NullFirst => self.union(1),
            Nullness::NullLast => self.union(0),
        }
    }

    fn boolean(&mut self, value: bool) {
        self.0.push(u8::from(value));
    }

    fn int(&mut self, value: i32) {
        self.varint(i64::from(value));
    }

    fn long(&mut self, value: i64) {
        self.varint(value);
    }

    fn float(&mut self, value: f32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn double(&mut self, value: f64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn string(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    fn bytes(&mut self, value: &[u8]) {
        self.varint(value.len() as i64);
        self.0.extend_from_slice(value);
    }

    fn decimal(&mut self, unscaled: &[u8], _scale: u32) {
        self.bytes(unscaled);
    }
}
