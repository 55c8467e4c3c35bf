//! The DELIMITED encoder: columns to lines.

use arrow_array::{ArrayRef, BinaryArray};
use arrow_buffer::NullBuffer;
use types::Delimiter;

use super::line::write_field;
use crate::json::{Cell, Scratch};
use crate::payloads::Payloads;
use crate::{Encoder, Result};

/// Encodes rows as separated values.
#[derive(Debug)]
pub struct DelimitedEncoder {
    delimiter: char,
    scratch: Scratch,
    field: Vec<u8>,
}

impl DelimitedEncoder {
    /// An encoder of scalar columns.
    pub fn new(delimiter: Delimiter) -> Self {
        Self { delimiter: delimiter.0, scratch: Scratch::new(), field: Vec::new() }
    }

    fn write_row(&mut self, cells: &[Cell<'_>], row: usize, out: &mut Vec<u8>) {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                let mut utf8 = [0; 4];
                out.extend_from_slice(self.delimiter.encode_utf8(&mut utf8).as_bytes());
            }
            if cell.is_null(row) {
                continue;
            }
            self.field.clear();
            cell.write_text(row, &mut self.field, &mut self.scratch);
            let field = std::str::from_utf8(&self.field).expect("cells write UTF-8");
            write_field(field, index == 0, self.delimiter, out);
        }
    }
}

impl Encoder for DelimitedEncoder {
    fn encode(
        &mut self,
        columns: &[ArrayRef],
        present: Option<&NullBuffer>,
    ) -> Result<BinaryArray> {
        let rows = columns.first().map_or(present.map_or(0, NullBuffer::len), |c| c.len());
        let cells =
            columns.iter().map(|c| Cell::try_new(c.as_ref())).collect::<Result<Vec<_>>>()?;
        let mut payloads = Payloads::with_capacity(rows, 16 * columns.len());
        payloads.write_rows(rows, present, |row, out| {
            self.write_row(&cells, row, out);
            Ok(true)
        })?;
        Ok(payloads.finish())
    }
}
