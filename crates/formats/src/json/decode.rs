//! The JSON decoder: payloads to columns.

use jiter::{Jiter, Peek};
use types::Column;

use super::read::{Members, Shape, read_value};
use super::scalars::{malformed, mismatch};
use crate::builder::{self, ColumnBuilder};
use crate::fault::Decode;
use crate::frame;
use crate::{Decoded, Decoder, Failure};

/// Decodes JSON objects, or bare values of a single column.
#[derive(Debug)]
pub struct JsonDecoder {
    top: Top,
    builders: Vec<ColumnBuilder>,
    /// Whether payloads begin with the registry's header (JSON_SR).
    framed: bool,
    /// The parser's buffer for strings with escapes, kept between payloads.
    tape: Vec<u8>,
}

#[derive(Debug)]
enum Top {
    Object(Members),
    Bare(Shape),
}

impl JsonDecoder {
    /// A decoder for `columns`; `unwrapped` payloads are the bare value of the only column.
    pub fn new(columns: &[Column], unwrapped: bool, framed: bool) -> Self {
        let top = match columns {
            [only] if unwrapped => Top::Bare(Shape::of(&only.ty)),
            columns => Top::Object(Members::of_columns(columns)),
        };
        Self { top, builders: builder::builders(columns), framed, tape: Vec::new() }
    }

    /// Reads one payload as one row; false when it is a NULL and so no row at all.
    fn read(&mut self, payload: &[u8], row: usize) -> Decode<bool> {
        let payload = if self.framed { frame::split(payload)?.1 } else { payload };
        let mut json = Jiter::with_tape(payload, std::mem::take(&mut self.tape));
        let outcome = self.read_document(&mut json, row);
        self.tape = json.into_tape();
        outcome
    }

    fn read_document(&mut self, json: &mut Jiter<'_>, row: usize) -> Decode<bool> {
        let peek = json.peek().map_err(malformed)?;
        if peek == Peek::Null {
            json.known_null().map_err(malformed)?;
            builder::null_row(&mut self.builders, row);
            return Ok(false);
        }
        match &mut self.top {
            Top::Bare(shape) => read_value(json, peek, shape, &mut self.builders[0])?,
            Top::Object(members) if peek == Peek::Object => {
                members.read(json, &mut self.builders, row)?;
            }
            Top::Object(_) => return Err(mismatch(json, peek, "STRUCT")),
        }
        Ok(true)
    }
}

impl Decoder for JsonDecoder {
    fn decode(&mut self, payloads: &[Option<&[u8]>]) -> Decoded {
        let mut failures = Vec::new();
        let mut absent = Vec::new();
        for (row, payload) in payloads.iter().enumerate() {
            let Some(payload) = payload else {
                builder::null_row(&mut self.builders, row);
                continue;
            };
            match self.read(payload, row) {
                Ok(true) => {}
                Ok(false) => absent.push(row),
                Err(fault) => {
                    builder::null_row(&mut self.builders, row);
                    failures.push(Failure { row, message: fault.to_string() });
                }
            }
        }
        Decoded { columns: builder::finish(&mut self.builders), failures, absent }
    }
}
