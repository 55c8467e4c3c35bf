//! Writes Arrow values as Avro, by a schema compiled for the columns' types.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Decimal256Type, Float64Type, Int32Type, Int64Type,
    Time32MillisecondType, TimestampMillisecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::i256;
use arrow_schema::DataType;
use serde_json::Value;
use types::{Field, SqlType};

use super::binary::{write_bytes, write_length, write_long};
use crate::avro_schema::{Document, Kind, Record, Schema};
use crate::decimals::Spelled;
use crate::json::is_upper_of;
use crate::{Error, Result, twos_complement};

/// How to write one value of a compiled type.
#[derive(Clone, Debug)]
pub enum Writer {
    /// Nothing: null.
    Null,
    /// These bytes, whatever the row: a default value.
    Constant(Vec<u8>),
    /// BOOLEAN.
    Boolean,
    /// INTEGER, BIGINT, DATE, TIME or TIMESTAMP as int or long, times this.
    Long(i64),
    /// A number as float.
    Float,
    /// A number as double.
    Double,
    /// STRING as string, BYTES as bytes.
    Bytes,
    /// BYTES of exactly this length.
    Fixed(usize),
    /// STRING as one of an enum's symbols.
    Symbol(Vec<String>),
    /// DECIMAL as unscaled bytes: of a fixed length, or prefixed by it.
    Decimal { size: Option<usize>, precision: u8, scale: u8 },
    /// ARRAY.
    Array(Box<Writer>),
    /// MAP.
    Map(Box<Writer>),
    /// STRUCT.
    Record(RecordWriter),
    /// A union of null and something else, by their branch numbers.
    Nullable { null: i64, other: i64, inner: Box<Writer> },
    /// A union of one type only.
    Branch(i64, Box<Writer>),
    /// What is never NULL, with its default for when it is.
    Required { default: Option<Vec<u8>>, inner: Box<Writer> },
}

/// Writes the fields of a record in order.
#[derive(Clone, Debug)]
pub struct RecordWriter {
    /// Name, the member it takes (none for constants), how.
    fields: Vec<(String, Option<usize>, Writer)>,
}

/// Compiles `schema` for values of type `ty`.
///
/// # Errors
/// `Unsupported` when the schema can't hold the type, or has a field that no member fills.
pub fn compile(document: &Document, schema: &Schema, ty: &SqlType) -> Result<Writer> {
    let schema = document.resolve(schema);
    let writer = match (&schema.kind, ty) {
        (Kind::Union(branches), _) => return union(document, branches, ty),
        (Kind::Record(record), SqlType::Struct(fields)) => {
            Writer::Record(RecordWriter::compile(document, record, fields)?)
        }
        (Kind::Array(items), SqlType::Array(element)) => {
            Writer::Array(Box::new(compile(document, items, element)?))
        }
        (Kind::Map(values), SqlType::Map(key, value)) if **key == SqlType::String => {
            Writer::Map(Box::new(compile(document, values, value)?))
        }
        _ => scalar(schema, ty).ok_or_else(|| incompatible(schema, ty))?,
    };
    Ok(Writer::Required { default: None, inner: Box::new(writer) })
}

fn incompatible(schema: &Schema, ty: &SqlType) -> Error {
    Error::Unsupported(format!("Avro type {} can't hold {ty}", schema.type_name()))
}

