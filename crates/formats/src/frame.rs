//! Confluent's wire format: a zero byte, the schema id in four bytes (big endian), the payload.

use types::SchemaId;

use crate::fault::{Decode, Fault};

/// First byte of every framed payload.
pub const MAGIC: u8 = 0;
/// Bytes before the payload.
pub const HEADER_BYTES: usize = 5;

/// Appends the header for schema `id`.
pub fn write(id: SchemaId, out: &mut Vec<u8>) {
    out.push(MAGIC);
    out.extend_from_slice(&id.0.to_be_bytes());
}

/// Schema id and payload of framed bytes.
pub fn split(bytes: &[u8]) -> Decode<(SchemaId, &[u8])> {
    match bytes {
        [MAGIC, a, b, c, d, payload @ ..] => {
            Ok((SchemaId(i32::from_be_bytes([*a, *b, *c, *d])), payload))
        }
        [MAGIC, ..] | [] => Err(Fault::new("Message is too short to carry a schema id")),
        [other, ..] => Err(Fault::new(format!("Unknown magic byte {other}, expected 0"))),
    }
}
