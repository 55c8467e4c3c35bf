//! Rows of columns as bytes whose order and equality are the rows': keys of stores, rows in stores.
//!
//! The layout is arrow-row's for ascending columns with NULL first. It is self-delimiting: no encoded
//! row is a proper prefix of another of the same columns. Rows without columns are empty.
//!
//! Stores and changelogs outlive the process, and arrow-row promises its layout to nobody but itself:
//! [`ROW_FORMAT`] is kept with both, and a test holds the bytes of representative rows. When an upgrade
//! changes them, the number must change, too; stored rows of the old number are refused by name then.

use arrow_array::ArrayRef;
use arrow_row::{RowConverter, Rows, SortField};
use state::RowFormat;
use types::Column;
use types::columns::arrow_type;

use crate::{Error, Result};

/// The format of stored keys and values: this codec's rows, the timestamps before them, and the states
/// of aggregates.
pub(crate) const ROW_FORMAT: RowFormat = RowFormat(1);

/// Encodes and decodes rows of fixed columns.
#[derive(Debug)]
pub(crate) struct RowCodec {
    converter: Option<RowConverter>,
}

/// Encoded rows of one chunk.
pub(crate) struct EncodedRows(Option<Rows>);

impl RowCodec {
    /// A codec for rows of `columns`.
    pub fn try_new(columns: &[Column]) -> Result<Self> {
        if columns.is_empty() {
            return Ok(Self { converter: None });
        }
        let fields = columns.iter().map(|column| SortField::new(arrow_type(&column.ty))).collect();
        let converter =
            RowConverter::new(fields).map_err(|error| Error::Plan(error.to_string()))?;
        Ok(Self { converter: Some(converter) })
    }

    /// Encodes rows.
    pub fn encode(&self, columns: &[ArrayRef]) -> Result<EncodedRows> {
        let Some(converter) = &self.converter else { return Ok(EncodedRows(None)) };
        let rows = converter.convert_columns(columns);
        Ok(EncodedRows(Some(rows.map_err(|error| Error::Plan(error.to_string()))?)))
    }

    /// Decodes rows that [`Self::encode`] wrote.
    pub fn decode<'a>(&self, rows: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<ArrayRef>> {
        let Some(converter) = &self.converter else { return Ok(Vec::new()) };
        let parser = converter.parser();
        // The parser hands out rows that borrow it, so they are collected before the conversion.
        let rows: Vec<&[u8]> = rows.into_iter().collect();
        let columns = converter.convert_rows(rows.into_iter().map(|row| parser.parse(row)));
        columns.map_err(|error| Error::Data(format!("corrupt row in a state store: {error}")))
    }
}

impl EncodedRows {
    /// The bytes of row `row`.
    pub fn row(&self, row: usize) -> &[u8] {
        match &self.0 {
            Some(rows) => rows.row(row).data(),
            None => &[],
        }
    }
}

#[cfg(test)]
mod tests;
