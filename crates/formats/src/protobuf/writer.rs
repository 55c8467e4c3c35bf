//! Writes Arrow values as Protobuf messages.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Decimal256Type, Float64Type, Int32Type, Int64Type,
    Time32MillisecondType, TimestampMillisecondType,
};
use arrow_array::{Array, ArrayRef};
use arrow_buffer::i256;
use arrow_schema::DataType;
use types::{Field as SqlField, SqlType};

use super::model::{Field, File, Label, Message, Named, Scalar, Type};
use super::well_known::WellKnown;
use super::wire::{Wire, write_bytes, write_number, write_tag, write_varint};
use crate::json::is_upper_of;
use crate::{Error, Result, twos_complement};

/// Writes the fields of one message.
#[derive(Clone, Debug)]
pub struct MessageWriter {
    fields: Vec<FieldWriter>,
}

#[derive(Clone, Debug)]
struct FieldWriter {
    number: u32,
    member: usize,
    repeated: bool,
    /// Whether a default value is left out.
    implicit: bool,
    element: Element,
}

/// Writes one value.
#[derive(Clone, Debug)]
enum Element {
    Scalar(Scalar),
    Wrapper(Scalar),
    Enum(Vec<(i32, String)>),
    Timestamp,
    Date,
    TimeOfDay,
    Decimal {
        precision: u8,
        scale: u8,
    },
    Message(MessageWriter),
    /// A map's entry: its value.
    Entry(Box<Element>),
}

/// Compiles a writer of `message` for `members`, which it must have all.
///
/// # Errors
/// `Unsupported` when the message has no field for a member, or one of another type.
pub fn compile(file: &File, message: &Message, members: &[SqlField]) -> Result<MessageWriter> {
    let mut fields = Vec::with_capacity(members.len());
    for (index, member) in members.iter().enumerate() {
        let exact = message.fields.iter().find(|field| field.name == member.name);
        let upper = || message.fields.iter().rfind(|f| is_upper_of(&member.name, &f.name));
        let field = exact.or_else(upper).ok_or_else(|| {
            Error::Unsupported(format!(
                "The schema {} has no field for column `{}`",
                message.name, member.name
            ))
        })?;
        let element = field_element(file, message, field, &member.ty).ok_or_else(|| {
            let (name, ty) = (&field.name, &member.ty);
            Error::Unsupported(format!("Field {name} of {} can't hold {ty}", message.name))
        })??;
        fields.push(FieldWriter {
            number: field.number,
            member: index,
            repeated: field.label == Label::Repeated,
            implicit: field.label == Label::Implicit,
            element,
        });
    }
    fields.sort_by_key(|field| field.number);
    Ok(MessageWriter { fields })
}

/// How to write the field; `None` when the types don't go together.
fn field_element(
    file: &File,
    scope: &Message,
    field: &Field,
    ty: &SqlType,
) -> Option<Result<Element>> {
    match (&field.ty, ty, field.label) {
        (Type::Map(Scalar::String, value), SqlType::Map(_, value_ty), _) => {
            let value = element(file, scope, value, value_ty)?;
            Some(value.map(|value| Element::Entry(Box::new(value))))
        }
        (Type::Named(name), SqlType::Map(_, value_ty), Label::Repeated) => {
            let Some(Named::Message(entry)) = file.find(&scope.name, name) else { return None };
            let [key, value] = entry.fields.as_slice() else { return None };
            let is_entry =
                (key.number, value.number) == (1, 2) && key.ty == Type::Scalar(Scalar::String);
            let value = is_entry.then(|| element(file, entry, &value.ty, value_ty))??;
            Some(value.map(|value| Element::Entry(Box::new(value))))
        }
        (inner, SqlType::Array(item), Label::Repeated) => element(file, scope, inner, item),
        (inner, ty, Label::Implicit | Label::Optional) => element(file, scope, inner, ty),
        _ => None,
    }
}

