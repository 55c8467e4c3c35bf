//! Functions that look into JSON texts. As in ksqlDB, what follows the first JSON value of a text is ignored.

use serde_json::{Map, Value as Json};
use types::{Decimal, Value};

use super::json_path::Path;
use super::rows::{Memo, map_all, map1, map2};
use super::utf16::as_int;
use crate::{Registry, Scalar};

const CATEGORY: &str = "JSON";

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [
        extract_json_field(),
        is_json_string(),
        json_array_contains(),
        json_array_length(),
        json_concat(),
        json_items(),
        json_keys(),
        json_records(),
    ];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn extract_json_field() -> Scalar {
    Scalar::new(
        "EXTRACTJSONFIELD",
        CATEGORY,
        "The value at a path such as $.a.b[0]; texts come without quotes.",
    )
    .overload("(STRING, STRING) -> STRING", |call| {
        let mut paths = Memo::new(Path::parse);
        map2(call, |text: &str, path: &str| {
            let path = paths.of(path)?;
            Ok::<_, String>(parse(text)?.and_then(|json| path.find(&json).and_then(plain_text)))
        })
    })
}

fn is_json_string() -> Scalar {
    Scalar::new("IS_JSON_STRING", CATEGORY, "Whether a text is JSON.")
        .overload("(STRING) -> BOOLEAN", |call| {
            map1(call, |text: Option<&str>| matches!(text.map(parse), Some(Ok(Some(_)))))
        })
}

fn json_array_contains() -> Scalar {
    Scalar::new(
        "JSON_ARRAY_CONTAINS",
        CATEGORY,
        "Whether a JSON array has an element of that type and value.",
    )
    .overload("(STRING, T) -> BOOLEAN", |call| {
        map2(call, |text: Option<&str>, wanted: Option<Value>| match text.map(parse) {
            Some(Ok(Some(Json::Array(elements)))) => {
                elements.iter().any(|element| is_equal(element, wanted.as_ref()))
            }
            _ => false,
        })
    })
}

fn json_array_length() -> Scalar {
    Scalar::new("JSON_ARRAY_LENGTH", CATEGORY, "The number of elements of a JSON array.").overload(
        "(STRING) -> INT",
        |call| {
            map1(call, |text: &str| match parse(text)? {
                Some(Json::Array(elements)) => Ok(Some(as_int(elements.len()))),
                _ => Ok::<_, String>(None),
            })
        },
    )
}

fn json_concat() -> Scalar {
    Scalar::new(
        "JSON_CONCAT",
        CATEGORY,
        "All objects merged, of equal keys the last; or all arrays and other values as one array.",
    )
    .overload("(STRING...) -> STRING", |call| map_all(call, concatenated))
}

fn json_items() -> Scalar {
    Scalar::new("JSON_ITEMS", CATEGORY, "The elements of a JSON array, each as JSON.").overload(
        "(STRING) -> ARRAY<STRING>",
        |call| {
            map1(call, |text: &str| match parse(text)? {
                Some(Json::Array(elements)) => {
                    Ok(Some(elements.iter().map(Json::to_string).collect::<Vec<String>>()))
                }
                _ => Ok::<_, String>(None),
            })
        },
    )
}

fn json_keys() -> Scalar {
    Scalar::new("JSON_KEYS", CATEGORY, "The keys of a JSON object.").overload(
        "(STRING) -> ARRAY<STRING>",
        |call| {
            map1(call, |text: &str| match parse(text)? {
                Some(Json::Object(fields)) => Ok(Some(fields.keys().cloned().collect::<Vec<_>>())),
                _ => Ok::<_, String>(None),
            })
        },
    )
}

fn json_records() -> Scalar {
    Scalar::new(
        "JSON_RECORDS",
        CATEGORY,
        "The fields of a JSON object as a map; texts come without quotes.",
    )
    .overload("(STRING) -> MAP<STRING, STRING>", |call| {
        map1(call, |text: &str| match parse(text)? {
            Some(Json::Object(fields)) => Ok(Some(records(fields))),
            _ => Ok::<_, String>(None),
        })
    })
}

/// The first JSON value of `text`; `None` if the text is blank.
fn parse(text: &str) -> Result<Option<Json>, String> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Json>();
    values.next().transpose().map_err(|error| format!("invalid JSON: {error}"))
}

