//! The payloads of a batch, written one behind the other into one buffer. Used by every encoder.

use arrow_array::BinaryArray;
use arrow_buffer::{Buffer, NullBuffer, NullBufferBuilder, OffsetBuffer, ScalarBuffer};

use crate::{Error, Result};

/// Payloads under construction; one buffer for the whole batch.
#[derive(Debug)]
pub struct Payloads {
    bytes: Vec<u8>,
    ends: Vec<i32>,
    valid: NullBufferBuilder,
}

impl Payloads {
    /// Room for `rows` payloads of about `bytes_per_row` bytes.
    pub fn with_capacity(rows: usize, bytes_per_row: usize) -> Self {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        let bytes = Vec::with_capacity(rows * bytes_per_row);
        Self { bytes, ends, valid: NullBufferBuilder::new(rows) }
    }

    /// Calls `write` for every row that is present; it says false when the row has no payload.
    ///
    /// # Errors
    /// Those of `write`, and when the batch grows beyond 2 GiB.
    pub fn write_rows(
        &mut self,
        rows: usize,
        present: Option<&NullBuffer>,
        mut write: impl FnMut(usize, &mut Vec<u8>) -> Result<bool>,
    ) -> Result<()> {
        for row in 0..rows {
            let start = self.bytes.len();
            let exists = present.is_none_or(|p| p.is_valid(row)) && write(row, &mut self.bytes)?;
            if !exists {
                self.bytes.truncate(start);
            }
            self.valid.append(exists);
            let end = i32::try_from(self.bytes.len()).map_err(|_| {
                Error::Encode("one batch can't hold more than 2 GiB of payloads".to_owned())
            })?;
            self.ends.push(end);
        }
        Ok(())
    }

    /// The payloads as an array.
    pub fn finish(mut self) -> BinaryArray {
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.ends));
        BinaryArray::new(offsets, Buffer::from_vec(self.bytes), self.valid.finish())
    }
}
