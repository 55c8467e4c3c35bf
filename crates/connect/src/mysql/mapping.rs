//! How a column appears in records: its Connect schema, as Debezium chooses it from the column's
//! type and the handling modes, and the writing of its values.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};

use super::cell::{Cell, CivilDate, time_micros};
use super::charset::Charset;
use super::table::{Column, TypeKind};
use crate::config::Settings;
use crate::convert::{Constant, Nullness, Schema, Type, Writer};
use crate::decimal::unscaled_bytes;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The handling modes of a connector.
#[derive(Clone, Debug, Default)]
pub struct Modes {
    /// `decimal.handling.mode`
    pub decimal: String,
    /// `bigint.unsigned.handling.mode`
    pub bigint_unsigned: String,
    /// `time.precision.mode`
    pub time: String,
    /// `binary.handling.mode`
    pub binary: String,
}

impl Modes {
    /// The modes that `settings` choose.
    pub fn new(settings: &Settings) -> Self {
        Self {
            decimal: settings.word("decimal.handling.mode"),
            bigint_unsigned: settings.word("bigint.unsigned.handling.mode"),
            time: settings.word("time.precision.mode"),
            binary: settings.word("binary.handling.mode"),
        }
    }
}

/// A column bound to its form in records.
#[derive(Clone, Debug)]
pub struct Mapping {
    form: Form,
    nullness: Nullness,
    charset: Charset,
    labels: Vec<String>,
    /// What hides a text, in whole or in part.
    cover: Option<Cover>,
    /// Length to which BINARY values are filled with zeros, which row images leave out.
    padded: usize,
}

/// What is written instead of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cover {
    /// This, whatever the value.
    Mask(Arc<str>),
    /// So many of its characters (Java's, in UTF-16).
    Cut(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Int,
    Long,
    Float,
    Double,
    Text,
    Address,
    Uuid,
    Enum,
    Set,
    Bytes,
    Base64,
    Base64Url,
    Hex,
    Boolean,
    Bits { bytes: usize },
    Decimal { scale: u32 },
    DecimalDouble,
    Date,
    TimeMillis,
    TimeMicros,
    Millis,
    Micros,
    Zoned { digits: usize },
    Geometry,
    Point,
}

impl Mapping {
    /// The form and schema of `column` under `modes`.
    pub fn new(column: &Column, modes: &Modes) -> (Self, Schema) {
        let (form, schema) = form(column, modes);
        let schema = Schema { optional: column.is_nullable, ..schema };
        let schema = match default(column, form) {
            Some(default) => schema.default(default),
            None => schema,
        };
        let charset = column.data_type.charset.as_deref().map_or(Charset::Utf8, Charset::from_name);
        let labels = column.data_type.values.clone();
        let padded = match column.data_type.kind {
            TypeKind::Binary => column.data_type.length.unwrap_or(1) as usize,
            TypeKind::Inet4 => 4,
            TypeKind::Inet6 | TypeKind::Uuid => 16,
            _ => 0,
        };
        let nullness = schema.nullness();
        (Self { form, nullness, charset, labels, cover: None, padded }, schema)
    }

    /// The same with `cover` over its texts.
    pub fn covered(self, cover: Cover) -> Self {
        Self { cover: Some(cover), ..self }
    }

    /// Writes `cell`. A value that has no place in the form is written as absent, or as nothing when
    /// the column must have a value: a record never fails.
    pub fn write(&self, cell: &Cell<'_>, writer: &mut dyn Writer) {
        // A mask hides also whether there is a value.
        if let Some(Cover::Mask(mask)) = &self.cover {
            writer.present(self.nullness);
            return writer.string(mask);
        }
        if cell.is_null() || (self.nullness != Nullness::Required && self.is_unreal(cell)) {
            return self.absent(writer);
        }
        writer.present(self.nullness);
        self.write_present(cell, writer);
    }

    /// Zero dates: NULL where that is allowed, else the epoch.
    fn is_unreal(&self, cell: &Cell<'_>) -> bool {
        match cell {
            Cell::Date(date) | Cell::DateTime(date, _) => date.epoch_day().is_none(),
            Cell::Instant(micros) => *micros == 0,
            _ => false,
        }
    }

