//! Reads Protobuf messages into column builders.
//!
//! Fields come in any order and any number: the last of a singular one wins, repeated ones add up,
//! missing ones are NULL or, for scalars without presence, their default.

use types::{Field as SqlField, SqlType, text};

use super::model::{Field, File, Label, Message, Named, Scalar, Type};
use super::well_known::WellKnown;
use super::wire::{Cursor, Raw, Wire};
use crate::builder::{ColumnBuilder, Data};
use crate::decimals::Spelled;
use crate::fault::{Decode, Fault};
use crate::json::{is_upper_of, time_of_day};
use crate::twos_complement;

/// Reads the fields of one message.
#[derive(Clone, Debug)]
pub struct MessageReader {
    /// Field number, member, how; ordered by number.
    fields: Vec<(u32, usize, FieldReader)>,
}

/// Reads one field.
#[derive(Clone, Debug)]
struct FieldReader {
    name: Box<str>,
    repeated: bool,
    /// Whether its absence reads as the default instead of NULL.
    implicit: bool,
    element: Element,
}

/// Reads one value.
#[derive(Clone, Debug)]
enum Element {
    Scalar(Scalar),
    Wrapper(Scalar),
    Enum(Vec<(i32, Box<str>)>),
    Timestamp,
    Date,
    TimeOfDay,
    Decimal,
    Message(MessageReader),
    /// A map's entry: key and value.
    Entry(Box<Element>, Box<Element>),
    Mismatch(String),
}

/// Compiles a reader of `message` for `members`.
pub fn compile(file: &File, message: &Message, members: &[SqlField]) -> MessageReader {
    let mut fields = Vec::new();
    for (index, member) in members.iter().enumerate() {
        let exact = message.fields.iter().find(|field| field.name == member.name);
        let upper = || message.fields.iter().rfind(|f| is_upper_of(&member.name, &f.name));
        if let Some(field) = exact.or_else(upper) {
            fields.push((field.number, index, field_reader(file, message, field, &member.ty)));
        }
    }
    fields.sort_by_key(|(number, ..)| *number);
    MessageReader { fields }
}

fn field_reader(file: &File, message: &Message, field: &Field, ty: &SqlType) -> FieldReader {
    let is_enum = matches!(&field.ty, Type::Named(name)
        if matches!(file.find(&message.name, name), Some(Named::Enum(_))));
    let scalar = matches!(field.ty, Type::Scalar(_)) || is_enum;
    let element = match (&field.ty, ty) {
        (Type::Map(key, value), SqlType::Map(key_ty, value_ty)) => Element::Entry(
            Box::new(scalar_element(*key, key_ty)),
            Box::new(element(file, message, value, value_ty)),
        ),
        (ty @ Type::Named(_), SqlType::Map(key_ty, value_ty)) if field.label == Label::Repeated => {
            entry(file, message, ty, key_ty, value_ty)
        }
        (inner, SqlType::Array(item)) if field.label == Label::Repeated => {
            element(file, message, inner, item)
        }
        (inner, ty) if field.label != Label::Repeated => element(file, message, inner, ty),
        (_, ty) => mismatch("repeated", ty),
    };
    FieldReader {
        name: field.name.as_str().into(),
        repeated: field.label == Label::Repeated,
        implicit: scalar && field.label == Label::Implicit,
        element,
    }
}

fn mismatch(found: &str, required: &SqlType) -> Element {
    Element::Mismatch(format!(
        "Can't convert type. sourceType: {found}, requiredType: {}",
        required.base_name()
    ))
}

/// A map written as repeated messages of `key` (1) and `value` (2).
fn entry(
    file: &File,
    message: &Message,
    ty: &Type,
    key_ty: &SqlType,
    value_ty: &SqlType,
) -> Element {
    if let Type::Named(name) = ty
        && let Some(Named::Message(entry)) = file.find(&message.name, name)
        && let [key, value] = entry.fields.as_slice()
        && (key.number, value.number) == (1, 2)
    {
        let element = |field: &Field, ty: &SqlType| Box::new(element(file, entry, &field.ty, ty));
        return Element::Entry(element(key, key_ty), element(value, value_ty));
    }
    mismatch("message", &SqlType::map(key_ty.clone(), value_ty.clone()))
}

