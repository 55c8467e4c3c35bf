//! Test records as Avro: JSON into a datum of the topic's registered schema, and back.
//!
//! It goes through the `apache-avro` crate and not through `formats`, so that the two readings of
//! the format check each other.

use std::collections::HashMap;
use std::str::FromStr;

use apache_avro::schema::{Name, RecordSchema, UnionSchema};
use apache_avro::types::Value as Avro;
use apache_avro::{Schema, from_avro_datum, to_avro_datum};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use types::{DECIMAL_PRECISION_MAX, Decimal};

use super::actual::Actual;
use super::case::integer;
use super::decimals::{minimal_bytes, rescaled, wide_integer};

/// An Avro schema with its named types at hand.
pub struct AvroSerde {
    schema: Schema,
    named: HashMap<Name, Schema>,
}

impl AvroSerde {
    /// Parses a schema's text.
    ///
    /// # Errors
    /// When it is no Avro schema.
    pub fn try_new(text: &str) -> Result<Self, String> {
        let schema = Schema::parse_str(text).map_err(|error| error.to_string())?;
        let mut named = HashMap::new();
        collect_named(&schema, &mut named);
        Ok(Self { schema, named })
    }

    /// The datum for `json`: fields are matched by name in any case, unknown ones dropped.
    ///
    /// # Errors
    /// When the JSON does not fit the schema.
    pub fn encode(&self, json: &Json) -> Result<Vec<u8>, String> {
        let value = self.value(&self.schema, json)?;
        to_avro_datum(&self.schema, value).map_err(|error| error.to_string())
    }

    /// What the datum holds.
    ///
    /// # Errors
    /// When the bytes are no datum of the schema.
    pub fn decode(&self, mut datum: &[u8]) -> Result<Actual, String> {
        let value = from_avro_datum(&self.schema, &mut datum, None).map_err(|e| e.to_string())?;
        Ok(self.actual(&self.schema, value))
    }

    fn resolve<'a>(&'a self, schema: &'a Schema) -> &'a Schema {
        match schema {
            Schema::Ref { name } => self.named.get(name).unwrap_or(schema),
            other => other,
        }
    }

    fn value(&self, schema: &Schema, json: &Json) -> Result<Avro, String> {
        let misfit = || format!("{json} does not fit the Avro type {schema:?}");
        match self.resolve(schema) {
            Schema::Union(union) => self.union_value(union, json),
            Schema::Null if json.is_null() => Ok(Avro::Null),
            Schema::Boolean => json.as_bool().map(Avro::Boolean).ok_or_else(misfit),
            Schema::Int => int(json).map(Avro::Int).ok_or_else(misfit),
            Schema::Long => integer(json).map(Avro::Long).ok_or_else(misfit),
            Schema::Float => json.as_f64().map(|v| Avro::Float(v as f32)).ok_or_else(misfit),
            Schema::Double => json.as_f64().map(Avro::Double).ok_or_else(misfit),
            Schema::String => Ok(Avro::String(super::case::plain(json))),
            Schema::Bytes => bytes(json).map(Avro::Bytes).ok_or_else(misfit),
            Schema::Date => int(json).map(Avro::Date).ok_or_else(misfit),
            Schema::TimeMillis => int(json).map(Avro::TimeMillis).ok_or_else(misfit),
            Schema::TimestampMillis => integer(json).map(Avro::TimestampMillis).ok_or_else(misfit),
            Schema::Decimal(decimal) => decimal_value(decimal.scale, json).ok_or_else(misfit),
            Schema::Array(array) => {
                let items = json.as_array().ok_or_else(misfit)?.iter();
                let items: Result<_, _> =
                    items.map(|item| self.value(&array.items, item)).collect();
                items.map(Avro::Array)
            }
            Schema::Map(map) => {
                let entries = json.as_object().ok_or_else(misfit)?.iter();
                let entry =
                    |(key, v): (&String, &Json)| Ok((key.clone(), self.value(&map.types, v)?));
                entries.map(entry).collect::<Result<_, String>>().map(Avro::Map)
            }
            Schema::Record(record) => self.record_value(record, json),
            Schema::Enum(symbols) => {
                let symbol = json.as_str().ok_or_else(misfit)?;
                let index = symbols.symbols.iter().position(|s| s == symbol).ok_or_else(misfit)?;
                Ok(Avro::Enum(u32::try_from(index).map_err(|_| misfit())?, symbol.to_owned()))
            }
            _ => Err(misfit()),
        }
    }

    fn union_value(&self, union: &UnionSchema, json: &Json) -> Result<Avro, String> {
        let mut reason = format!("no branch of the union takes {json}");
        for (index, branch) in union.variants().iter().enumerate() {
            if json.is_null() != matches!(branch, Schema::Null) {
                continue;
            }
            match self.value(branch, json) {
                Ok(value) => return Ok(Avro::Union(index as u32, Box::new(value))),
                Err(error) => reason = error,
            }
        }
        Err(reason)
    }

    fn record_value(&self, record: &RecordSchema, json: &Json) -> Result<Avro, String> {
        let Json::Object(given) = json else {
            return Err(format!("{json} is no record {}", record.name));
        };
        let find = |name: &str| {
            let same = |(key, _): &(&String, &Json)| key.eq_ignore_ascii_case(name);
            given.get(name).or_else(|| given.iter().find(same).map(|(_, value)| value))
        };
        let mut fields = Vec::with_capacity(record.fields.len());
        for field in &record.fields {
            let value = match (find(&field.name), &field.default) {
                (Some(value), _) => value,
                (None, Some(default)) => default,
                (None, None) => &Json::Null,
            };
            fields.push((field.name.clone(), self.value(&field.schema, value)?));
        }
        Ok(Avro::Record(fields))
    }

