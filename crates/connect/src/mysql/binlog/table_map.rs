//! The event before row events that tells the stored types of a table's columns.
//!
//! Layout: table number (6), flags (2), database (length 1, bytes, 0), table (the same), number of
//! columns (packed), their types (1 each), length of metadata (packed), metadata, null bits, then
//! optional fields: type (1), length (packed), value. Field 4 holds the column names.

use super::reader::Reader;
use crate::error::Result;

/// Optional field with column names (`binlog_row_metadata=FULL`).
const COLUMN_NAMES: u8 = 4;

/// A table's number and stored types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableMap {
    /// The number that row events use.
    pub table_id: u64,
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// Type codes with their two bytes of metadata.
    pub types: Vec<(u8, [u8; 2])>,
    /// Column names, if the server writes them.
    pub names: Option<Vec<String>>,
}

impl TableMap {
    /// Decodes the event's data.
    pub fn parse(data: &[u8]) -> Result<Self> {
        let mut reader = Reader(data);
        let table_id = reader.little(6)?;
        reader.take(2)?;
        let database = name(&mut reader)?;
        let table = name(&mut reader)?;
        let count = reader.packed()? as usize;
        let codes = reader.take(count)?;
        let metadata_length = reader.packed()? as usize;
        let mut metadata = Reader(reader.take(metadata_length)?);
        let mut types = Vec::with_capacity(count);
        for code in codes {
            types.push((*code, type_metadata(*code, &mut metadata)?));
        }
        reader.take(count.div_ceil(8))?;
        let names = column_names(reader, count).ok().flatten();
        Ok(Self { table_id, database, table, types, names })
    }
}

fn name(reader: &mut Reader<'_>) -> Result<String> {
    let bytes = reader.prefixed(1)?;
    reader.byte()?;
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

/// Metadata of one column, in the order of its bytes.
fn type_metadata(code: u8, metadata: &mut Reader<'_>) -> Result<[u8; 2]> {
    match code {
        // VARCHAR, its compressed form, BIT, NEWDECIMAL, ENUM, SET, VAR_STRING, STRING
        15 | 16 | 141 | 246..=248 | 253 | 254 => Ok([metadata.byte()?, metadata.byte()?]),
        // FLOAT, DOUBLE, times with fractions, BLOBs and what is stored like them
        4 | 5 | 17..=19 | 140 | 242 | 245 | 249..=252 | 255 => Ok([metadata.byte()?, 0]),
        _ => Ok([0, 0]),
    }
}

fn column_names(mut reader: Reader<'_>, count: usize) -> Result<Option<Vec<String>>> {
    while !reader.is_empty() {
        let field = reader.byte()?;
        let length = reader.packed()? as usize;
        let mut value = Reader(reader.take(length)?);
        if field == COLUMN_NAMES {
            let mut names = Vec::with_capacity(count);
            while !value.is_empty() {
                let length = value.packed()? as usize;
                names.push(String::from_utf8_lossy(value.take(length)?).into_owned());
            }
            return Ok((names.len() == count).then_some(names));
        }
    }
    Ok(None)
}