fn element(file: &File, scope: &Message, ty: &Type, sql: &SqlType) -> Element {
    let name = match ty {
        Type::Scalar(scalar) => return scalar_element(*scalar, sql),
        Type::Map(..) => return mismatch("map", sql),
        Type::Named(name) => name,
    };
    match (file.find(&scope.name, name), sql) {
        (Some(Named::Message(inner)), SqlType::Struct(fields)) => {
            Element::Message(compile(file, inner, fields))
        }
        (Some(Named::Enum(values)), SqlType::String) => Element::Enum(
            values.iter().map(|(number, symbol)| (*number, symbol.as_str().into())).collect(),
        ),
        (Some(Named::WellKnown(WellKnown::Wrapper(scalar))), sql) => {
            match scalar_element(scalar, sql) {
                Element::Scalar(scalar) => Element::Wrapper(scalar),
                other => other,
            }
        }
        (Some(Named::WellKnown(WellKnown::Timestamp)), SqlType::Timestamp) => Element::Timestamp,
        (Some(Named::WellKnown(WellKnown::Date)), SqlType::Date) => Element::Date,
        (Some(Named::WellKnown(WellKnown::TimeOfDay)), SqlType::Time) => Element::TimeOfDay,
        (Some(Named::WellKnown(WellKnown::Decimal)), SqlType::Decimal { .. }) => Element::Decimal,
        _ => mismatch(name, sql),
    }
}

fn scalar_element(scalar: Scalar, sql: &SqlType) -> Element {
    use Scalar::{Bool, Bytes, Double, Float, Int32, Sfixed32, Sint32, String, Uint32, Uint64};
    let integer = !matches!(scalar, Double | Float | Bool | String | Bytes);
    let fits = match sql {
        SqlType::Boolean => scalar == Bool,
        SqlType::Integer => matches!(scalar, Int32 | Sint32 | Sfixed32 | Uint32 | Uint64),
        SqlType::Bigint => integer,
        SqlType::Double => integer || matches!(scalar, Double | Float),
        SqlType::String => scalar != Bytes,
        SqlType::Bytes => scalar == Bytes,
        _ => false,
    };
    if fits { Element::Scalar(scalar) } else { mismatch(&format!("{scalar:?}"), sql) }
}

impl MessageReader {
    /// Reads a message as one row of every builder. On a fault they may hold a part of the row.
    pub fn read(&self, bytes: &[u8], builders: &mut [ColumnBuilder], row: usize) -> Decode<()> {
        let mut cursor = Cursor::new(bytes);
        while !cursor.is_empty() {
            let (number, raw) = cursor.field()?;
            let from = self.fields.partition_point(|(n, ..)| *n < number);
            for (_, member, field) in self.fields[from..].iter().take_while(|f| f.0 == number) {
                let builder = &mut builders[*member];
                field.read(raw, builder, row).map_err(|fault| fault.within_field(&field.name))?;
            }
        }
        for (_, member, field) in &self.fields {
            field.complete(&mut builders[*member], row)?;
        }
        for builder in builders.iter_mut().filter(|builder| builder.len() == row) {
            builder.append_null();
        }
        Ok(())
    }
}

impl FieldReader {
    fn read(&self, raw: Raw<'_>, builder: &mut ColumnBuilder, row: usize) -> Decode<()> {
        if !self.repeated {
            builder.truncate(row);
            return self.element.read(raw, builder);
        }
        match (&self.element, builder.data_mut(), raw) {
            (Element::Mismatch(reason), ..) => Err(Fault::new(reason.clone())),
            (Element::Entry(key, value), Data::Map(map), Raw::Bytes(bytes)) => {
                read_entry(key, value, bytes, &mut map.keys, &mut map.values)
            }
            // Numbers may stand packed in one stretch of bytes.
            (Element::Scalar(scalar), Data::Array(array), Raw::Bytes(bytes))
                if scalar.wire() != Wire::Bytes =>
            {
                read_packed(&self.element, scalar.wire(), bytes, &mut array.items)
            }
            (Element::Enum(_), Data::Array(array), Raw::Bytes(bytes)) => {
                read_packed(&self.element, Wire::Varint, bytes, &mut array.items)
            }
            (element, Data::Array(array), raw) => element.read(raw, &mut array.items),
            _ => Err(Fault::new("Protobuf field has an unexpected wire type")),
        }
    }

    /// Ends the field's row once the message has ended.
    fn complete(&self, builder: &mut ColumnBuilder, row: usize) -> Decode<()> {
        match &self.element {
            Element::Mismatch(_) => Ok(()),
            _ if self.repeated => {
                builder.end_value();
                Ok(())
            }
            element if self.implicit && builder.len() == row => element.read_default(builder),
            _ => Ok(()),
        }
    }
}

