//! A Protobuf message to what it holds.

use formats::protobuf_schema::{Field, File, Label, Message, Named, Scalar, Type, WellKnown};
use types::Decimal;

use super::super::actual::Actual;
use super::super::decimals::wide_integer;
use super::wire::{Wire, fields, read_fixed, read_varint};

/// Messages within messages.
const DEPTH_MAX: usize = 100;

/// What the bytes of `message` hold, with every field of the schema.
pub fn message(file: &File, message: &Message, bytes: &[u8]) -> Result<Actual, String> {
    Reader { file, depth: 0 }.message(message, bytes)
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    file: &'a File,
    depth: usize,
}

impl Reader<'_> {
    fn message(self, message: &Message, bytes: &[u8]) -> Result<Actual, String> {
        if self.depth > DEPTH_MAX {
            return Err("messages are nested too deep".to_owned());
        }
        let inner = Self { depth: self.depth + 1, ..self };
        let found = fields(bytes)?;
        let mut values = Vec::with_capacity(message.fields.len());
        for field in &message.fields {
            let own = found.iter().filter(|(number, _)| *number == field.number);
            let own: Vec<Wire<'_>> = own.map(|(_, value)| *value).collect();
            values.push((field.name.clone(), inner.field(message, field, &own)?));
        }
        Ok(Actual::Map(values))
    }

    fn field(self, scope: &Message, field: &Field, found: &[Wire<'_>]) -> Result<Actual, String> {
        match (&field.ty, found.last()) {
            (Type::Map(key, value), _) => {
                let entries =
                    found.iter().map(|entry| self.entry(scope, *key, value, field, *entry));
                entries.collect::<Result<_, _>>().map(Actual::Map)
            }
            (ty, _) if field.label == Label::Repeated => {
                let mut items = Vec::new();
                for wire in found {
                    self.items(scope, ty, field, *wire, &mut items)?;
                }
                Ok(Actual::List(items))
            }
            (ty, Some(wire)) => self.element(scope, ty, field, *wire),
            (ty, None) => self.missing(scope, ty, field),
        }
    }

    /// What a singular field that is not there reads as.
    fn missing(self, scope: &Message, ty: &Type, field: &Field) -> Result<Actual, String> {
        match ty {
            _ if field.label == Label::Optional => Ok(Actual::Null),
            Type::Scalar(scalar) => default_of(*scalar),
            Type::Named(name) => match self.file.find(&scope.name, name) {
                Some(Named::Enum(_)) => self.element(scope, ty, field, Wire::Number(0)),
                _ => Ok(Actual::Null),
            },
            Type::Map(..) => Ok(Actual::Map(Vec::new())),
        }
    }

    fn entry(
        self,
        scope: &Message,
        key: Scalar,
        value: &Type,
        field: &Field,
        wire: Wire<'_>,
    ) -> Result<(String, Actual), String> {
        let Wire::Bytes(bytes) = wire else { return Err("a map entry is no message".to_owned()) };
        let found = fields(bytes)?;
        let last = |wanted| found.iter().rfind(|(number, _)| *number == wanted).map(|(_, v)| *v);
        let key = match last(1) {
            Some(wire) => scalar(key, wire)?,
            None => default_of(key)?,
        };
        let single = Field { label: Label::Implicit, ..field.clone() };
        let value = match last(2) {
            Some(wire) => self.element(scope, value, &single, wire)?,
            None => self.missing(scope, value, &single)?,
        };
        let key = match key {
            Actual::String(text) => text,
            other => other.to_string(),
        };
        Ok((key, value))
    }

    /// The elements that one occurrence of a repeated field adds: several when they are packed.
    fn items(
        self,
        scope: &Message,
        ty: &Type,
        field: &Field,
        wire: Wire<'_>,
        items: &mut Vec<Actual>,
    ) -> Result<(), String> {
        if let (Type::Scalar(kind), Wire::Bytes(mut packed)) = (ty, wire)
            && !matches!(kind, Scalar::String | Scalar::Bytes)
        {
            while !packed.is_empty() {
                items.push(scalar(*kind, Wire::Number(packed_number(*kind, &mut packed)?))?);
            }
            return Ok(());
        }
        items.push(self.element(scope, ty, field, wire)?);
        Ok(())
    }

    fn element(
        self,
        scope: &Message,
        ty: &Type,
        field: &Field,
        wire: Wire<'_>,
    ) -> Result<Actual, String> {
        let name = match ty {
            Type::Scalar(kind) => return scalar(*kind, wire),
            Type::Map(..) => return Err(format!("field {}: a map within a field", field.name)),
            Type::Named(name) => name,
        };
        match (self.file.find(&scope.name, name), wire) {
            (Some(Named::Message(inner)), Wire::Bytes(bytes)) => self.message(inner, bytes),
            (Some(Named::Enum(symbols)), Wire::Number(raw)) => {
                let symbol = symbols.iter().find(|(value, _)| u64::try_from(*value) == Ok(raw));
                let (_, symbol) = symbol.ok_or_else(|| format!("{raw} is no value of {name}"))?;
                Ok(Actual::String(symbol.clone()))
            }
            (Some(Named::WellKnown(known)), Wire::Bytes(bytes)) => well_known(known, bytes),
            _ => Err(format!("field {} is not laid out as {name}", field.name)),
        }
    }
}

