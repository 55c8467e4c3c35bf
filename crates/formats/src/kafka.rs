//! KAFKA: one column in the encoding of Kafka's own primitive serializers (spec section 6.1): INTEGER
//! and BIGINT big endian, DOUBLE as IEEE 754 big endian, STRING as UTF-8, BYTES as they are. Without
//! columns there is nothing to decode and payloads are absent.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, BinaryArray};
use arrow_buffer::NullBuffer;
use arrow_schema::DataType;
use types::Column;

use crate::builder::{self, ColumnBuilder, Data};
use crate::fault::{Decode, Fault};
use crate::payloads::Payloads;
use crate::{Decoded, Decoder, Encoder, Error, Failure, Result};

/// Decodes the single column.
#[derive(Debug)]
pub struct KafkaDecoder {
    builders: Vec<ColumnBuilder>,
}

impl KafkaDecoder {
    /// A decoder for at most one column.
    pub fn new(columns: &[Column]) -> Self {
        Self { builders: builder::builders(columns) }
    }
}

impl Decoder for KafkaDecoder {
    fn decode(&mut self, payloads: &[Option<&[u8]>]) -> Decoded {
        let mut failures = Vec::new();
        if let Some(builder) = self.builders.first_mut() {
            for (row, payload) in payloads.iter().enumerate() {
                let Some(payload) = payload else {
                    builder.append_null();
                    continue;
                };
                if let Err(fault) = read(payload, builder) {
                    builder.truncate(row);
                    builder.append_null();
                    failures.push(Failure { row, message: fault.to_string() });
                }
            }
        }
        Decoded { columns: builder::finish(&mut self.builders), failures, absent: Vec::new() }
    }
}

fn read(payload: &[u8], builder: &mut ColumnBuilder) -> Decode<()> {
    match builder.data_mut() {
        Data::Integer(values) => values.push(i32::from_be_bytes(exactly(payload, "INTEGER")?)),
        Data::Bigint(values) => values.push(i64::from_be_bytes(exactly(payload, "BIGINT")?)),
        Data::Double(values) => values.push(f64::from_be_bytes(exactly(payload, "DOUBLE")?)),
        Data::String(text) => {
            std::str::from_utf8(payload).map_err(|e| Fault::new(format!("invalid text: {e}")))?;
            text.open().extend_from_slice(payload);
        }
        Data::Bytes(bytes) => bytes.open().extend_from_slice(payload),
        other => unreachable!("KAFKA holds no {other:?}; the factory refuses it"),
    }
    builder.end_value();
    Ok(())
}

fn exactly<const N: usize>(payload: &[u8], ty: &str) -> Decode<[u8; N]> {
    payload.try_into().map_err(|_| {
        Fault::new(format!("Size of data received for {ty} is {}, not {N}", payload.len()))
    })
}

/// Encodes the single column; its NULLs are absent payloads.
#[derive(Debug)]
pub struct KafkaEncoder;

impl Encoder for KafkaEncoder {
    fn encode(
        &mut self,
        columns: &[ArrayRef],
        present: Option<&NullBuffer>,
    ) -> Result<BinaryArray> {
        let Some(column) = columns.first() else {
            let rows = present.map_or(0, NullBuffer::len);
            return Ok(BinaryArray::new_null(rows));
        };
        let mut payloads = Payloads::with_capacity(column.len(), 8);
        payloads.write_rows(column.len(), present, |row, out| write(column, row, out))?;
        Ok(payloads.finish())
    }
}

fn write(column: &ArrayRef, row: usize, out: &mut Vec<u8>) -> Result<bool> {
    if column.is_null(row) {
        return Ok(false);
    }
    match column.data_type() {
        DataType::Int32 => {
            out.extend_from_slice(&column.as_primitive::<Int32Type>().value(row).to_be_bytes());
        }
        DataType::Int64 => {
            out.extend_from_slice(&column.as_primitive::<Int64Type>().value(row).to_be_bytes());
        }
        DataType::Float64 => {
            out.extend_from_slice(&column.as_primitive::<Float64Type>().value(row).to_be_bytes());
        }
        DataType::Utf8 => out.extend_from_slice(column.as_string::<i32>().value(row).as_bytes()),
        DataType::Binary => out.extend_from_slice(column.as_binary::<i32>().value(row)),
        other => {
            return Err(Error::Unsupported(format!("The 'KAFKA' format can't hold {other}")));
        }
    }
    Ok(true)
}