fn read_packed(
    element: &Element,
    wire: Wire,
    bytes: &[u8],
    items: &mut ColumnBuilder,
) -> Decode<()> {
    let mut cursor = Cursor::new(bytes);
    while !cursor.is_empty() {
        element.read(Raw::Number(cursor.number(wire)?), items)?;
    }
    Ok(())
}

fn read_entry(
    key: &Element,
    value: &Element,
    bytes: &[u8],
    keys: &mut ColumnBuilder,
    values: &mut ColumnBuilder,
) -> Decode<()> {
    let (key_row, value_row) = (keys.len(), values.len());
    let mut cursor = Cursor::new(bytes);
    while !cursor.is_empty() {
        match cursor.field()? {
            (1, raw) => {
                keys.truncate(key_row);
                key.read(raw, keys)?;
            }
            (2, raw) => {
                values.truncate(value_row);
                value.read(raw, values)?;
            }
            _ => {}
        }
    }
    if keys.len() == key_row {
        key.read_default(keys)?;
    }
    if values.len() == value_row {
        value.read_default(values)?;
    }
    Ok(())
}

impl Element {
    /// What an absent value reads as: a scalar's default, else NULL.
    fn read_default(&self, builder: &mut ColumnBuilder) -> Decode<()> {
        match self {
            Self::Scalar(scalar) if scalar.wire() == Wire::Bytes => {
                self.read(Raw::Bytes(&[]), builder)
            }
            Self::Scalar(_) | Self::Enum(_) => self.read(Raw::Number(0), builder),
            Self::Mismatch(reason) => Err(Fault::new(reason.clone())),
            _ => {
                builder.append_null();
                Ok(())
            }
        }
    }

    fn read(&self, raw: Raw<'_>, builder: &mut ColumnBuilder) -> Decode<()> {
        match (self, raw) {
            (Self::Scalar(scalar), Raw::Number(raw)) if scalar.wire() != Wire::Bytes => {
                push_number(*scalar, raw, builder)?;
            }
            (Self::Scalar(scalar), Raw::Bytes(bytes)) if scalar.wire() == Wire::Bytes => {
                push_bytes(bytes, builder)?;
            }
            (Self::Wrapper(scalar), Raw::Bytes(bytes)) => {
                return read_wrapper(*scalar, bytes, builder);
            }
            (Self::Enum(values), Raw::Number(raw)) => push_symbol(values, raw, builder)?,
            (Self::Message(message), Raw::Bytes(bytes)) => {
                let row = builder.len();
                let Data::Struct(fields) = builder.data_mut() else { return Err(alien()) };
                message.read(bytes, &mut fields.members, row)?;
            }
            (Self::Timestamp | Self::Date | Self::TimeOfDay, Raw::Bytes(bytes)) => {
                self.push_time(numbers(bytes)?, builder)?;
            }
            (Self::Decimal, Raw::Bytes(bytes)) => push_decimal(bytes, builder)?,
            (Self::Mismatch(reason), _) => return Err(Fault::new(reason.clone())),
            _ => return Err(Fault::new("Protobuf field has an unexpected wire type")),
        }
        builder.end_value();
        Ok(())
    }

    /// Appends the time that the numbered parts spell.
    fn push_time(&self, parts: [i64; 4], builder: &mut ColumnBuilder) -> Decode<()> {
        let invalid = || Fault::new("Protobuf message is no valid date or time");
        let [one, two, three, four] = parts;
        match (self, builder.data_mut()) {
            (Self::Timestamp, Data::Timestamp(values)) => {
                let millis = one.checked_mul(1_000).and_then(|ms| ms.checked_add(two / 1_000_000));
                values.push(millis.ok_or_else(invalid)?);
            }
            (Self::Date, Data::Date(values)) => {
                let part = |part: i64| u32::try_from(part).map_err(|_| invalid());
                let days = text::days_of_civil(one, part(two)?, part(three)?);
                let days = days.and_then(|days| i32::try_from(days).ok());
                values.push(days.ok_or_else(invalid)?);
            }
            (Self::TimeOfDay, Data::Time(values)) => {
                let in_range = one.abs() < 100 && two.abs() < 100 && three.abs() < 100;
                let seconds = if in_range { (one * 60 + two) * 60 + three } else { -1 };
                values.push(time_of_day(seconds * 1_000 + four / 1_000_000)?);
            }
            _ => return Err(alien()),
        }
        Ok(())
    }
}