    fn actual(&self, schema: &Schema, value: Avro) -> Actual {
        let schema = self.resolve(schema);
        match value {
            Avro::Null => Actual::Null,
            Avro::Boolean(value) => Actual::Boolean(value),
            Avro::Int(value) | Avro::Date(value) | Avro::TimeMillis(value) => Actual::Int(value),
            Avro::Long(value)
            | Avro::TimestampMillis(value)
            | Avro::TimestampMicros(value)
            | Avro::TimeMicros(value) => Actual::Long(value),
            Avro::Float(value) => Actual::Double(f64::from(value)),
            Avro::Double(value) => Actual::Double(value),
            Avro::Bytes(bytes) | Avro::Fixed(_, bytes) => Actual::Bytes(bytes),
            Avro::String(text) | Avro::Enum(_, text) => Actual::String(text),
            Avro::Decimal(decimal) => decimal_actual(schema, &decimal),
            Avro::Union(index, inner) => self.union_actual(schema, index, *inner),
            Avro::Array(items) => self.list_actual(schema, items),
            Avro::Map(entries) => self.map_actual(schema, entries),
            Avro::Record(fields) => self.record_actual(schema, fields),
            other => Actual::String(format!("{other:?}")),
        }
    }

    fn union_actual(&self, schema: &Schema, index: u32, value: Avro) -> Actual {
        match schema {
            Schema::Union(union) => self.actual(&union.variants()[index as usize], value),
            _ => self.actual(schema, value),
        }
    }

    fn list_actual(&self, schema: &Schema, items: Vec<Avro>) -> Actual {
        let Schema::Array(array) = schema else { return Actual::Null };
        Actual::List(items.into_iter().map(|item| self.actual(&array.items, item)).collect())
    }

    fn map_actual(&self, schema: &Schema, entries: HashMap<String, Avro>) -> Actual {
        let Schema::Map(map) = schema else { return Actual::Null };
        let entries = entries.into_iter().map(|(k, v)| (k, self.actual(&map.types, v)));
        Actual::Map(entries.collect())
    }

    fn record_actual(&self, schema: &Schema, fields: Vec<(String, Avro)>) -> Actual {
        let Schema::Record(record) = schema else { return Actual::Null };
        let typed = record.fields.iter().zip(fields);
        Actual::Map(typed.map(|(f, (name, v))| (name, self.actual(&f.schema, v))).collect())
    }
}

fn collect_named(schema: &Schema, named: &mut HashMap<Name, Schema>) {
    match schema {
        Schema::Record(record) => {
            named.insert(record.name.clone(), schema.clone());
            record.fields.iter().for_each(|field| collect_named(&field.schema, named));
        }
        Schema::Enum(symbols) => {
            named.insert(symbols.name.clone(), schema.clone());
        }
        Schema::Fixed(fixed) => {
            named.insert(fixed.name.clone(), schema.clone());
        }
        Schema::Array(array) => collect_named(&array.items, named),
        Schema::Map(map) => collect_named(&map.types, named),
        Schema::Union(union) => union.variants().iter().for_each(|v| collect_named(v, named)),
        _ => {}
    }
}

fn int(json: &Json) -> Option<i32> {
    integer(json).and_then(|value| i32::try_from(value).ok())
}

fn bytes(json: &Json) -> Option<Vec<u8>> {
    STANDARD.decode(json.as_str()?).ok()
}

/// A decimal as the schema's scale wants it; a number with more digits behind the point misfits.
fn decimal_value(scale: usize, json: &Json) -> Option<Avro> {
    let decimal = Decimal::from_str(&super::case::plain(json)).ok()?;
    Some(Avro::Decimal(apache_avro::Decimal::from(minimal_bytes(rescaled(&decimal, scale)?))))
}

fn decimal_actual(schema: &Schema, decimal: &apache_avro::Decimal) -> Actual {
    let Schema::Decimal(described) = schema else { return Actual::Null };
    let Ok(bytes) = Vec::<u8>::try_from(decimal) else { return Actual::Null };
    let Some(unscaled) = wide_integer(&bytes) else { return Actual::Null };
    let scale = u8::try_from(described.scale).unwrap_or(DECIMAL_PRECISION_MAX);
    Actual::Decimal(Decimal::new(unscaled, scale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn records_survive_with_nulls_defaults_and_decimals() {
        let schema = r#"{"type":"record","name":"r","fields":[
            {"name":"ID","type":["null","long"],"default":null},
            {"name":"D","type":["null",{"type":"bytes","logicalType":"decimal","precision":6,"scale":2}]},
            {"name":"L","type":{"type":"array","items":"string"}}]}"#;
        let serde = AvroSerde::try_new(schema).expect("a schema");
        let datum = serde.encode(&json!({"d": "-1.5", "l": ["x"], "unknown": 1})).expect("fits");
        let expected = Actual::Map(vec![
            ("ID".to_owned(), Actual::Null),
            ("D".to_owned(), Actual::Decimal("-1.50".parse().expect("a decimal"))),
            ("L".to_owned(), Actual::List(vec![Actual::String("x".to_owned())])),
        ]);
        assert_eq!(serde.decode(&datum).expect("a datum"), expected);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let serde = AvroSerde::try_new(r#"["null","int"]"#).expect("a schema");
        assert!(serde.encode(&json!("text")).is_err());
        assert!(serde.encode(&json!(5_000_000_000_i64)).is_err());
    }
}