    fn absent(&self, writer: &mut dyn Writer) {
        match self.nullness {
            // Only a row image without the column comes here; the schema leaves no null.
            Nullness::Required => self.write_present(&Cell::Null, writer),
            nullness => writer.absent(nullness),
        }
    }

    fn write_present(&self, cell: &Cell<'_>, writer: &mut dyn Writer) {
        match self.form {
            Form::Int => writer.int(integer(cell) as i32),
            Form::Long => writer.long(integer(cell)),
            Form::Float => writer.float(double(cell) as f32),
            Form::Double | Form::DecimalDouble => writer.double(double(cell)),
            Form::Text => writer.string(self.uncut(&self.text(cell))),
            Form::Address => writer.string(&self.stored(cell, address)),
            Form::Uuid => writer.string(&self.stored(cell, uuid)),
            Form::Enum => writer.string(&self.enum_label(cell)),
            Form::Set => writer.string(&self.set_labels(cell)),
            Form::Bytes => writer.bytes(&self.padded(cell)),
            Form::Base64 => writer.string(&BASE64_STANDARD.encode(self.padded(cell))),
            Form::Base64Url => writer.string(&BASE64_URL_SAFE.encode(self.padded(cell))),
            Form::Hex => writer.string(&hex(&self.padded(cell))),
            Form::Boolean => writer.boolean(bytes(cell).iter().any(|byte| *byte != 0)),
            Form::Bits { bytes: count } => writer.bytes(&bits(bytes(cell), count)),
            Form::Decimal { scale } => {
                writer.decimal(&unscaled_bytes(&self.text(cell), scale), scale);
            }
            Form::Date => writer.int(micros(cell).div_euclid(MICROS_PER_DAY) as i32),
            Form::TimeMillis => writer.int((micros(cell) / 1000) as i32),
            Form::TimeMicros | Form::Micros => writer.long(micros(cell)),
            Form::Millis => writer.long(micros(cell).div_euclid(1000)),
            Form::Zoned { digits } => writer.string(&zoned(micros(cell), digits)),
            Form::Geometry => geometry(bytes(cell), writer, false),
            Form::Point => geometry(bytes(cell), writer, true),
        }
    }

    /// The text, or the part of it that may be shown.
    fn uncut<'t>(&self, text: &'t str) -> &'t str {
        match self.cover {
            Some(Cover::Cut(count)) => &text[..utf16_prefix(text, count)],
            _ => text,
        }
    }

    /// A text that the change stream has in a binary form.
    fn stored<'c>(&self, cell: &'c Cell<'_>, text: fn(&[u8]) -> String) -> Cow<'c, str> {
        match cell {
            Cell::Raw(_) => Cow::Owned(text(&self.padded(cell))),
            _ => self.text(cell),
        }
    }

    fn padded<'c>(&self, cell: &'c Cell<'_>) -> Cow<'c, [u8]> {
        let stored = bytes(cell);
        if stored.len() >= self.padded {
            return Cow::Borrowed(stored);
        }
        let mut filled = stored.to_vec();
        filled.resize(self.padded, 0);
        Cow::Owned(filled)
    }

    fn text<'c>(&self, cell: &'c Cell<'_>) -> Cow<'c, str> {
        match cell {
            Cell::Utf8(text) => String::from_utf8_lossy(text),
            Cell::Raw(stored) => self.charset.decode(stored),
            Cell::Int(value) => Cow::Owned(value.to_string()),
            Cell::UInt(value) => Cow::Owned(value.to_string()),
            Cell::Double(value) => Cow::Owned(value.to_string()),
            _ => Cow::Borrowed(""),
        }
    }

    fn enum_label<'c>(&'c self, cell: &'c Cell<'_>) -> Cow<'c, str> {
        match cell {
            // 0 is the empty string that stands for an invalid value.
            Cell::Int(index) => {
                let label = usize::try_from(*index - 1).ok().and_then(|at| self.labels.get(at));
                Cow::Borrowed(label.map_or("", String::as_str))
            }
            _ => self.text(cell),
        }
    }

    fn set_labels<'c>(&self, cell: &'c Cell<'_>) -> Cow<'c, str> {
        match cell {
            Cell::UInt(bits) => {
                let chosen = self.labels.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
                let chosen: Vec<&str> = chosen.map(|(_, label)| label.as_str()).collect();
                Cow::Owned(chosen.join(","))
            }
            _ => self.text(cell),
        }
    }
}

