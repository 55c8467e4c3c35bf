//! JSON to a Protobuf message.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use formats::protobuf_schema::{Field, File, Label, Message, Named, Scalar, Type, WellKnown};
use serde_json::{Map, Value as Json};
use types::Decimal;

use super::super::case::{integer as long, plain};
use super::super::decimals::{minimal_bytes, rescaled};
use super::wire::{bytes_field, varint, varint_field, zigzag};

/// The bytes of `message` for `json`. Fields are matched by name in any case; those that are null or
/// missing are left out.
pub fn message(file: &File, message: &Message, json: &Json) -> Result<Vec<u8>, String> {
    let Json::Object(given) = json else {
        return Err(format!("{json} is no message {}", message.name));
    };
    let mut out = Vec::new();
    for field in &message.fields {
        let value = given_field(given, &field.name);
        if !value.is_null() {
            write_field(file, message, field, value, &mut out)?;
        }
    }
    Ok(out)
}

fn given_field<'a>(given: &'a Map<String, Json>, name: &str) -> &'a Json {
    let same = |(key, _): &(&String, &Json)| key.eq_ignore_ascii_case(name);
    let found = given.get(name).or_else(|| given.iter().find(same).map(|(_, value)| value));
    found.unwrap_or(&Json::Null)
}

fn write_field(
    file: &File,
    scope: &Message,
    field: &Field,
    json: &Json,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let misfit = || format!("{json} does not fit the field {}", field.name);
    match &field.ty {
        Type::Map(key, value) => {
            let entries = json.as_object().ok_or_else(misfit)?;
            entries
                .iter()
                .try_for_each(|(k, v)| entry(file, scope, field, (*key, k), (value, v), out))
        }
        ty if field.label == Label::Repeated => {
            let items = json.as_array().ok_or_else(misfit)?;
            items.iter().try_for_each(|item| element(file, scope, ty, field, item, out))
        }
        ty => element(file, scope, ty, field, json, out),
    }
}

/// One entry of a map: a message of the key (1) and the value (2).
fn entry(
    file: &File,
    scope: &Message,
    field: &Field,
    (key, key_text): (Scalar, &String),
    (value, json): (&Type, &Json),
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let mut body = Vec::new();
    scalar(1, key, &Json::String(key_text.clone()), &mut body)?;
    let value_field = Field { number: 2, ..field.clone() };
    element(file, scope, value, &value_field, json, &mut body)?;
    bytes_field(field.number, &body, out);
    Ok(())
}

/// One value with its tag. A null among others is the type's default.
fn element(
    file: &File,
    scope: &Message,
    ty: &Type,
    field: &Field,
    json: &Json,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let number = field.number;
    let name = match ty {
        Type::Scalar(kind) => return scalar(number, *kind, json, out),
        Type::Map(..) => return Err(format!("field {}: a map within a field", field.name)),
        Type::Named(name) => name,
    };
    match file.find(&scope.name, name) {
        Some(Named::Message(inner)) => {
            let body = if json.is_null() { Vec::new() } else { message(file, inner, json)? };
            bytes_field(number, &body, out);
            Ok(())
        }
        Some(Named::Enum(symbols)) => {
            let text = plain(json);
            let symbol = symbols.iter().find(|(_, name)| *name == text);
            let (value, _) = symbol.ok_or_else(|| format!("{json} is no value of {name}"))?;
            varint_field(number, i64::from(*value), out);
            Ok(())
        }
        Some(Named::WellKnown(known)) => well_known(known, field, json, out),
        None => Err(format!("the schema does not define {name}")),
    }
}

