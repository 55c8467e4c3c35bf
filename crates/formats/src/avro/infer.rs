//! Columns from a registered Avro schema (spec section 6.4).

use std::collections::HashSet;
use std::sync::Arc;

use types::{Column, DECIMAL_PRECISION_MAX, Field, SqlType};

use crate::avro_schema::{Document, Kind, Record, Schema};
use crate::part::{INFERRED_FIELDS_MAX, Part, too_many_fields};
use crate::{Error, InferredColumns, Result};

/// Precision of decimals whose schema gives none.
const DECIMAL_PRECISION_DEFAULT: u64 = 64;

/// The columns that `text` describes, named as it names them. Fields of types that SQL lacks are
/// left out.
///
/// # Errors
/// `InvalidSchema` when the text is none, refers to itself, or has no type that SQL can express.
pub fn infer(text: &str, part: Part, full_name: Option<&str>) -> Result<InferredColumns> {
    let document = Document::parse(text)?;
    let root = match full_name.and_then(|name| document.named(name)) {
        Some(named) => named,
        None => &document.root,
    };
    let mut inference =
        Inference { document: &document, open: HashSet::new(), fields_left: INFERRED_FIELDS_MAX };
    let root = inference.without_null(root).unwrap_or(root);
    if let Kind::Record(record) = &document.resolve(root).kind {
        let fields = inference.fields(record)?;
        let columns = fields.into_iter().map(|field| Column::new(field.name, field.ty)).collect();
        return Ok(InferredColumns { columns, unwrapped: false });
    }
    match inference.sql_type(root)? {
        Some(ty) => {
            let columns = vec![Column::new(part.anonymous_column(), ty)];
            Ok(InferredColumns { columns, unwrapped: true })
        }
        None => Err(Error::InvalidSchema(format!("Unsupported type: {}", root.type_name()))),
    }
}

struct Inference<'a> {
    document: &'a Document,
    open: HashSet<Arc<str>>,
    /// Fields that may still be found: named types that are used often multiply.
    fields_left: usize,
}

impl<'a> Inference<'a> {
    /// The other branch of a union of two with null.
    fn without_null(&self, schema: &'a Schema) -> Option<&'a Schema> {
        let Kind::Union(branches) = &schema.kind else { return None };
        match branches.as_slice() {
            [one] => Some(one),
            [null, other] | [other, null] if null.kind == Kind::Null => Some(other),
            _ => None,
        }
    }

    fn fields(&mut self, record: &'a Record) -> Result<Vec<Field>> {
        if !self.open.insert(record.name.clone()) {
            return Err(Error::InvalidSchema(format!(
                "{} refers to itself; recursive schemas are not supported",
                record.name
            )));
        }
        let mut fields = Vec::with_capacity(record.fields.len());
        self.fields_left =
            self.fields_left.checked_sub(record.fields.len()).ok_or_else(too_many_fields)?;
        for field in &record.fields {
            if let Some(ty) = self.sql_type(&field.schema)? {
                fields.push(Field::new(&field.name, ty));
            }
        }
        self.open.remove(&record.name);
        Ok(fields)
    }

    fn sql_type(&mut self, schema: &'a Schema) -> Result<Option<SqlType>> {
        let schema = self.document.resolve(schema);
        Ok(match &schema.kind {
            Kind::Boolean => Some(SqlType::Boolean),
            Kind::Int | Kind::Long => Some(integer(schema)),
            Kind::Float | Kind::Double => Some(SqlType::Double),
            Kind::String | Kind::Enum(_) => Some(SqlType::String),
            Kind::Bytes | Kind::Fixed(_) => bytes(schema),
            Kind::Array(items) => self.array(items)?,
            Kind::Map(values) => {
                self.sql_type(values)?.map(|value| SqlType::map(SqlType::String, value))
            }
            Kind::Record(record) => Some(SqlType::Struct(self.fields(record)?)),
            Kind::Union(_) => match self.without_null(schema) {
                Some(other) => self.sql_type(other)?,
                None => None,
            },
            Kind::Null | Kind::Reference(_) => None,
        })
    }

    /// Maps whose keys may be NULL are written as arrays of entries.
    fn array(&mut self, items: &'a Schema) -> Result<Option<SqlType>> {
        let entry = self.document.resolve(items);
        if let Kind::Record(record) = &entry.kind
            && entry.properties.get("connect.internal.type").is_some_and(|t| t == "MapEntry")
            && let [key, value] = record.fields.as_slice()
            && self.sql_type(&key.schema)? == Some(SqlType::String)
        {
            let value = self.sql_type(&value.schema)?;
            return Ok(value.map(|value| SqlType::map(SqlType::String, value)));
        }
        Ok(self.sql_type(items)?.map(SqlType::array))
    }
}

fn integer(schema: &Schema) -> SqlType {
    let class = schema.properties.get("connect.name").and_then(|name| name.as_str());
    let class = class.and_then(|name| name.strip_prefix("org.apache.kafka.connect.data."));
    match (&schema.kind, schema.logical_type(), class) {
        (Kind::Int, Some("date"), _) | (Kind::Int, None, Some("Date")) => SqlType::Date,
        (Kind::Int, Some("time-millis"), _) | (Kind::Int, None, Some("Time")) => SqlType::Time,
        (Kind::Long, Some("timestamp-millis"), _) | (Kind::Long, None, Some("Timestamp")) => {
            SqlType::Timestamp
        }
        (Kind::Int, _, _) => SqlType::Integer,
        _ => SqlType::Bigint,
    }
}

fn bytes(schema: &Schema) -> Option<SqlType> {
    if schema.logical_type() != Some("decimal") {
        return Some(SqlType::Bytes);
    }
    let precision = schema.number("precision").unwrap_or(DECIMAL_PRECISION_DEFAULT);
    let precision =
        u8::try_from(precision).ok().filter(|p| (1..=DECIMAL_PRECISION_MAX).contains(p))?;
    let scale =
        u8::try_from(schema.number("scale").unwrap_or(0)).ok().filter(|s| *s <= precision)?;
    Some(SqlType::Decimal { precision, scale })
}