fn form(column: &Column, modes: &Modes) -> (Form, Schema) {
    use TypeKind as K;
    let data_type = &column.data_type;
    let plain = |form, kind| (form, Schema::new(kind));
    match data_type.kind {
        K::TinyInt => plain(Form::Int, Type::Int16),
        K::SmallInt if !data_type.is_unsigned => plain(Form::Int, Type::Int16),
        K::SmallInt | K::MediumInt => plain(Form::Int, Type::Int32),
        K::Int if !data_type.is_unsigned => plain(Form::Int, Type::Int32),
        K::Int => plain(Form::Long, Type::Int64),
        K::BigInt if data_type.is_unsigned && modes.bigint_unsigned == "precise" => {
            (Form::Decimal { scale: 0 }, decimal_schema(0, None))
        }
        K::BigInt => plain(Form::Long, Type::Int64),
        K::Decimal => decimal(column, modes),
        K::Float => plain(Form::Float, Type::Float32),
        K::Double => plain(Form::Double, Type::Float64),
        K::Bit => bit(data_type.length.unwrap_or(1)),
        K::Char | K::VarChar | K::TinyText | K::Text | K::MediumText | K::LongText => {
            plain(Form::Text, Type::String)
        }
        K::Inet4 | K::Inet6 => plain(Form::Address, Type::String),
        K::Uuid => (Form::Uuid, Schema::new(Type::String).named("io.debezium.data.Uuid")),
        K::Enum => (Form::Enum, labelled("io.debezium.data.Enum", &data_type.values)),
        K::Set => (Form::Set, labelled("io.debezium.data.EnumSet", &data_type.values)),
        K::Json => (Form::Text, Schema::new(Type::String).named("io.debezium.data.Json")),
        K::Date => (Form::Date, date_schema(modes)),
        K::Time => time(modes),
        K::DateTime => datetime(data_type.length.unwrap_or(0), modes),
        K::Timestamp => {
            let digits = data_type.length.unwrap_or(0) as usize;
            let schema = Schema::new(Type::String).named("io.debezium.time.ZonedTimestamp");
            (Form::Zoned { digits }, schema)
        }
        K::Year => (Form::Int, Schema::new(Type::Int32).named("io.debezium.time.Year")),
        K::Geometry => (Form::Geometry, geometry_schema(false)),
        K::Point => (Form::Point, geometry_schema(true)),
        K::Binary | K::VarBinary | K::TinyBlob | K::Blob | K::MediumBlob | K::LongBlob => {
            binary(modes)
        }
        K::Unknown => plain(Form::Bytes, Type::Bytes),
    }
}

fn decimal(column: &Column, modes: &Modes) -> (Form, Schema) {
    match modes.decimal.as_str() {
        "double" => (Form::DecimalDouble, Schema::new(Type::Float64)),
        "string" => (Form::Text, Schema::new(Type::String)),
        _ => {
            let scale = column.data_type.scale.unwrap_or(0);
            let precision = column.data_type.length.unwrap_or(10);
            (Form::Decimal { scale }, decimal_schema(scale, Some(precision)))
        }
    }
}

fn decimal_schema(scale: u32, precision: Option<u32>) -> Schema {
    let schema = Schema::new(Type::Bytes)
        .named("org.apache.kafka.connect.data.Decimal")
        .parameter("scale", scale.to_string());
    match precision {
        Some(precision) => schema.parameter("connect.decimal.precision", precision.to_string()),
        None => schema,
    }
}

