//! The DELIMITED decoder: lines to columns.

use types::{Column, Delimiter, text};

use super::line::Line;
use crate::builder::{self, ColumnBuilder, Data};
use crate::fault::{Decode, Fault};
use crate::json::{parse_double, time_of_day};
use crate::{Decoded, Decoder, Failure, decimals};

/// Decodes separated values by position.
#[derive(Debug)]
pub struct DelimitedDecoder {
    names: Vec<String>,
    builders: Vec<ColumnBuilder>,
    delimiter: char,
    line: Line,
}

impl DelimitedDecoder {
    /// A decoder for `columns` of scalar types.
    pub fn new(columns: &[Column], delimiter: Delimiter) -> Self {
        Self {
            names: columns.iter().map(|column| column.name.clone()).collect(),
            builders: builder::builders(columns),
            delimiter: delimiter.0,
            line: Line::default(),
        }
    }

    fn read(&mut self, payload: &[u8]) -> Decode<()> {
        let text = std::str::from_utf8(payload)
            .map_err(|error| Fault::new(format!("invalid text: {error}")))?;
        self.line.split(text, self.delimiter)?;
        let (found, expected) = (self.line.len(), self.builders.len());
        if found != expected {
            return Err(Fault::new(format!(
                "Unexpected field count, expected {expected} fields but got {found}"
            )));
        }
        for (index, builder) in self.builders.iter_mut().enumerate() {
            match self.line.field(text, index) {
                None => builder.append_null(),
                Some(field) => read_field(field, builder)
                    .map_err(|fault| fault.within_field(&self.names[index]))?,
            }
        }
        Ok(())
    }
}

impl Decoder for DelimitedDecoder {
    fn decode(&mut self, payloads: &[Option<&[u8]>]) -> Decoded {
        let mut failures = Vec::new();
        for (row, payload) in payloads.iter().enumerate() {
            let outcome = match payload {
                None => {
                    builder::null_row(&mut self.builders, row);
                    continue;
                }
                Some(payload) => self.read(payload),
            };
            if let Err(fault) = outcome {
                builder::null_row(&mut self.builders, row);
                failures.push(Failure { row, message: fault.to_string() });
            }
        }
        Decoded { columns: builder::finish(&mut self.builders), failures, absent: Vec::new() }
    }
}

fn read_field(field: &str, builder: &mut ColumnBuilder) -> Decode<()> {
    match builder.data_mut() {
        Data::Boolean(values) => values.append(field.trim().eq_ignore_ascii_case("true")),
        Data::Integer(values) => values.push(number(field, "INTEGER")?),
        Data::Bigint(values) => values.push(number(field, "BIGINT")?),
        Data::Double(values) => {
            values.push(parse_double(field).ok_or_else(|| Fault::conversion("STRING", "DOUBLE"))?);
        }
        Data::Decimal(values) => {
            let spelled = decimals::parse(field.trim())
                .ok_or_else(|| Fault::conversion("STRING", "DECIMAL"))?;
            let (precision, scale) = (values.precision, values.scale);
            values.push(spelled.fit(precision, scale).ok_or_else(|| {
                Fault::new(format!(
                    "Cannot fit decimal '{field}' into DECIMAL({precision}, {scale})"
                ))
            })?);
        }
        Data::String(text) => text.open().extend_from_slice(field.as_bytes()),
        Data::Bytes(bytes) => {
            let decoded = text::decode_base64(field.trim())
                .ok_or_else(|| Fault::conversion("STRING", "BYTES"))?;
            bytes.open().extend_from_slice(&decoded);
        }
        Data::Time(values) => values.push(time_of_day(number(field, "TIME")?)?),
        Data::Date(values) => values.push(number(field, "DATE")?),
        Data::Timestamp(values) => values.push(number(field, "TIMESTAMP")?),
        Data::Array(_) | Data::Map(_) | Data::Struct(_) => {
            unreachable!("DELIMITED holds scalars only; the factory refuses others")
        }
    }
    builder.end_value();
    Ok(())
}

fn number<T: std::str::FromStr>(field: &str, required: &str) -> Decode<T> {
    field.trim().parse().map_err(|_| Fault::conversion("STRING", required))
}
