//! Columns from a registered JSON Schema (spec section 6.4).

use std::cell::Cell;

use serde_json::Value;
use types::{Column, DECIMAL_PRECISION_MAX, Field, SqlType};

use crate::part::{INFERRED_FIELDS_MAX, Part, too_many_fields};
use crate::{Error, InferredColumns, Result};

/// Levels of nesting and reference that are followed: only recursive schemas reach it.
const DEPTH_MAX: usize = 64;
/// Precision of decimals whose schema gives none.
const DECIMAL_PRECISION_DEFAULT: u8 = 64;

/// The columns that `text` describes, named as it names them. Fields of types that SQL lacks are
/// left out.
///
/// # Errors
/// `InvalidSchema` when the text is no JSON, is nested too deep, or has no type that SQL can express.
pub fn infer(text: &str, part: Part) -> Result<InferredColumns> {
    let root: Value = serde_json::from_str(text)
        .map_err(|error| Error::InvalidSchema(format!("schema is no JSON: {error}")))?;
    let inference = Inference { root: &root, fields_left: Cell::new(INFERRED_FIELDS_MAX) };
    match inference.sql_type(&root, 0)? {
        Some(SqlType::Struct(fields)) => {
            let column = |field: Field| Column::new(field.name, field.ty);
            let columns = fields.into_iter().map(column).collect();
            Ok(InferredColumns { columns, unwrapped: false })
        }
        Some(ty) => {
            let columns = vec![Column::new(part.anonymous_column(), ty)];
            Ok(InferredColumns { columns, unwrapped: true })
        }
        None => Err(Error::InvalidSchema("the JSON Schema has no type that SQL knows".to_owned())),
    }
}

struct Inference<'a> {
    root: &'a Value,
    /// Fields that may still be found: definitions that are used often multiply.
    fields_left: Cell<usize>,
}

impl<'a> Inference<'a> {
    fn sql_type(&self, schema: &'a Value, depth: usize) -> Result<Option<SqlType>> {
        if depth > DEPTH_MAX {
            return Err(Error::InvalidSchema(
                "the JSON Schema refers to itself; recursive schemas are not supported".to_owned(),
            ));
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let target = target.strip_prefix('#').and_then(|path| self.root.pointer(path));
            return target.map_or(Ok(None), |schema| self.sql_type(schema, depth + 1));
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(branches) = schema.get(choice).and_then(Value::as_array) {
                return self.only_branch(branches, depth);
            }
        }
        match type_word(schema) {
            Some("boolean") => Ok(Some(SqlType::Boolean)),
            Some("integer") => Ok(Some(integer(schema))),
            Some("number") => Ok(number(schema)),
            Some("string") => Ok(Some(string(schema))),
            Some("array") => match schema.get("items") {
                Some(items) => Ok(self.sql_type(items, depth + 1)?.map(SqlType::array)),
                None => Ok(None),
            },
            Some("object") => self.object(schema, depth),
            _ if schema.get("enum").is_some() => Ok(Some(SqlType::String)),
            _ => Ok(None),
        }
    }

    /// The branch besides null, when there is just one.
    fn only_branch(&self, branches: &'a [Value], depth: usize) -> Result<Option<SqlType>> {
        let mut others = branches.iter().filter(|branch| type_word(branch) != Some("null"));
        match (others.next(), others.next()) {
            (Some(only), None) => self.sql_type(only, depth + 1),
            _ => Ok(None),
        }
    }

    fn object(&self, schema: &'a Value, depth: usize) -> Result<Option<SqlType>> {
        let is_map = schema.get("connect.type").is_some_and(|ty| ty == "map");
        let properties = schema.get("properties").and_then(Value::as_object);
        if let (Some(values), true) =
            (schema.get("additionalProperties"), is_map || properties.is_none())
            && values.is_object()
        {
            let value = self.sql_type(values, depth + 1)?;
            return Ok(value.map(|value| SqlType::map(SqlType::String, value)));
        }
        let count = properties.map_or(0, serde_json::Map::len);
        let left = self.fields_left.get().checked_sub(count).ok_or_else(too_many_fields)?;
        self.fields_left.set(left);
        let mut fields = Vec::new();
        for (name, property) in properties.into_iter().flatten() {
            if let Some(ty) = self.sql_type(property, depth + 1)? {
                let index = property.get("connect.index").and_then(Value::as_u64);
                fields.push((index, Field::new(name, ty)));
            }
        }
        // Fields without an index keep their place behind those that have one.
        fields.sort_by_key(|(index, _)| index.unwrap_or(u64::MAX));
        Ok(Some(SqlType::Struct(fields.into_iter().map(|(_, field)| field).collect())))
    }
}

/// The `type`; of `["null", X]` it is X.
fn type_word(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(word) => Some(word),
        Value::Array(words) => {
            let mut words = words.iter().filter_map(Value::as_str).filter(|word| *word != "null");
            words.next().filter(|_| words.next().is_none())
        }
        _ => None,
    }
}

/// The simple name of Connect's logical type.
fn class(schema: &Value) -> Option<&str> {
    schema.get("title")?.as_str()?.strip_prefix("org.apache.kafka.connect.data.")
}

fn integer(schema: &Value) -> SqlType {
    let connect_type = schema.get("connect.type").and_then(Value::as_str);
    match (class(schema), connect_type) {
        (Some("Date"), _) => SqlType::Date,
        (Some("Time"), _) => SqlType::Time,
        (Some("Timestamp"), _) => SqlType::Timestamp,
        (_, Some("int8" | "int16" | "int32")) => SqlType::Integer,
        _ => SqlType::Bigint,
    }
}

fn number(schema: &Value) -> Option<SqlType> {
    if class(schema) != Some("Decimal") {
        return Some(SqlType::Double);
    }
    let parameter = |name: &str| {
        let text =
            schema.get("connect.parameters").and_then(|p| p.get(name)).and_then(Value::as_str);
        text.and_then(|text| text.parse::<u8>().ok())
    };
    let precision = parameter("connect.decimal.precision").unwrap_or(DECIMAL_PRECISION_DEFAULT);
    let scale = parameter("scale").unwrap_or(0);
    let fits = (1..=DECIMAL_PRECISION_MAX).contains(&precision) && scale <= precision;
    fits.then_some(SqlType::Decimal { precision, scale })
}

fn string(schema: &Value) -> SqlType {
    match schema.get("connect.type").and_then(Value::as_str) {
        Some("bytes") => SqlType::Bytes,
        _ => SqlType::String,
    }
}
