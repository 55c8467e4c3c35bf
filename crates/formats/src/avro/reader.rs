//! Reads Avro values into column builders, and skips those that no column wants.

use std::sync::Arc;

use arrow_buffer::i256;
use types::text;

use super::binary::Cursor;
use crate::avro_schema::{Document, Kind, Schema};
use crate::builder::{ArrayBuilder, ColumnBuilder, Data, MapBuilder};
use crate::decimals::Spelled;
use crate::fault::{Decode, Fault};
use crate::json::time_of_day;
use crate::twos_complement;

/// Levels of nesting that skipping follows: only recursive schemas reach it.
const DEPTH_MAX: usize = 128;

/// How to read one encoded value into the builder of the type it was compiled for.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "named by Avro type, as SQL type")]
pub enum Reader {
    Null,
    Boolean,
    BooleanText,
    Integer,
    Bigint,
    LongAsDouble,
    LongAsDecimal,
    LongText,
    Float,
    FloatText,
    Double,
    DoubleText,
    String,
    /// An enum, by its symbols.
    Symbol(Vec<Box<str>>),
    Bytes,
    Fixed(usize),
    /// Unscaled big-endian bytes: fixed, or prefixed by their length.
    Decimal {
        size: Option<usize>,
        scale: i32,
    },
    Date,
    Time {
        per_ms: i64,
    },
    Timestamp {
        per_ms: i64,
    },
    Array(Box<Reader>),
    Map(Box<Reader>),
    /// A MAP written as an array of entries.
    Entries(Vec<EntryStep>),
    Record(RecordReader),
    Union(Vec<Reader>),
    /// The types don't go together.
    Mismatch {
        found: String,
        required: &'static str,
    },
}

/// The fields of a written record, in order.
#[derive(Clone, Debug)]
pub struct RecordReader {
    /// One step per written field.
    pub steps: Vec<Step>,
    /// Members that nothing was written for.
    pub missing: Vec<usize>,
    /// The writer's schema, for the fields to skip.
    pub document: Arc<Document>,
}

/// One written field.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name, for messages.
    pub name: Box<str>,
    /// The members it feeds: mostly one or none.
    pub members: Vec<(usize, Reader)>,
    /// Its schema, to skip it.
    pub schema: Schema,
}

/// One field of a map entry.
#[derive(Clone, Debug)]
pub enum EntryStep {
    /// The key.
    Key(Reader),
    /// The value.
    Value(Reader),
    /// Another field.
    Skip(Schema, Arc<Document>),
}

impl Reader {
    /// Reads a whole payload as one row; false when it is NULL.
    pub fn read_row(
        &self,
        cursor: &mut Cursor<'_>,
        builders: &mut [ColumnBuilder],
        unwrapped: bool,
    ) -> Decode<bool> {
        match self {
            Self::Union(branches) => {
                branch(branches, cursor)?.read_row(cursor, builders, unwrapped)
            }
            Self::Null => {
                builders.iter_mut().for_each(ColumnBuilder::append_null);
                Ok(false)
            }
            Self::Record(record) if !unwrapped => record.read(cursor, builders).map(|()| true),
            Self::Mismatch { found, required } => Err(Fault::conversion(found, required)),
            bare => bare.read(cursor, &mut builders[0]).map(|()| true),
        }
    }

    /// Reads one value as one row of `builder`.
    fn read(&self, cursor: &mut Cursor<'_>, builder: &mut ColumnBuilder) -> Decode<()> {
        match self {
            Self::Union(branches) => return branch(branches, cursor)?.read(cursor, builder),
            Self::Null => {
                builder.append_null();
                return Ok(());
            }
            Self::Mismatch { found, required } => return Err(Fault::conversion(found, required)),
            _ => {}
        }
        match builder.data_mut() {
            Data::Boolean(values) => values.append(cursor.boolean()?),
            Data::Integer(values) => values.push(cursor.int()?),
            Data::Bigint(values) => values.push(cursor.long()?),
            Data::Double(values) => values.push(self.double(cursor)?),
            Data::Decimal(values) => {
                let spelled = self.decimal(cursor)?;
                let (precision, scale) = (values.precision, values.scale);
                let unscaled = spelled.fit(precision, scale);
                values.push(unscaled.ok_or_else(|| {
                    Fault::new(format!("Cannot fit decimal into DECIMAL({precision}, {scale})"))
                })?);
            }
            Data::String(text) => self.string(cursor, text.open())?,
            Data::Bytes(bytes) => bytes.open().extend_from_slice(self.bytes(cursor)?),
            Data::Time(values) => values.push(time_of_day(self.millis(cursor)?)?),
            Data::Date(values) => values.push(cursor.int()?),
            Data::Timestamp(values) => values.push(self.millis(cursor)?),
            Data::Array(array) => self.array(cursor, array)?,
            Data::Map(map) => self.map(cursor, map)?,
            Data::Struct(fields) => self.record(cursor, &mut fields.members)?,
        }
        builder.end_value();
        Ok(())
    }