fn union(document: &Document, branches: &[Schema], ty: &SqlType) -> Result<Writer> {
    let null = branches.iter().position(|branch| branch.kind == Kind::Null);
    let mut failure = None;
    for (index, branch) in branches.iter().enumerate().filter(|(index, _)| Some(*index) != null) {
        match compile(document, branch, ty) {
            Ok(inner) => {
                let (other, inner) = (number(index), Box::new(inner));
                return Ok(match null {
                    Some(null) => Writer::Nullable { null: number(null), other, inner },
                    None => Writer::Branch(other, inner),
                });
            }
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.unwrap_or_else(|| Error::Unsupported(format!("Avro union can't hold {ty}"))))
}

fn number(index: usize) -> i64 {
    i64::try_from(index).expect("memory is smaller than 2^63")
}

fn scalar(schema: &Schema, ty: &SqlType) -> Option<Writer> {
    let logical = schema.logical_type().unwrap_or_default();
    Some(match (&schema.kind, ty) {
        (Kind::Boolean, SqlType::Boolean) => Writer::Boolean,
        (Kind::Int, SqlType::Integer | SqlType::Date | SqlType::Time)
        | (Kind::Long, SqlType::Integer | SqlType::Bigint) => Writer::Long(1),
        (Kind::Long, SqlType::Time | SqlType::Timestamp) if logical.ends_with("-micros") => {
            Writer::Long(1_000)
        }
        (Kind::Long, SqlType::Timestamp) if logical.ends_with("-nanos") => Writer::Long(1_000_000),
        (Kind::Long, SqlType::Timestamp) => Writer::Long(1),
        (Kind::Float, SqlType::Integer | SqlType::Double) => Writer::Float,
        (Kind::Double, SqlType::Integer | SqlType::Bigint | SqlType::Double) => Writer::Double,
        (Kind::String, SqlType::String) | (Kind::Bytes, SqlType::Bytes) => Writer::Bytes,
        (Kind::Enum(symbols), SqlType::String) => Writer::Symbol(symbols.symbols.clone()),
        (Kind::Fixed(fixed), SqlType::Bytes) => Writer::Fixed(fixed.size),
        (Kind::Bytes, SqlType::Decimal { .. }) => decimal(schema, None)?,
        (Kind::Fixed(fixed), SqlType::Decimal { .. }) => decimal(schema, Some(fixed.size))?,
        _ => return None,
    })
}

fn decimal(schema: &Schema, size: Option<usize>) -> Option<Writer> {
    if schema.logical_type() != Some("decimal") {
        return None;
    }
    let precision = u8::try_from(schema.number("precision").unwrap_or(64)).ok()?;
    let scale = u8::try_from(schema.number("scale").unwrap_or(0)).ok()?;
    Some(Writer::Decimal { size, precision, scale })
}

impl RecordWriter {
    /// Compiles `record` for the members `fields`, which it must have all.
    ///
    /// # Errors
    /// See [`compile`].
    pub fn compile(document: &Document, record: &Record, fields: &[Field]) -> Result<Self> {
        let member = |name: &str| {
            let exact = fields.iter().position(|field| field.name == name);
            exact.or_else(|| fields.iter().position(|field| is_upper_of(&field.name, name)))
        };
        let mut writers = Vec::with_capacity(record.fields.len());
        for field in &record.fields {
            let default = field.default.as_ref();
            let member = member(&field.name);
            let writer = match member {
                Some(member) => {
                    let writer = compile(document, &field.schema, &fields[member].ty)?;
                    with_default(document, &field.schema, default, writer)?
                }
                None => unfilled(document, &field.name, &field.schema, default)?,
            };
            writers.push((field.name.clone(), member, writer));
        }
        for (index, field) in fields.iter().enumerate() {
            if !writers.iter().any(|(_, member, _)| *member == Some(index)) {
                return Err(Error::Unsupported(format!(
                    "The schema {} has no field for column `{}`",
                    record.name, field.name
                )));
            }
        }
        Ok(Self { fields: writers })
    }

    /// Writes one row of the members.
    ///
    /// # Errors
    /// `Encode` for a value that the schema can't hold.
    pub fn write(&self, members: &[ArrayRef], row: usize, out: &mut Vec<u8>) -> Result<()> {
        for (name, member, writer) in &self.fields {
            let outcome = match member {
                Some(member) => writer.write(&members[*member], row, out),
                None => {
                    writer.write_constant(out);
                    Ok(())
                }
            };
            outcome.map_err(|error| Error::Encode(format!("field {name}: {error}")))?;
        }
        Ok(())
    }
}

fn with_default(
    document: &Document,
    schema: &Schema,
    default: Option<&Value>,
    writer: Writer,
) -> Result<Writer> {
    match (writer, default) {
        (Writer::Required { inner, .. }, Some(default)) => {
            let default = Some(document.default_bytes(schema, default)?);
            Ok(Writer::Required { default, inner })
        }
        (writer, _) => Ok(writer),
    }
}

/// A field that no column fills gets its default, or null where that is allowed.
fn unfilled(
    document: &Document,
    name: &str,
    schema: &Schema,
    default: Option<&Value>,
) -> Result<Writer> {
    if let Some(default) = default {
        return Ok(Writer::Constant(document.default_bytes(schema, default)?));
    }
    let null = match &document.resolve(schema).kind {
        Kind::Null => return Ok(Writer::Null),
        Kind::Union(branches) => branches.iter().position(|branch| branch.kind == Kind::Null),
        _ => None,
    };
    let null = null.ok_or_else(|| {
        Error::Unsupported(format!(
            "The schema's field {name} has no default and no column fills it"
        ))
    })?;
    let mut bytes = Vec::new();
    write_long(number(null), &mut bytes);
    Ok(Writer::Constant(bytes))
}

impl Writer {
    fn write_constant(&self, out: &mut Vec<u8>) {
        if let Self::Constant(bytes) = self {
            out.extend_from_slice(bytes);
        }
    }

    /// Writes the value at `row`.
    ///
    /// # Errors
    /// `Encode` for a value that the schema can't hold.
    pub fn write(&self, array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<()> {
        match self {
            Self::Null => {}
            Self::Constant(bytes) => out.extend_from_slice(bytes),
            Self::Boolean => out.push(u8::from(array.as_boolean().value(row))),
            Self::Long(factor) => write_scaled(array, row, *factor, out)?,
            Self::Float => write_float(array, row, out)?,
            Self::Double => out.extend_from_slice(&double(array, row)?.to_le_bytes()),
            Self::Bytes => write_bytes(bytes(array, row)?, out),
            Self::Fixed(size) => write_fixed(bytes(array, row)?, *size, out)?,
            Self::Symbol(symbols) => write_symbol(bytes(array, row)?, symbols, out)?,
            Self::Decimal { size, precision, scale } => {
                write_decimal(array, row, *size, (*precision, *scale), out)?;
            }
            Self::Array(item) => write_array(item, array, row, out)?,
            Self::Map(value) => write_map(value, array, row, out)?,
            Self::Record(record) => record.write(array.as_struct().columns(), row, out)?,
            Self::Nullable { null, .. } if array.is_null(row) => write_long(*null, out),
            Self::Nullable { other, inner, .. } => {
                write_long(*other, out);
                inner.write(array, row, out)?;
            }
            Self::Branch(index, inner) => {
                write_long(*index, out);
                inner.write(array, row, out)?;
            }
            Self::Required { default: Some(default), .. } if array.is_null(row) => {
                out.extend_from_slice(default);
            }
            Self::Required { .. } if array.is_null(row) => {
                return Err(Error::Encode("the schema does not allow NULL".to_owned()));
            }
            Self::Required { inner, .. } => inner.write(array, row, out)?,
        }
        Ok(())
    }
}

fn wrong_array(array: &dyn Array) -> Error {
    Error::Encode(format!("a column came as Arrow type {}", array.data_type()))
}

fn long(array: &dyn Array, row: usize) -> Result<i64> {
    Ok(match array.data_type() {
        DataType::Int32 => i64::from(array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row),
        DataType::Date32 => i64::from(array.as_primitive::<Date32Type>().value(row)),
        DataType::Time32(_) => i64::from(array.as_primitive::<Time32MillisecondType>().value(row)),
        DataType::Timestamp(..) => array.as_primitive::<TimestampMillisecondType>().value(row),
        _ => return Err(wrong_array(array)),
    })
}

fn write_scaled(array: &dyn Array, row: usize, factor: i64, out: &mut Vec<u8>) -> Result<()> {
    let scaled = long(array, row)?.checked_mul(factor);
    let scaled = scaled.ok_or_else(|| Error::Encode("a time exceeds 64 bits".to_owned()))?;
    write_long(scaled, out);
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "Avro promotes long to double")]
fn double(array: &dyn Array, row: usize) -> Result<f64> {
    match array.data_type() {
        DataType::Float64 => Ok(array.as_primitive::<Float64Type>().value(row)),
        _ => long(array, row).map(|value| value as f64),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the schema asked for 32 bits")]
fn write_float(array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(&(double(array, row)? as f32).to_le_bytes());
    Ok(())
}

fn bytes(array: &dyn Array, row: usize) -> Result<&[u8]> {
    match array.data_type() {
        DataType::Utf8 => Ok(array.as_string::<i32>().value(row).as_bytes()),
        DataType::Binary => Ok(array.as_binary::<i32>().value(row)),
        _ => Err(wrong_array(array)),
    }
}

fn write_fixed(value: &[u8], size: usize, out: &mut Vec<u8>) -> Result<()> {
    if value.len() != size {
        return Err(Error::Encode(format!("{} bytes where exactly {size} belong", value.len())));
    }
    out.extend_from_slice(value);
    Ok(())
}

fn write_symbol(value: &[u8], symbols: &[String], out: &mut Vec<u8>) -> Result<()> {
    let index = symbols.iter().position(|symbol| symbol.as_bytes() == value).ok_or_else(|| {
        Error::Encode(format!("'{}' is no symbol of the enum", String::from_utf8_lossy(value)))
    })?;
    write_length(index, out);
    Ok(())
}

fn write_decimal(
    array: &dyn Array,
    row: usize,
    size: Option<usize>,
    (precision, scale): (u8, u8),
    out: &mut Vec<u8>,
) -> Result<()> {
    let (unscaled, from) = match array.data_type() {
        DataType::Decimal128(_, from) => {
            (i256::from_i128(array.as_primitive::<Decimal128Type>().value(row)), *from)
        }
        DataType::Decimal256(_, from) => (array.as_primitive::<Decimal256Type>().value(row), *from),
        _ => return Err(wrong_array(array)),
    };
    let fits = Spelled { unscaled, scale: i32::from(from) }.fit(precision, scale);
    let unscaled = fits.ok_or_else(|| {
        Error::Encode(format!("a decimal does not fit DECIMAL({precision}, {scale})"))
    })?;
    twos_complement::write(unscaled, |shortest| match size {
        None => {
            write_bytes(shortest, out);
            Ok(())
        }
        Some(size) if size >= shortest.len() => {
            let fill = if shortest[0] & 0x80 == 0 { 0 } else { 0xff };
            out.extend(std::iter::repeat_n(fill, size - shortest.len()));
            out.extend_from_slice(shortest);
            Ok(())
        }
        Some(size) => Err(Error::Encode(format!("a decimal does not fit {size} bytes"))),
    })
}

fn write_array(item: &Writer, array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<()> {
    let items = array.as_list::<i32>().value(row);
    if !items.is_empty() {
        write_length(items.len(), out);
        (0..items.len()).try_for_each(|index| item.write(&items, index, out))?;
    }
    write_long(0, out);
    Ok(())
}

fn write_map(value: &Writer, array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<()> {
    let entries = array.as_map().value(row);
    if !entries.is_empty() {
        write_length(entries.len(), out);
        for index in 0..entries.len() {
            write_bytes(bytes(entries.column(0), index)?, out);
            value.write(entries.column(1), index, out)?;
        }
    }
    write_long(0, out);
    Ok(())
}
