//! Default values: whether a JSON value is one of a schema, and its Avro bytes.

use serde_json::Value;

use super::model::{Document, Kind, Record, Schema};
use crate::avro::binary;
use crate::{Error, Result};

/// Levels of nesting that a default may have.
const DEPTH_MAX: usize = 64;

impl Document {
    /// Checks every field's default against its type.
    ///
    /// # Errors
    /// `InvalidSchema` naming the field.
    pub fn check_defaults(&self) -> Result<()> {
        self.named_types().try_for_each(|schema| match &schema.kind {
            Kind::Record(record) => self.check_record(record),
            _ => Ok(()),
        })
    }

    fn named_types(&self) -> impl Iterator<Item = &Schema> {
        self.names.values()
    }

    fn check_record(&self, record: &Record) -> Result<()> {
        for field in &record.fields {
            if let Some(default) = &field.default
                && self.default_bytes(&field.schema, default).is_err()
            {
                return Err(Error::InvalidSchema(format!(
                    "Invalid default for field {}: {default} not a {}",
                    field.name, field.schema
                )));
            }
        }
        Ok(())
    }

    /// The Avro encoding of a default value; of a union, the default is of its first branch.
    ///
    /// # Errors
    /// `InvalidSchema` when `default` is no value of `schema`.
    pub fn default_bytes(&self, schema: &Schema, default: &Value) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        match self.write_default(schema, default, &mut out, 0) {
            Some(()) => Ok(out),
            None => Err(Error::InvalidSchema(format!("Invalid default: {default} not a {schema}"))),
        }
    }

    fn write_default(
        &self,
        schema: &Schema,
        value: &Value,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Option<()> {
        // A record whose own default holds it again would never end.
        let depth = (depth < DEPTH_MAX).then_some(depth + 1)?;
        let schema = self.resolve(schema);
        match &schema.kind {
            Kind::Null => value.is_null().then_some(()),
            Kind::Boolean => {
                out.push(u8::from(value.as_bool()?));
                Some(())
            }
            Kind::Int => {
                let int = i32::try_from(value.as_i64()?).ok()?;
                binary::write_long(i64::from(int), out);
                Some(())
            }
            Kind::Long => {
                binary::write_long(value.as_i64()?, out);
                Some(())
            }
            Kind::Float => write_float(value, out),
            Kind::Double => {
                out.extend_from_slice(&value.as_f64()?.to_le_bytes());
                Some(())
            }
            Kind::Bytes => {
                binary::write_bytes(&latin_1(value)?, out);
                Some(())
            }
            Kind::String => {
                binary::write_bytes(value.as_str()?.as_bytes(), out);
                Some(())
            }
            Kind::Fixed(fixed) => {
                let bytes = latin_1(value).filter(|bytes| bytes.len() == fixed.size)?;
                out.extend_from_slice(&bytes);
                Some(())
            }
            Kind::Enum(symbols) => {
                let symbol = value.as_str()?;
                let index = symbols.symbols.iter().position(|s| s == symbol)?;
                binary::write_long(i64::try_from(index).ok()?, out);
                Some(())
            }
            Kind::Union(branches) => {
                binary::write_long(0, out);
                self.write_default(branches.first()?, value, out, depth)
            }
            Kind::Array(items) => self.write_items(items, value.as_array()?, out, depth),
            Kind::Map(values) => self.write_entries(values, value.as_object()?, out, depth),
            Kind::Record(record) => self.write_record(record, value.as_object()?, out, depth),
            Kind::Reference(_) => None,
        }
    }

    fn write_items(
        &self,
        items: &Schema,
        values: &[Value],
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Option<()> {
        if !values.is_empty() {
            binary::write_long(i64::try_from(values.len()).ok()?, out);
            values.iter().try_for_each(|value| self.write_default(items, value, out, depth))?;
        }
        binary::write_long(0, out);
        Some(())
    }

    fn write_entries(
        &self,
        schema: &Schema,
        values: &serde_json::Map<String, Value>,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Option<()> {
        if !values.is_empty() {
            binary::write_long(i64::try_from(values.len()).ok()?, out);
            for (key, value) in values {
                binary::write_bytes(key.as_bytes(), out);
                self.write_default(schema, value, out, depth)?;
            }
        }
        binary::write_long(0, out);
        Some(())
    }

    fn write_record(
        &self,
        record: &Record,
        values: &serde_json::Map<String, Value>,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Option<()> {
        record.fields.iter().try_for_each(|field| {
            let value = values.get(&field.name).or(field.default.as_ref())?;
            self.write_default(&field.schema, value, out, depth)
        })
    }
}

#[allow(clippy::cast_possible_truncation, reason = "Avro's float is the nearest 32-bit value")]
fn write_float(value: &Value, out: &mut Vec<u8>) -> Option<()> {
    out.extend_from_slice(&(value.as_f64()? as f32).to_le_bytes());
    Some(())
}

/// Defaults of bytes are texts whose code points are the bytes.
fn latin_1(value: &Value) -> Option<Vec<u8>> {
    value.as_str()?.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}