fn element(file: &File, scope: &Message, ty: &Type, sql: &SqlType) -> Option<Result<Element>> {
    let name = match ty {
        Type::Scalar(scalar) => return holds(*scalar, sql).then_some(Ok(Element::Scalar(*scalar))),
        Type::Map(..) => return None,
        Type::Named(name) => name,
    };
    let element = match (file.find(&scope.name, name)?, sql) {
        (Named::Message(inner), SqlType::Struct(fields)) => {
            return Some(compile(file, inner, fields).map(Element::Message));
        }
        (Named::Enum(values), SqlType::String) => Element::Enum(values.to_vec()),
        (Named::WellKnown(WellKnown::Wrapper(scalar)), sql) if holds(scalar, sql) => {
            Element::Wrapper(scalar)
        }
        (Named::WellKnown(WellKnown::Timestamp), SqlType::Timestamp) => Element::Timestamp,
        (Named::WellKnown(WellKnown::Date), SqlType::Date) => Element::Date,
        (Named::WellKnown(WellKnown::TimeOfDay), SqlType::Time) => Element::TimeOfDay,
        (Named::WellKnown(WellKnown::Decimal), SqlType::Decimal { precision, scale }) => {
            Element::Decimal { precision: *precision, scale: *scale }
        }
        _ => return None,
    };
    Some(Ok(element))
}

fn holds(scalar: Scalar, sql: &SqlType) -> bool {
    use Scalar::{Bool, Bytes, Double, Float, String};
    match sql {
        SqlType::Boolean => scalar == Bool,
        SqlType::Integer | SqlType::Bigint => {
            !matches!(scalar, Bool | Bytes | Double | Float | String)
        }
        SqlType::Double => matches!(scalar, Double | Float),
        SqlType::String => scalar == String,
        SqlType::Bytes => scalar == Bytes,
        _ => false,
    }
}