fn packed_number(kind: Scalar, packed: &mut &[u8]) -> Result<u64, String> {
    match kind {
        Scalar::Double | Scalar::Fixed64 | Scalar::Sfixed64 => read_fixed::<8>(packed),
        Scalar::Float | Scalar::Fixed32 | Scalar::Sfixed32 => read_fixed::<4>(packed),
        _ => read_varint(packed),
    }
}

fn default_of(kind: Scalar) -> Result<Actual, String> {
    match kind {
        Scalar::String | Scalar::Bytes => scalar(kind, Wire::Bytes(&[])),
        _ => scalar(kind, Wire::Number(0)),
    }
}

fn scalar(kind: Scalar, wire: Wire<'_>) -> Result<Actual, String> {
    match (kind, wire) {
        (Scalar::String, Wire::Bytes(bytes)) => {
            let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
            Ok(Actual::String(text.to_owned()))
        }
        (Scalar::Bytes, Wire::Bytes(bytes)) => Ok(Actual::Bytes(bytes.to_vec())),
        (_, Wire::Number(raw)) => Ok(number(kind, raw)),
        _ => Err(format!("bytes where a {kind:?} belongs")),
    }
}

/// A number as Connect types it: unsigned 32-bit ones need 64 bits.
#[allow(clippy::cast_possible_truncation, reason = "32-bit types stand in the low bits")]
fn number(kind: Scalar, raw: u64) -> Actual {
    let zigzag = (raw >> 1).cast_signed() ^ -(raw & 1).cast_signed();
    match kind {
        Scalar::Bool => Actual::Boolean(raw != 0),
        Scalar::Double => Actual::Double(f64::from_bits(raw)),
        Scalar::Float => Actual::Double(f64::from(f32::from_bits(raw as u32))),
        Scalar::Int32 | Scalar::Sfixed32 => Actual::Int(raw as i32),
        Scalar::Sint32 => Actual::Int(zigzag as i32),
        Scalar::Uint32 | Scalar::Fixed32 => Actual::Long(i64::from(raw as u32)),
        Scalar::Sint64 => Actual::Long(zigzag),
        _ => Actual::Long(raw.cast_signed()),
    }
}

fn well_known(known: WellKnown, bytes: &[u8]) -> Result<Actual, String> {
    let found = fields(bytes)?;
    let last = |wanted| found.iter().rfind(|(number, _)| *number == wanted).map(|(_, v)| *v);
    let long = |number| match last(number) {
        Some(Wire::Number(raw)) => raw.cast_signed(),
        _ => 0,
    };
    let malformed = || format!("malformed {known:?}");
    match known {
        WellKnown::Wrapper(kind) => last(1).map_or_else(|| default_of(kind), |w| scalar(kind, w)),
        WellKnown::Timestamp => Ok(Actual::Long(long(1) * 1000 + long(2) / 1_000_000)),
        WellKnown::Date => {
            let part = |number| u32::try_from(long(number)).ok();
            let days =
                part(2).zip(part(3)).and_then(|(m, d)| types::text::days_of_civil(long(1), m, d));
            let days = days.and_then(|days| i32::try_from(days).ok()).ok_or_else(malformed)?;
            Ok(Actual::Int(days))
        }
        WellKnown::TimeOfDay => {
            let seconds = long(1) * 3600 + long(2) * 60 + long(3);
            let time_ms = i32::try_from(seconds * 1000 + long(4) / 1_000_000);
            time_ms.map(Actual::Int).map_err(|_| malformed())
        }
        WellKnown::Decimal => {
            let Some(Wire::Bytes(unscaled)) = last(1) else { return Err(malformed()) };
            let scale = u8::try_from(long(3)).map_err(|_| malformed())?;
            let unscaled = wide_integer(unscaled).ok_or_else(malformed)?;
            Ok(Actual::Decimal(Decimal::new(unscaled, scale)))
        }
    }
}
