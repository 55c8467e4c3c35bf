//! Test records of JSON_SR topics: JSON fitted to the topic's registered schema, and back.

use formats::{InferredColumns, Part, RegisteredSchema};
use serde_json::{Map, Value as Json};
use types::{Decimal, SqlType};

use super::actual::Actual;
use super::case::plain;

/// A JSON Schema as the SQL types it describes.
pub struct JsonSchemaSerde {
    columns: InferredColumns,
}

impl JsonSchemaSerde {
    /// Reads a registered schema.
    ///
    /// # Errors
    /// When it describes nothing that SQL can express.
    pub fn try_new(schema: &RegisteredSchema, part: Part) -> Result<Self, String> {
        let columns = formats::infer_verbatim(schema, part, None);
        columns.map(|columns| Self { columns }).map_err(|error| error.to_string())
    }

    /// The JSON text for `json`: fields are matched by name in any case, unknown ones dropped.
    ///
    /// # Errors
    /// When the JSON does not fit the schema.
    pub fn encode(&self, json: &Json) -> Result<Vec<u8>, String> {
        let fitted = match self.columns.columns.as_slice() {
            [only] if self.columns.unwrapped => fitted(&only.ty, json)?,
            columns => fitted_record(
                columns.iter().map(|column| (column.name.as_str(), &column.ty)),
                json,
            )?,
        };
        Ok(fitted.to_string().into_bytes())
    }

    /// What a JSON text holds, typed by the schema.
    ///
    /// # Errors
    /// When the text does not fit the schema.
    pub fn decode(&self, text: &[u8]) -> Result<Actual, String> {
        let json: Json = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        match self.columns.columns.as_slice() {
            [only] if self.columns.unwrapped => actual(&only.ty, &json),
            columns => actual_record(
                columns.iter().map(|column| (column.name.as_str(), &column.ty)),
                &json,
            ),
        }
    }
}

fn fitted(ty: &SqlType, json: &Json) -> Result<Json, String> {
    let misfit = || format!("{json} does not fit {ty}");
    match (ty, json) {
        (_, Json::Null) => Ok(Json::Null),
        (SqlType::Boolean, _) => json.as_bool().map(Json::Bool).ok_or_else(misfit),
        (SqlType::String | SqlType::Bytes, _) => Ok(Json::String(plain(json))),
        (SqlType::Array(element), Json::Array(items)) => items
            .iter()
            .map(|item| fitted(element, item))
            .collect::<Result<_, _>>()
            .map(Json::Array),
        (SqlType::Map(_, value), Json::Object(entries)) => {
            let entry = |(name, json): (&String, &Json)| Ok((name.clone(), fitted(value, json)?));
            entries.iter().map(entry).collect::<Result<Map<_, _>, String>>().map(Json::Object)
        }
        (SqlType::Struct(fields), _) => {
            fitted_record(fields.iter().map(|field| (field.name.as_str(), &field.ty)), json)
        }
        (SqlType::Array(_) | SqlType::Map(..), _) => Err(misfit()),
        // What is left are numbers; some stand as text in the test files.
        (_, Json::Number(_)) => Ok(json.clone()),
        _ => serde_json::from_str(&plain(json)).map_err(|_| misfit()),
    }
}

fn fitted_record<'a>(
    fields: impl Iterator<Item = (&'a str, &'a SqlType)>,
    json: &Json,
) -> Result<Json, String> {
    let Json::Object(given) = json else { return Err(format!("{json} is no record")) };
    let mut record = Map::new();
    for (name, ty) in fields {
        let same = |(key, _): &(&String, &Json)| key.eq_ignore_ascii_case(name);
        let found = given.get(name).or_else(|| given.iter().find(same).map(|(_, value)| value));
        record.insert(name.to_owned(), fitted(ty, found.unwrap_or(&Json::Null))?);
    }
    Ok(Json::Object(record))
}

fn actual(ty: &SqlType, json: &Json) -> Result<Actual, String> {
    let misfit = || format!("{json} is no {ty}");
    let long = || json.as_i64().ok_or_else(misfit);
    match (ty, json) {
        (_, Json::Null) => Ok(Actual::Null),
        (SqlType::Boolean, Json::Bool(value)) => Ok(Actual::Boolean(*value)),
        (SqlType::Integer | SqlType::Time | SqlType::Date, _) => {
            i32::try_from(long()?).map(Actual::Int).map_err(|_| misfit())
        }
        (SqlType::Bigint | SqlType::Timestamp, _) => long().map(Actual::Long),
        (SqlType::Double, _) => double(json).map(Actual::Double).ok_or_else(misfit),
        (SqlType::Decimal { .. }, _) => {
            plain(json).parse::<Decimal>().map(Actual::Decimal).map_err(|_| misfit())
        }
        (SqlType::String | SqlType::Bytes, Json::String(text)) => Ok(Actual::String(text.clone())),
        (SqlType::Array(element), Json::Array(items)) => items
            .iter()
            .map(|item| actual(element, item))
            .collect::<Result<_, _>>()
            .map(Actual::List),
        (SqlType::Map(_, value), Json::Object(entries)) => {
            let entry = |(name, json): (&String, &Json)| Ok((name.clone(), actual(value, json)?));
            entries.iter().map(entry).collect::<Result<_, String>>().map(Actual::Map)
        }
        (SqlType::Struct(fields), _) => {
            actual_record(fields.iter().map(|field| (field.name.as_str(), &field.ty)), json)
        }
        _ => Err(misfit()),
    }
}

fn actual_record<'a>(
    fields: impl Iterator<Item = (&'a str, &'a SqlType)>,
    json: &Json,
) -> Result<Actual, String> {
    let Json::Object(given) = json else { return Err(format!("{json} is no record")) };
    let field = |(name, ty): (&str, &SqlType)| {
        Ok((name.to_owned(), actual(ty, given.get(name).unwrap_or(&Json::Null))?))
    };
    fields.map(field).collect::<Result<_, String>>().map(Actual::Map)
}

fn double(json: &Json) -> Option<f64> {
    json.as_f64().or_else(|| json.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use formats::SchemaType;
    use serde_json::json;
    use types::SchemaId;

    use super::*;

    #[test]
    fn records_are_typed_by_their_schema() {
        let text = r#"{"type":"object","properties":{
            "ID":{"oneOf":[{"type":"null"},{"type":"integer","connect.type":"int64"}]},
            "D":{"type":"number"}, "L":{"type":"array","items":{"type":"string"}}}}"#;
        let schema =
            RegisteredSchema { id: SchemaId(1), schema_type: SchemaType::Json, text: text.into() };
        let serde = JsonSchemaSerde::try_new(&schema, Part::Value).expect("a schema");
        let bytes = serde.encode(&json!({"id": 1, "l": [2], "unknown": true})).expect("fits");
        let expected = Actual::Map(vec![
            ("ID".to_owned(), Actual::Long(1)),
            ("D".to_owned(), Actual::Null),
            ("L".to_owned(), Actual::List(vec![Actual::String("2".to_owned())])),
        ]);
        assert_eq!(serde.decode(&bytes), Ok(expected));
    }
}