fn bit(length: u32) -> (Form, Schema) {
    if length == 1 {
        return (Form::Boolean, Schema::new(Type::Boolean));
    }
    let schema = Schema::new(Type::Bytes)
        .named("io.debezium.data.Bits")
        .parameter("length", length.to_string());
    (Form::Bits { bytes: length.div_ceil(8) as usize }, schema)
}

fn labelled(name: &str, labels: &[String]) -> Schema {
    Schema::new(Type::String).named(name).parameter("allowed", labels.join(","))
}

fn is_connect(modes: &Modes) -> bool {
    modes.time == "connect"
}

fn date_schema(modes: &Modes) -> Schema {
    let name = match is_connect(modes) {
        true => "org.apache.kafka.connect.data.Date",
        false => "io.debezium.time.Date",
    };
    Schema::new(Type::Int32).named(name)
}

fn time(modes: &Modes) -> (Form, Schema) {
    match is_connect(modes) {
        true => {
            let schema = Schema::new(Type::Int32).named("org.apache.kafka.connect.data.Time");
            (Form::TimeMillis, schema)
        }
        false => (Form::TimeMicros, Schema::new(Type::Int64).named("io.debezium.time.MicroTime")),
    }
}

fn datetime(digits: u32, modes: &Modes) -> (Form, Schema) {
    let long = Schema::new(Type::Int64);
    if is_connect(modes) {
        return (Form::Millis, long.named("org.apache.kafka.connect.data.Timestamp"));
    }
    match digits {
        0..=3 => (Form::Millis, long.named("io.debezium.time.Timestamp")),
        _ => (Form::Micros, long.named("io.debezium.time.MicroTimestamp")),
    }
}

fn binary(modes: &Modes) -> (Form, Schema) {
    let form = match modes.binary.as_str() {
        "base64" => Form::Base64,
        "base64-url-safe" => Form::Base64Url,
        "hex" => Form::Hex,
        _ => return (Form::Bytes, Schema::new(Type::Bytes)),
    };
    (form, Schema::new(Type::String))
}

fn geometry_schema(is_point: bool) -> Schema {
    let coordinates = ["x", "y"].map(|name| Schema::new(Type::Float64).field(name));
    let mut fields = Vec::from(if is_point { &coordinates[..] } else { &[] });
    let wkb = Schema::new(Type::Bytes);
    fields.push((if is_point { wkb.optional() } else { wkb }).field("wkb"));
    fields.push(Schema::new(Type::Int32).optional().field("srid"));
    let kind = if is_point { "Point" } else { "Geometry" };
    Schema::record(format!("io.debezium.data.geometry.{kind}"), fields).version(1)
}

/// Defaults go into the schema where their text is the value itself.
fn default(column: &Column, form: Form) -> Option<Constant> {
    let text = column.default.as_deref()?;
    match form {
        Form::Int | Form::Long if column.data_type.kind != TypeKind::Year => {
            text.parse().ok().map(Constant::Int)
        }
        Form::Double | Form::Float | Form::DecimalDouble => text.parse().ok().map(Constant::Float),
        Form::Text | Form::Enum | Form::Set => Some(Constant::Text(text.to_owned())),
        _ => None,
    }
}

fn integer(cell: &Cell<'_>) -> i64 {
    match cell {
        Cell::Int(value) => *value,
        // Above 2^63 the number wraps, as Debezium's mode `long` does.
        Cell::UInt(value) => *value as i64,
        Cell::Float(value) => *value as i64,
        Cell::Double(value) => *value as i64,
        Cell::Utf8(text) | Cell::Raw(text) => {
            std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
        }
        _ => 0,
    }
}

fn double(cell: &Cell<'_>) -> f64 {
    match cell {
        Cell::Float(value) => f64::from(*value),
        Cell::Double(value) => *value,
        Cell::Int(value) => *value as f64,
        Cell::UInt(value) => *value as f64,
        Cell::Utf8(text) | Cell::Raw(text) => {
            std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).unwrap_or(0.0)
        }
        _ => 0.0,
    }
}

fn bytes<'c>(cell: &'c Cell<'_>) -> &'c [u8] {
    match cell {
        Cell::Utf8(bytes) | Cell::Raw(bytes) => bytes,
        _ => &[],
    }
}