/// Appends what `body` writes behind its length.
fn prefixed(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<()> {
    let start = out.len();
    body(out)?;
    let end = out.len();
    write_varint((end - start) as u64, out);
    // The length is known only now: bring it to the front.
    let length_bytes = out.len() - end;
    out[start..].rotate_right(length_bytes);
    Ok(())
}

impl MessageWriter {
    /// Writes one row of the members.
    ///
    /// # Errors
    /// `Encode` for a value that the message can't hold.
    pub fn write(&self, members: &[ArrayRef], row: usize, out: &mut Vec<u8>) -> Result<()> {
        for field in &self.fields {
            let array = &members[field.member];
            if !array.is_null(row) {
                field.write(array, row, out)?;
            }
        }
        Ok(())
    }
}

impl FieldWriter {
    fn write(&self, array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<()> {
        match &self.element {
            Element::Entry(value) => self.write_map(value, array, row, out),
            _ if self.repeated => self.write_list(array, row, out),
            Element::Scalar(_) | Element::Enum(_) if self.implicit => {
                let start = out.len();
                write_tag(self.number, self.element.wire(), out);
                let value = out.len();
                self.element.write(array, row, out)?;
                if out[value..].iter().all(|byte| *byte == 0) {
                    out.truncate(start);
                }
                Ok(())
            }
            element => {
                write_tag(self.number, element.wire(), out);
                element.write(array, row, out)
            }
        }
    }

    fn write_list(&self, array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<()> {
        let items = array.as_list::<i32>().value(row);
        if items.is_empty() {
            return Ok(());
        }
        if self.element.wire() == Wire::Bytes {
            return (0..items.len()).try_for_each(|index| {
                write_tag(self.number, Wire::Bytes, out);
                self.element.write_or_empty(&items, index, out)
            });
        }
        write_tag(self.number, Wire::Bytes, out);
        prefixed(out, |out| {
            (0..items.len()).try_for_each(|index| self.element.write_or_empty(&items, index, out))
        })
    }

    fn write_map(
        &self,
        value: &Element,
        array: &dyn Array,
        row: usize,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let entries = array.as_map().value(row);
        let keys = entries.column(0).as_string::<i32>();
        for index in 0..entries.len() {
            write_tag(self.number, Wire::Bytes, out);
            prefixed(out, |out| {
                write_tag(1, Wire::Bytes, out);
                write_bytes(keys.value(index).as_bytes(), out);
                if !entries.column(1).is_null(index) {
                    write_tag(2, value.wire(), out);
                    value.write(entries.column(1), index, out)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}

impl Element {
    fn wire(&self) -> Wire {
        match self {
            Self::Scalar(scalar) => scalar.wire(),
            Self::Enum(_) => Wire::Varint,
            _ => Wire::Bytes,
        }
    }

    /// An element of a list, where NULL can only be written as the empty value.
    fn write_or_empty(&self, array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<()> {
        if array.is_null(row) {
            write_number(0, self.wire(), out);
            return Ok(());
        }
        self.write(array, row, out)
    }

    /// Writes the value at `row`, which is not NULL, without its tag.
    fn write(&self, array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<()> {
        match self {
            Self::Scalar(scalar) => write_scalar(*scalar, array, row, out),
            Self::Wrapper(scalar) => prefixed(out, |out| {
                write_tag(1, scalar.wire(), out);
                write_scalar(*scalar, array, row, out)
            }),
            Self::Enum(values) => write_symbol(values, array, row, out),
            Self::Timestamp => {
                let millis = array.as_primitive::<TimestampMillisecondType>().value(row);
                let nanos = millis.rem_euclid(1_000) * 1_000_000;
                write_parts(&[millis.div_euclid(1_000), nanos], out)
            }
            Self::Date => {
                let (year, month, day) = civil(array.as_primitive::<Date32Type>().value(row));
                write_parts(&[year, month, day], out)
            }
            Self::TimeOfDay => {
                let millis = i64::from(array.as_primitive::<Time32MillisecondType>().value(row));
                let (seconds, nanos) = (millis / 1_000, millis % 1_000 * 1_000_000);
                write_parts(&[seconds / 3_600, seconds / 60 % 60, seconds % 60, nanos], out)
            }
            Self::Decimal { precision, scale } => {
                let unscaled = unscaled(array, row)?;
                prefixed(out, |out| {
                    write_tag(1, Wire::Bytes, out);
                    twos_complement::write(unscaled, |bytes| write_bytes(bytes, out));
                    write_tag(2, Wire::Varint, out);
                    write_varint(u64::from(*precision), out);
                    write_tag(3, Wire::Varint, out);
                    write_varint(u64::from(*scale), out);
                    Ok(())
                })
            }
            Self::Message(message) => {
                prefixed(out, |out| message.write(array.as_struct().columns(), row, out))
            }
            Self::Entry(_) => Err(alien(array)),
        }
    }
}

fn alien(array: &dyn Array) -> Error {
    Error::Encode(format!("a column came as Arrow type {}", array.data_type()))
}

fn unscaled(array: &dyn Array, row: usize) -> Result<i256> {
    match array.data_type() {
        DataType::Decimal128(..) => {
            Ok(i256::from_i128(array.as_primitive::<Decimal128Type>().value(row)))
        }
        DataType::Decimal256(..) => Ok(array.as_primitive::<Decimal256Type>().value(row)),
        _ => Err(alien(array)),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the schema asked for 32 bits")]
fn write_scalar(scalar: Scalar, array: &dyn Array, row: usize, out: &mut Vec<u8>) -> Result<()> {
    match array.data_type() {
        DataType::Boolean => write_varint(u64::from(array.as_boolean().value(row)), out),
        DataType::Int32 => {
            let value = i64::from(array.as_primitive::<Int32Type>().value(row));
            write_number(scalar.raw(value), scalar.wire(), out);
        }
        DataType::Int64 => {
            let value = array.as_primitive::<Int64Type>().value(row);
            write_number(scalar.raw(value), scalar.wire(), out);
        }
        DataType::Float64 => {
            let value = array.as_primitive::<Float64Type>().value(row);
            let raw = match scalar {
                Scalar::Float => u64::from((value as f32).to_bits()),
                _ => value.to_bits(),
            };
            write_number(raw, scalar.wire(), out);
        }
        DataType::Utf8 => write_bytes(array.as_string::<i32>().value(row).as_bytes(), out),
        DataType::Binary => write_bytes(array.as_binary::<i32>().value(row), out),
        _ => return Err(alien(array)),
    }
    Ok(())
}

fn write_symbol(
    values: &[(i32, String)],
    array: &dyn Array,
    row: usize,
    out: &mut Vec<u8>,
) -> Result<()> {
    let symbol = array.as_string::<i32>().value(row);
    let found = values.iter().find(|(_, name)| name == symbol);
    let (number, _) =
        found.ok_or_else(|| Error::Encode(format!("'{symbol}' is no symbol of the enum")))?;
    write_varint(i64::from(*number).cast_unsigned(), out);
    Ok(())
}

/// A message of integers in the fields 1, 2, ...
fn write_parts(parts: &[i64], out: &mut Vec<u8>) -> Result<()> {
    prefixed(out, |out| {
        for (number, part) in (1..).zip(parts).filter(|(_, part)| **part != 0) {
            write_tag(number, Wire::Varint, out);
            write_varint(part.cast_unsigned(), out);
        }
        Ok(())
    })
}

/// Year, month and day of a day since 1970-01-01, counted in eras of 400 years from March on.
fn civil(days: i32) -> (i64, i64, i64) {
    const DAYS_PER_ERA: i64 = 146_097;
    // Days from 0000-03-01 to 1970-01-01.
    let days = i64::from(days) + 719_468;
    let (era, of_era) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}
