//! NONE: no columns, no payload.

use arrow_array::{Array, ArrayRef, BinaryArray};
use arrow_buffer::NullBuffer;

use crate::{Decoded, Decoder, Encoder, Result};

/// Ignores every payload.
#[derive(Debug)]
pub struct NoneDecoder;

impl Decoder for NoneDecoder {
    fn decode(&mut self, _payloads: &[Option<&[u8]>]) -> Decoded {
        Decoded { columns: Vec::new(), failures: Vec::new(), absent: Vec::new() }
    }
}

/// Writes no payloads.
#[derive(Debug)]
pub struct NoneEncoder;

impl Encoder for NoneEncoder {
    fn encode(
        &mut self,
        columns: &[ArrayRef],
        present: Option<&NullBuffer>,
    ) -> Result<BinaryArray> {
        let rows = columns.first().map_or(present.map_or(0, NullBuffer::len), |c| c.len());
        Ok(BinaryArray::new_null(rows))
    }
}