fn scalar(number: u32, kind: Scalar, json: &Json, out: &mut Vec<u8>) -> Result<(), String> {
    let misfit = || format!("{json} does not fit {kind:?}");
    match kind {
        Scalar::String => bytes_field(number, plain_or_empty(json).as_bytes(), out),
        Scalar::Bytes => {
            let bytes = STANDARD.decode(plain_or_empty(json)).map_err(|_| misfit())?;
            bytes_field(number, &bytes, out);
        }
        Scalar::Bool => {
            varint_field(
                number,
                i64::from(or_default(json, Json::as_bool).ok_or_else(misfit)?),
                out,
            );
        }
        Scalar::Double => {
            varint(u64::from(number) << 3 | 1, out);
            out.extend(or_default(json, Json::as_f64).ok_or_else(misfit)?.to_le_bytes());
        }
        Scalar::Float => {
            varint(u64::from(number) << 3 | 5, out);
            out.extend((or_default(json, Json::as_f64).ok_or_else(misfit)? as f32).to_le_bytes());
        }
        _ => integer(number, kind, or_default(json, long).ok_or_else(misfit)?, out),
    }
    Ok(())
}

fn integer(number: u32, kind: Scalar, value: i64, out: &mut Vec<u8>) {
    let tag = u64::from(number) << 3;
    match kind {
        Scalar::Sint32 | Scalar::Sint64 => {
            varint(tag, out);
            zigzag(value, out);
        }
        Scalar::Fixed64 | Scalar::Sfixed64 => {
            varint(tag | 1, out);
            out.extend(value.to_le_bytes());
        }
        Scalar::Fixed32 | Scalar::Sfixed32 => {
            varint(tag | 5, out);
            out.extend_from_slice(&value.to_le_bytes()[..4]);
        }
        _ => varint_field(number, value, out),
    }
}

fn plain_or_empty(json: &Json) -> String {
    if json.is_null() { String::new() } else { plain(json) }
}

fn or_default<T: Default>(json: &Json, read: impl Fn(&Json) -> Option<T>) -> Option<T> {
    if json.is_null() { Some(T::default()) } else { read(json) }
}

/// A message with a meaning of its own, from the JSON that stands for its SQL type.
fn well_known(
    known: WellKnown,
    field: &Field,
    json: &Json,
    out: &mut Vec<u8>,
) -> Result<(), String> {
    let misfit = || format!("{json} does not fit {known:?}");
    let integer = || or_default(json, long).ok_or_else(misfit);
    let mut body = Vec::new();
    match known {
        WellKnown::Wrapper(kind) => scalar(1, kind, json, &mut body)?,
        WellKnown::Timestamp => {
            let timestamp_ms = integer()?;
            varint_field(1, timestamp_ms.div_euclid(1000), &mut body);
            varint_field(2, timestamp_ms.rem_euclid(1000) * 1_000_000, &mut body);
        }
        WellKnown::Date => {
            let mut text = String::new();
            types::text::write_date(integer()?, &mut text);
            for (number, part) in (1..).zip(text.splitn(3, '-')) {
                varint_field(number, part.parse().map_err(|_| misfit())?, &mut body);
            }
        }
        WellKnown::TimeOfDay => {
            let time_ms = integer()?;
            let parts = [
                time_ms / 3_600_000,
                time_ms / 60_000 % 60,
                time_ms / 1000 % 60,
                time_ms % 1000 * 1_000_000,
            ];
            (1..).zip(parts).for_each(|(number, part)| varint_field(number, part, &mut body));
        }
        WellKnown::Decimal => decimal(field, json, &mut body).ok_or_else(misfit)?,
    }
    bytes_field(field.number, &body, out);
    Ok(())
}

fn decimal(field: &Field, json: &Json, body: &mut Vec<u8>) -> Option<()> {
    let given = Decimal::from_str(&plain(json)).ok()?;
    let parameter =
        |name: &str| field.parameters.get(name).and_then(|text| text.parse::<u8>().ok());
    let scale = parameter("scale").unwrap_or(given.scale);
    let precision = parameter("precision").unwrap_or_else(|| given.precision());
    bytes_field(1, &minimal_bytes(rescaled(&given, usize::from(scale))?), body);
    varint_field(2, i64::from(precision), body);
    varint_field(3, i64::from(scale), body);
    Some(())
}