    /// The compiled reader is none for the builder's type.
    fn fault(&self, required: &str) -> Box<Fault> {
        Fault::conversion(&format!("{self:?}"), required)
    }

    fn double(&self, cursor: &mut Cursor<'_>) -> Decode<f64> {
        match self {
            Self::Double => cursor.double(),
            Self::Float => cursor.float().map(f64::from),
            #[allow(clippy::cast_precision_loss, reason = "Avro promotes long to double")]
            Self::LongAsDouble => cursor.long().map(|value| value as f64),
            other => Err(other.fault("DOUBLE")),
        }
    }

    fn decimal(&self, cursor: &mut Cursor<'_>) -> Decode<Spelled> {
        let (bytes, scale) = match self {
            Self::Decimal { size: Some(size), scale } => (cursor.take(*size)?, *scale),
            Self::Decimal { size: None, scale } => (cursor.prefixed()?, *scale),
            Self::LongAsDecimal => {
                let unscaled = i256::from_i128(i128::from(cursor.long()?));
                return Ok(Spelled { unscaled, scale: 0 });
            }
            other => return Err(other.fault("DECIMAL")),
        };
        let unscaled = twos_complement::read(bytes)
            .ok_or_else(|| Fault::new(format!("Decimal of {} bytes is too long", bytes.len())))?;
        Ok(Spelled { unscaled, scale })
    }

    fn string(&self, cursor: &mut Cursor<'_>, out: &mut Vec<u8>) -> Decode<()> {
        let text = match self {
            Self::String => {
                out.extend_from_slice(cursor.string()?.as_bytes());
                return Ok(());
            }
            Self::Symbol(symbols) => {
                let index = cursor.index()?;
                let symbol = symbols.get(index);
                symbol
                    .ok_or_else(|| Fault::new(format!("Avro enum has no symbol {index}")))?
                    .to_string()
            }
            Self::BooleanText => cursor.boolean()?.to_string(),
            Self::LongText => cursor.long()?.to_string(),
            Self::FloatText => text::double_text(f64::from(cursor.float()?)),
            Self::DoubleText => text::double_text(cursor.double()?),
            other => return Err(other.fault("STRING")),
        };
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn bytes<'a>(&self, cursor: &mut Cursor<'a>) -> Decode<&'a [u8]> {
        match self {
            Self::Bytes => cursor.prefixed(),
            Self::Fixed(size) => cursor.take(*size),
            other => Err(other.fault("BYTES")),
        }
    }

    fn millis(&self, cursor: &mut Cursor<'_>) -> Decode<i64> {
        match self {
            Self::Time { per_ms } | Self::Timestamp { per_ms } => {
                cursor.long().map(|units| units.div_euclid(*per_ms))
            }
            other => Err(other.fault("TIMESTAMP")),
        }
    }

    fn array(&self, cursor: &mut Cursor<'_>, array: &mut ArrayBuilder) -> Decode<()> {
        let Self::Array(item) = self else { return Err(self.fault("ARRAY")) };
        let mut index = 0;
        loop {
            let count = cursor.block()?;
            if count == 0 {
                return Ok(());
            }
            for _ in 0..count {
                item.read(cursor, &mut array.items).map_err(|f| f.within_item(index))?;
                index += 1;
            }
        }
    }

    fn map(&self, cursor: &mut Cursor<'_>, map: &mut MapBuilder) -> Decode<()> {
        loop {
            let count = cursor.block()?;
            if count == 0 {
                return Ok(());
            }
            for _ in 0..count {
                self.entry(cursor, map)?;
            }
        }
    }

    fn entry(&self, cursor: &mut Cursor<'_>, map: &mut MapBuilder) -> Decode<()> {
        match self {
            Self::Map(value) => {
                Self::String.read(cursor, &mut map.keys)?;
                value.read(cursor, &mut map.values)
            }
            Self::Entries(steps) => {
                let before = map.keys.len();
                steps.iter().try_for_each(|step| match step {
                    EntryStep::Key(key) => key.read(cursor, &mut map.keys),
                    EntryStep::Value(value) => value.read(cursor, &mut map.values),
                    EntryStep::Skip(schema, document) => skip(document, schema, cursor, 0),
                })?;
                if map.keys.is_null(before) {
                    return Err(Fault::new("MAP keys can't be NULL"));
                }
                Ok(())
            }
            other => Err(other.fault("MAP")),
        }
    }

    fn record(&self, cursor: &mut Cursor<'_>, members: &mut [ColumnBuilder]) -> Decode<()> {
        match self {
            Self::Record(record) => record.read(cursor, members),
            other => Err(other.fault("STRUCT")),
        }
    }
}

