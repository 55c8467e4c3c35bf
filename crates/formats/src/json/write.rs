//! Writes the rows of Arrow columns as JSON.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Decimal256Type, Float64Type, Int32Type, Int64Type,
    Time32MillisecondType, TimestampMillisecondType,
};
use arrow_array::{
    Array, BinaryArray, BooleanArray, Float64Array, ListArray, MapArray, PrimitiveArray,
    StringArray, StructArray,
};
use arrow_buffer::i256;
use arrow_schema::DataType;
use types::text;

use crate::{Error, Result, decimals, digits};

/// A column made ready for writing: downcast once per batch.
#[derive(Debug)]
pub struct Cell<'a> {
    array: &'a dyn Array,
    values: Values<'a>,
}

#[derive(Debug)]
enum Values<'a> {
    Boolean(&'a BooleanArray),
    Integer(&'a PrimitiveArray<Int32Type>),
    Bigint(&'a PrimitiveArray<Int64Type>),
    Double(&'a Float64Array),
    Decimal(&'a PrimitiveArray<Decimal128Type>, u8),
    WideDecimal(&'a PrimitiveArray<Decimal256Type>, u8),
    String(&'a StringArray),
    Bytes(&'a BinaryArray),
    Time(&'a PrimitiveArray<Time32MillisecondType>),
    Date(&'a PrimitiveArray<Date32Type>),
    Timestamp(&'a PrimitiveArray<TimestampMillisecondType>),
    Array(&'a ListArray, Box<Cell<'a>>),
    Map(&'a MapArray, &'a StringArray, Box<Cell<'a>>),
    Struct(Vec<(Vec<u8>, Cell<'a>)>),
}

/// Buffer for texts that are built as strings, reused over a batch.
pub type Scratch = String;

impl<'a> Cell<'a> {
    /// Prepares `array`.
    ///
    /// # Errors
    /// For Arrow types that hold no SQL type, and maps whose keys are no strings.
    pub fn try_new(array: &'a dyn Array) -> Result<Self> {
        let scale = |scale: i8| u8::try_from(scale).map_err(|_| unsupported(array.data_type()));
        let values = match array.data_type() {
            DataType::Boolean => Values::Boolean(array.as_boolean()),
            DataType::Int32 => Values::Integer(array.as_primitive()),
            DataType::Int64 => Values::Bigint(array.as_primitive()),
            DataType::Float64 => Values::Double(array.as_primitive::<Float64Type>()),
            DataType::Decimal128(_, s) => Values::Decimal(array.as_primitive(), scale(*s)?),
            DataType::Decimal256(_, s) => Values::WideDecimal(array.as_primitive(), scale(*s)?),
            DataType::Utf8 => Values::String(array.as_string()),
            DataType::Binary => Values::Bytes(array.as_binary()),
            DataType::Time32(_) => Values::Time(array.as_primitive()),
            DataType::Date32 => Values::Date(array.as_primitive()),
            DataType::Timestamp(..) => Values::Timestamp(array.as_primitive()),
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                Values::Array(list, Box::new(Cell::try_new(list.values())?))
            }
            DataType::Map(..) => Self::map(array.as_map())?,
            DataType::Struct(_) => Values::Struct(Self::members(array.as_struct())?),
            other => return Err(unsupported(other)),
        };
        Ok(Self { array, values })
    }

    fn map(map: &'a MapArray) -> Result<Values<'a>> {
        let keys = map.keys().as_string_opt::<i32>().ok_or_else(|| {
            Error::Unsupported("JSON only supports MAP types with STRING keys".to_owned())
        })?;
        Ok(Values::Map(map, keys, Box::new(Cell::try_new(map.values())?)))
    }

    fn members(array: &'a StructArray) -> Result<Vec<(Vec<u8>, Cell<'a>)>> {
        let member = |(field, column): (&'a arrow_schema::FieldRef, &'a arrow_array::ArrayRef)| {
            Ok((label(field.name()), Cell::try_new(column)?))
        };
        array.fields().iter().zip(array.columns()).map(member).collect()
    }

    /// Whether the value at `row` is NULL.
    pub fn is_null(&self, row: usize) -> bool {
        self.array.is_null(row)
    }

    /// Appends the value at `row`.
    pub fn write(&self, row: usize, out: &mut Vec<u8>, scratch: &mut Scratch) {
        if self.array.is_null(row) {
            out.extend_from_slice(b"null");
            return;
        }
        match &self.values {
            Values::Boolean(array) => write_boolean(array.value(row), out),
            Values::Integer(array) => digits::write(i64::from(array.value(row)), out),
            Values::Bigint(array) => digits::write(array.value(row), out),
            Values::Double(array) => write_double(array.value(row), out, scratch),
            Values::Decimal(array, scale) => {
                decimals::write_plain(i256::from_i128(array.value(row)), *scale, out);
            }
            Values::WideDecimal(array, scale) => {
                decimals::write_plain(array.value(row), *scale, out);
            }
            Values::String(array) => write_string(array.value(row), out),
            Values::Bytes(array) => write_bytes(array.value(row), out, scratch),
            Values::Time(array) => digits::write(i64::from(array.value(row)), out),
            Values::Date(array) => digits::write(i64::from(array.value(row)), out),
            Values::Timestamp(array) => digits::write(array.value(row), out),
            Values::Array(array, item) => write_array(array, item, row, out, scratch),
            Values::Map(array, keys, value) => write_map(array, keys, value, row, out, scratch),
            Values::Struct(members) => write_object(members, row, out, scratch),
        }
    }

    /// Appends the value at `row`, which is not NULL, without JSON's quotes around texts.
    pub fn write_text(&self, row: usize, out: &mut Vec<u8>, scratch: &mut Scratch) {
        match &self.values {
            Values::String(array) => out.extend_from_slice(array.value(row).as_bytes()),
            Values::Bytes(array) => {
                scratch.clear();
                text::write_base64(array.value(row), scratch);
                out.extend_from_slice(scratch.as_bytes());
            }
            Values::Double(array) => {
                scratch.clear();
                text::write_double(array.value(row), scratch);
                out.extend_from_slice(scratch.as_bytes());
            }
            _ => self.write(row, out, scratch),
        }
    }
}

fn unsupported(ty: &DataType) -> Error {
    Error::Unsupported(format!("columns of Arrow type {ty} can't be written"))
}

/// `"NAME":`, escaped.
pub fn label(name: &str) -> Vec<u8> {
    let mut label = Vec::with_capacity(name.len() + 3);
    write_string(name, &mut label);
    label.push(b':');
    label
}

/// Appends an object of the members' values at `row`.
pub fn write_object(
    members: &[(Vec<u8>, Cell<'_>)],
    row: usize,
    out: &mut Vec<u8>,
    scratch: &mut Scratch,
) {
    out.push(b'{');
    for (index, (label, cell)) in members.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(label);
        cell.write(row, out, scratch);
    }
    out.push(b'}');
}

fn write_boolean(value: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

/// Java's text; what JSON has no number for becomes a string.
fn write_double(value: f64, out: &mut Vec<u8>, scratch: &mut Scratch) {
    scratch.clear();
    text::write_double(value, scratch);
    if value.is_finite() {
        out.extend_from_slice(scratch.as_bytes());
    } else {
        write_string(scratch, out);
    }
}

fn write_bytes(value: &[u8], out: &mut Vec<u8>, scratch: &mut Scratch) {
    scratch.clear();
    text::write_base64(value, scratch);
    out.push(b'"');
    out.extend_from_slice(scratch.as_bytes());
    out.push(b'"');
}

/// The child rows of row `row`.
fn range(offsets: &[i32], row: usize) -> std::ops::Range<usize> {
    let at = |index: usize| usize::try_from(offsets[index]).expect("offsets are not negative");
    at(row)..at(row + 1)
}

fn write_array(
    array: &ListArray,
    item: &Cell<'_>,
    row: usize,
    out: &mut Vec<u8>,
    scratch: &mut Scratch,
) {
    out.push(b'[');
    let items = range(array.value_offsets(), row);
    for child in items.clone() {
        if child > items.start {
            out.push(b',');
        }
        item.write(child, out, scratch);
    }
    out.push(b']');
}

fn write_map(
    array: &MapArray,
    keys: &StringArray,
    value: &Cell<'_>,
    row: usize,
    out: &mut Vec<u8>,
    scratch: &mut Scratch,
) {
    out.push(b'{');
    let entries = range(array.value_offsets(), row);
    for child in entries.clone() {
        if child > entries.start {
            out.push(b',');
        }
        write_string(keys.value(child), out);
        out.push(b':');
        value.write(child, out, scratch);
    }
    out.push(b'}');
}

/// Appends `text` as a JSON string; only what must be escaped is.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[copied..index]);
        copied = index + 1;
        write_escape(byte, out);
    }
    out.extend_from_slice(&bytes[copied..]);
    out.push(b'"');
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        0x08 => out.extend_from_slice(b"\\b"),
        0x0c => out.extend_from_slice(b"\\f"),
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 0xf)]);
        }
    }
}