/// A builder of another type than the element was compiled for.
fn alien() -> Box<Fault> {
    Fault::new("Protobuf field does not fit its column")
}

#[allow(clippy::cast_precision_loss, reason = "integers are widened to double")]
#[allow(clippy::cast_possible_truncation, reason = "INTEGER keeps the low bits")]
fn push_number(scalar: Scalar, raw: u64, builder: &mut ColumnBuilder) -> Decode<()> {
    let integer = scalar.integer(raw);
    let double = match scalar {
        Scalar::Double => f64::from_bits(raw),
        Scalar::Float => f64::from(f32::from_bits(raw as u32)),
        _ => integer as f64,
    };
    match builder.data_mut() {
        Data::Boolean(values) => values.append(raw != 0),
        Data::Integer(values) => values.push(integer as i32),
        Data::Bigint(values) => values.push(integer),
        Data::Double(values) => values.push(double),
        Data::String(out) => {
            let text = match scalar {
                Scalar::Double | Scalar::Float => text::double_text(double),
                Scalar::Bool => (raw != 0).to_string(),
                _ => integer.to_string(),
            };
            out.open().extend_from_slice(text.as_bytes());
        }
        _ => return Err(alien()),
    }
    Ok(())
}

fn push_bytes(bytes: &[u8], builder: &mut ColumnBuilder) -> Decode<()> {
    match builder.data_mut() {
        Data::String(out) => {
            std::str::from_utf8(bytes)
                .map_err(|error| Fault::new(format!("Protobuf string is no UTF-8: {error}")))?;
            out.open().extend_from_slice(bytes);
        }
        Data::Bytes(out) => out.open().extend_from_slice(bytes),
        _ => return Err(alien()),
    }
    Ok(())
}

fn push_symbol(values: &[(i32, Box<str>)], raw: u64, builder: &mut ColumnBuilder) -> Decode<()> {
    let number = Scalar::Int32.integer(raw);
    let Data::String(out) = builder.data_mut() else { return Err(alien()) };
    match values.iter().find(|(value, _)| i64::from(*value) == number) {
        Some((_, symbol)) => out.open().extend_from_slice(symbol.as_bytes()),
        None => out.open().extend_from_slice(number.to_string().as_bytes()),
    }
    Ok(())
}

fn read_wrapper(scalar: Scalar, bytes: &[u8], builder: &mut ColumnBuilder) -> Decode<()> {
    let row = builder.len();
    let element = Element::Scalar(scalar);
    let mut cursor = Cursor::new(bytes);
    while !cursor.is_empty() {
        if let (1, raw) = cursor.field()? {
            builder.truncate(row);
            element.read(raw, builder)?;
        }
    }
    if builder.len() == row {
        element.read_default(builder)?;
    }
    Ok(())
}

/// The numeric fields 1 to 4 of a message.
fn numbers(bytes: &[u8]) -> Decode<[i64; 4]> {
    let mut parts = [0; 4];
    let mut cursor = Cursor::new(bytes);
    while !cursor.is_empty() {
        if let (number @ 1..=4, Raw::Number(raw)) = cursor.field()? {
            parts[number as usize - 1] = raw.cast_signed();
        }
    }
    Ok(parts)
}

fn push_decimal(bytes: &[u8], builder: &mut ColumnBuilder) -> Decode<()> {
    let mut unscaled: &[u8] = &[];
    let mut scale = 0;
    let mut cursor = Cursor::new(bytes);
    while !cursor.is_empty() {
        match cursor.field()? {
            (1, Raw::Bytes(value)) => unscaled = value,
            (3, Raw::Number(raw)) => scale = Scalar::Int32.integer(raw),
            _ => {}
        }
    }
    let Data::Decimal(values) = builder.data_mut() else { return Err(alien()) };
    let (precision, wanted) = (values.precision, values.scale);
    let spelled = twos_complement::read(unscaled)
        .zip(i32::try_from(scale).ok())
        .map(|(unscaled, scale)| Spelled { unscaled, scale });
    let fitted = spelled.and_then(|spelled| spelled.fit(precision, wanted)).ok_or_else(|| {
        Fault::new(format!("Cannot fit decimal into DECIMAL({precision}, {wanted})"))
    })?;
    values.push(fitted);
    Ok(())
}