impl RecordReader {
    fn read(&self, cursor: &mut Cursor<'_>, members: &mut [ColumnBuilder]) -> Decode<()> {
        for step in &self.steps {
            let Some(((last, reader), more)) = step.members.split_last() else {
                skip(&self.document, &step.schema, cursor, 0)?;
                continue;
            };
            for (member, reader) in more {
                // Several columns take this field: each but the last reads ahead.
                let mut ahead = *cursor;
                reader
                    .read(&mut ahead, &mut members[*member])
                    .map_err(|f| f.within_field(&step.name))?;
            }
            reader.read(cursor, &mut members[*last]).map_err(|f| f.within_field(&step.name))?;
        }
        for member in &self.missing {
            members[*member].append_null();
        }
        Ok(())
    }
}

fn branch<'a>(branches: &'a [Reader], cursor: &mut Cursor<'_>) -> Decode<&'a Reader> {
    let index = cursor.index()?;
    branches.get(index).ok_or_else(|| Fault::new(format!("Avro union has no branch {index}")))
}

/// Passes over a value that no column wants.
fn skip(document: &Document, schema: &Schema, cursor: &mut Cursor<'_>, depth: usize) -> Decode<()> {
    if depth > DEPTH_MAX {
        return Err(Fault::new(format!("Avro record is nested deeper than {DEPTH_MAX} levels")));
    }
    let deeper = depth + 1;
    match &document.resolve(schema).kind {
        Kind::Null | Kind::Reference(_) => Ok(()),
        Kind::Boolean => cursor.boolean().map(drop),
        Kind::Int | Kind::Long | Kind::Enum(_) => cursor.long().map(drop),
        Kind::Float => cursor.float().map(drop),
        Kind::Double => cursor.double().map(drop),
        Kind::Bytes | Kind::String => cursor.prefixed().map(drop),
        Kind::Fixed(fixed) => cursor.take(fixed.size).map(drop),
        Kind::Array(items) => skip_blocks(cursor, |c| skip(document, items, c, deeper)),
        Kind::Map(values) => skip_blocks(cursor, |c| {
            c.prefixed()?;
            skip(document, values, c, deeper)
        }),
        Kind::Union(branches) => {
            let index = cursor.index()?;
            let branch = branches.get(index);
            let branch =
                branch.ok_or_else(|| Fault::new(format!("Avro union has no branch {index}")))?;
            skip(document, branch, cursor, deeper)
        }
        Kind::Record(record) => {
            record.fields.iter().try_for_each(|f| skip(document, &f.schema, cursor, deeper))
        }
    }
}

fn skip_blocks(
    cursor: &mut Cursor<'_>,
    mut item: impl FnMut(&mut Cursor<'_>) -> Decode<()>,
) -> Decode<()> {
    loop {
        let count = cursor.block()?;
        if count == 0 {
            return Ok(());
        }
        (0..count).try_for_each(|_| item(cursor))?;
    }
}