/// Microseconds of a time of day, or since the epoch.
fn micros(cell: &Cell<'_>) -> i64 {
    match cell {
        Cell::Date(date) => date.epoch_day().unwrap_or(0) * MICROS_PER_DAY,
        Cell::DateTime(date, time) => match date.epoch_day() {
            Some(day) => day * MICROS_PER_DAY + time,
            None => 0,
        },
        Cell::Instant(micros) | Cell::Time(micros) => *micros,
        _ => 0,
    }
}

/// BIT values as Debezium's Bits: little-endian.
fn bits(stored: &[u8], count: usize) -> Vec<u8> {
    let mut little: Vec<u8> = stored.iter().rev().copied().collect();
    little.resize(count, 0);
    little
}

/// Bytes of the longest prefix of at most `count` UTF-16 units.
fn utf16_prefix(text: &str, count: usize) -> usize {
    let mut units = 0;
    let beyond = text.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        units > count
    });
    beyond.map_or(text.len(), |(at, _)| at)
}

/// An IP address of 4 or 16 bytes.
fn address(stored: &[u8]) -> String {
    match (<[u8; 4]>::try_from(stored), <[u8; 16]>::try_from(stored)) {
        (Ok(bytes), _) => Ipv4Addr::from(bytes).to_string(),
        (_, Ok(bytes)) => Ipv6Addr::from(bytes).to_string(),
        _ => hex(stored),
    }
}

/// A UUID as MariaDB stores it: versions 1 to 5 with the groups in reverse order, so that they sort
/// by time; recognisable by variant and version at the places where that puts them.
fn uuid(stored: &[u8]) -> String {
    let Ok(bytes) = <[u8; 16]>::try_from(stored) else { return hex(stored) };
    let is_reversed = bytes[6] & 0x80 != 0 && (1..0x80).contains(&bytes[8]);
    let groups = match is_reversed {
        true => [&bytes[12..16], &bytes[10..12], &bytes[8..10], &bytes[6..8], &bytes[..6]],
        false => [&bytes[..4], &bytes[4..6], &bytes[6..8], &bytes[8..10], &bytes[10..]],
    };
    groups.map(hex).join("-")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// ISO-8601 in UTC with exactly `digits` fractional digits.
fn zoned(micros: i64, digits: usize) -> String {
    let CivilDate { year, month, day } =
        CivilDate::from_epoch_day(micros.div_euclid(MICROS_PER_DAY));
    let of_day = micros.rem_euclid(MICROS_PER_DAY);
    let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if digits > 0 {
        let six = format!("{fraction:06}");
        text.push('.');
        text.push_str(&six[..digits.min(6)]);
    }
    text.push('Z');
    debug_assert!(time_micros(hour, minute, second, fraction) == of_day, "parts of one day");
    text
}

/// The server's form: reference system (4, little-endian), then well-known binary.
fn geometry(stored: &[u8], writer: &mut dyn Writer, is_point: bool) {
    let srid = stored.first_chunk::<4>().map(|srid| u32::from_le_bytes(*srid) as i32);
    let wkb = stored.get(4..).unwrap_or(&[]);
    writer.open();
    if is_point {
        for (name, at) in [("x", 5), ("y", 13)] {
            writer.field(&crate::convert::FieldName::new(name));
            let coordinate = wkb.get(at..).and_then(|rest| rest.first_chunk::<8>());
            writer.double(coordinate.map_or(0.0, |bytes| f64::from_le_bytes(*bytes)));
        }
    }
    writer.field(&crate::convert::FieldName::new("wkb"));
    if is_point {
        writer.present(Nullness::NullFirst);
    }
    writer.bytes(wkb);
    writer.field(&crate::convert::FieldName::new("srid"));
    match srid.filter(|srid| *srid != 0) {
        Some(srid) => {
            writer.present(Nullness::NullFirst);
            writer.int(srid);
        }
        None => writer.absent(Nullness::NullFirst),
    }
    writer.close();
}