/// A text without quotes, anything else as JSON; JSON's null is NULL.
fn plain_text(json: &Json) -> Option<String> {
    match json {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn records(fields: Map<String, Json>) -> Value {
    let text = |json: &Json| match json {
        Json::String(text) => Value::string(text),
        other => Value::string(other.to_string()),
    };
    Value::Map(fields.iter().map(|(key, json)| (Value::string(key), text(json))).collect())
}

/// Whole numbers equal INTEGER and BIGINT only, numbers with a fraction DOUBLE and DECIMAL only.
fn is_equal(json: &Json, wanted: Option<&Value>) -> bool {
    match (json, wanted) {
        (Json::Null, None | Some(Value::Null)) => true,
        (Json::Bool(json), Some(Value::Boolean(wanted))) => json == wanted,
        (Json::String(json), Some(Value::String(wanted))) => json == wanted,
        (Json::Number(json), Some(Value::Integer(wanted))) => {
            json.as_i64() == Some((*wanted).into())
        }
        (Json::Number(json), Some(Value::Bigint(wanted))) => json.as_i64() == Some(*wanted),
        (Json::Number(json), Some(Value::Double(wanted))) => {
            has_fraction(json) && json.as_f64() == Some(*wanted)
        }
        (Json::Number(json), Some(Value::Decimal(wanted))) => {
            has_fraction(json) && is_same_decimal(&json.to_string(), wanted)
        }
        _ => false,
    }
}

fn has_fraction(number: &serde_json::Number) -> bool {
    number.to_string().contains(['.', 'e', 'E'])
}

fn is_same_decimal(text: &str, wanted: &Decimal) -> bool {
    let digits = |text: String| text.trim_end_matches('0').trim_end_matches('.').to_owned();
    text.parse::<Decimal>().is_ok_and(|json| digits(json.to_string()) == digits(wanted.to_string()))
}

fn concatenated(texts: &[Option<&str>]) -> Result<Option<String>, String> {
    let mut all = Vec::with_capacity(texts.len());
    for text in texts {
        let Some(text) = text else { return Ok(None) };
        let Some(json) = parse(text)? else { return Ok(None) };
        all.push(json);
    }
    if all.is_empty() {
        return Ok(None);
    }
    let mut merged = Map::new();
    if all.iter().all(Json::is_object) {
        for json in all {
            if let Json::Object(fields) = json {
                merged.extend(fields);
            }
        }
        return Ok(Some(Json::Object(merged).to_string()));
    }
    let elements = all.into_iter().flat_map(|json| match json {
        Json::Array(elements) => elements,
        other => vec![other],
    });
    Ok(Some(Json::Array(elements.collect()).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalars::testing::{double, evaluate, fails, int, null, text, texts};
    use types::SqlType;

    #[test]
    fn fields_are_extracted() {
        let extract = |json, path| evaluate("EXTRACTJSONFIELD", &[text(json), text(path)]);
        assert_eq!(extract(r#"{"name": "cdd"}}"#, "$.name"), Value::string("cdd"));
        assert_eq!(extract(r#"{"a": {"b": 1.50}}"#, "$.a"), Value::string(r#"{"b":1.50}"#));
        assert_eq!(extract(r#"{"a": null}"#, "$.a"), Value::Null);
        assert_eq!(extract("", "$.a"), Value::Null);
        assert!(fails("EXTRACTJSONFIELD", &[text("{"), text("$.a")]));
    }

    #[test]
    fn json_is_recognised() {
        let is_json = |json| evaluate("IS_JSON_STRING", &[text(json)]) == Value::Boolean(true);
        assert!(is_json("1") && is_json("[1, 2]") && is_json("\"a\"") && is_json("null"));
        assert!(!is_json("abc") && !is_json("") && !is_json("{"));
        assert_eq!(evaluate("IS_JSON_STRING", &[null(SqlType::String)]), Value::Boolean(false));
    }

    #[test]
    fn elements_are_found_by_type_and_value() {
        let json = || text(r#"[1, 1.5, "x", null, true, [2]]"#);
        let contains = |wanted| evaluate("JSON_ARRAY_CONTAINS", &[json(), wanted]);
        for (wanted, expected) in [
            (int(1), true),
            (double(1.0), false),
            (double(1.5), true),
            (text("x"), true),
            (text("1"), false),
            (null(SqlType::String), true),
            (int(2), false),
        ] {
            assert_eq!(contains(wanted.clone()), Value::Boolean(expected), "{wanted:?}");
        }
        let broken = [text("[1"), int(1)];
        assert_eq!(evaluate("JSON_ARRAY_CONTAINS", &broken), Value::Boolean(false));
    }

    #[test]
    fn json_texts_are_joined() {
        for (left, right, expected) in [
            (r#"{"a": 1}"#, r#"{"b": 2}"#, Some(r#"{"a":1,"b":2}"#)),
            (r#"{"a": {"5": 6}}"#, r#"{"a": {"3": 4}}"#, Some(r#"{"a":{"3":4}}"#)),
            ("[1, [2]]", "[[[3]]]", Some("[1,[2],[[3]]]")),
            ("null", "null", Some("[null,null]")),
            ("[1]", r#"{"a": 1}"#, Some(r#"[1,{"a":1}]"#)),
            ("1", "", None),
        ] {
            let joined = concatenated(&[Some(left), Some(right)]).expect("valid JSON");
            assert_eq!(joined.as_deref(), expected, "{left} and {right}");
        }
        assert_eq!(concatenated(&[None, Some("1")]), Ok(None));
    }

    #[test]
    fn arrays_and_objects_are_taken_apart() {
        assert_eq!(
            evaluate("JSON_ITEMS", &[text(r#"[{"a": 1}, 2]"#)]),
            texts(&[r#"{"a":1}"#, "2"])
        );
        assert_eq!(evaluate("JSON_ARRAY_LENGTH", &[text("[1, 2]")]), Value::Integer(2));
        assert_eq!(evaluate("JSON_ARRAY_LENGTH", &[text("1")]), Value::Null);
        assert_eq!(evaluate("JSON_KEYS", &[text(r#"{"b": 1, "a": 2}"#)]), texts(&["b", "a"]));
        let Value::Map(records) = evaluate("JSON_RECORDS", &[text(r#"{"a": "x", "b": [1]}"#)])
        else {
            panic!("the result is a map")
        };
        let values: Vec<Value> = records.into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, [Value::string("x"), Value::string("[1]")]);
    }
}
