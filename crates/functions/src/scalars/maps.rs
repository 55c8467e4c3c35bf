//! AS_MAP, ENTRIES, MAP_KEYS, MAP_VALUES and MAP_UNION.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, ListArray};
use types::text::compare_utf16;
use types::{SqlType, Value, columns};

use super::rows::map2;
use crate::{Call, Registry, Scalar};

const CATEGORY: &str = "MAP";

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [as_map(), entries(), map_keys(), map_values(), map_union()];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn as_map() -> Scalar {
    Scalar::new("AS_MAP", CATEGORY, "A map from an array of keys and one of values.")
        .overload("(ARRAY<STRING>, ARRAY<V>) -> MAP<STRING, V>", |call| map2(call, zipped))
}

fn entries() -> Scalar {
    let evaluate: crate::Evaluate = |call| map2(call, listed);
    Scalar::new(
        "ENTRIES",
        CATEGORY,
        "The entries of a map as structs, perhaps in the order of their keys.",
    )
    .overload("(MAP<STRING, INT>, BOOLEAN) -> ARRAY<STRUCT<K STRING, V INT>>", evaluate)
    .overload("(MAP<STRING, BIGINT>, BOOLEAN) -> ARRAY<STRUCT<K STRING, V BIGINT>>", evaluate)
    .overload("(MAP<STRING, DOUBLE>, BOOLEAN) -> ARRAY<STRUCT<K STRING, V DOUBLE>>", evaluate)
    .overload("(MAP<STRING, BOOLEAN>, BOOLEAN) -> ARRAY<STRUCT<K STRING, V BOOLEAN>>", evaluate)
    .overload("(MAP<STRING, STRING>, BOOLEAN) -> ARRAY<STRUCT<K STRING, V STRING>>", evaluate)
}

fn map_keys() -> Scalar {
    Scalar::new("MAP_KEYS", CATEGORY, "The keys of a map.")
        .overload("(MAP<STRING, V>) -> ARRAY<STRING>", |call| part(call, Part::Keys))
}

fn map_values() -> Scalar {
    Scalar::new("MAP_VALUES", CATEGORY, "The values of a map.")
        .overload("(MAP<STRING, V>) -> ARRAY<V>", |call| part(call, Part::Values))
}

fn map_union() -> Scalar {
    Scalar::new(
        "MAP_UNION",
        CATEGORY,
        "The entries of both maps; of equal keys, the second map's entry.",
    )
    .overload("(MAP<STRING, V>, MAP<STRING, V>) -> MAP<STRING, V>", |call| map2(call, union))
}

/// Which half of a map's entries.
#[derive(Clone, Copy)]
enum Part {
    Keys,
    Values,
}

fn part(call: &mut Call<'_>, part: Part) -> ArrayRef {
    let map = call.column(0).as_map();
    let items = match part {
        Part::Keys => map.keys(),
        Part::Values => map.values(),
    };
    let SqlType::Array(element) = call.returns else { unreachable!("the result is an array") };
    let field = columns::list_item(element);
    Arc::new(ListArray::new(field, map.offsets().clone(), items.clone(), map.nulls().cloned()))
}

/// A missing value is NULL, a value without a key is dropped.
fn zipped(keys: Value, values: Value) -> Result<Value, String> {
    let (Value::Array(keys), Value::Array(values)) = (keys, values) else {
        unreachable!("resolution lets only arrays through")
    };
    let values = values.into_iter().chain(std::iter::repeat(Value::Null));
    let mut entries = Vec::with_capacity(keys.len());
    for (key, value) in keys.into_iter().zip(values) {
        if key.is_null() {
            return Err("a map can't have NULL as a key".to_owned());
        }
        put(&mut entries, key, value);
    }
    Ok(Value::Map(entries))
}

fn listed(map: Value, sort: bool) -> Value {
    let Value::Map(mut entries) = map else { unreachable!("resolution lets only maps through") };
    if sort {
        entries.sort_by(|(left, _), (right, _)| match (left, right) {
            (Value::String(left), Value::String(right)) => compare_utf16(left, right),
            _ => unreachable!("the keys are texts"),
        });
    }
    Value::Array(entries.into_iter().map(|(key, value)| Value::Struct(vec![key, value])).collect())
}

/// NULL is an empty map, unless both are.
fn union(left: Option<Value>, right: Option<Value>) -> Option<Value> {
    match (left, right) {
        (Some(Value::Map(mut entries)), Some(Value::Map(more))) => {
            more.into_iter().for_each(|(key, value)| put(&mut entries, key, value));
            Some(Value::Map(entries))
        }
        (left, right) => left.or(right),
    }
}

/// Sets the value of `key`.
fn put(entries: &mut Vec<(Value, Value)>, key: Value, value: Value) {
    match entries.iter_mut().find(|(known, _)| *known == key) {
        Some(entry) => entry.1 = value,
        None => entries.push((key, value)),
    }
}

#[cfg(test)]
mod tests {
    use crate::scalars::testing::{Typed, array, evaluate, null, texts};
    use types::{SqlType, Value};

    fn map(entries: &[(&str, i32)]) -> Typed {
        let entry = |(key, value): &(&str, i32)| (Value::string(*key), Value::Integer(*value));
        (ty(), Value::Map(entries.iter().map(entry).collect()))
    }

    fn ty() -> SqlType {
        SqlType::map(SqlType::String, SqlType::Integer)
    }

    #[test]
    fn maps_are_taken_apart() {
        let both = map(&[("b", 1), ("a", 2)]);
        assert_eq!(evaluate("MAP_KEYS", std::slice::from_ref(&both)), texts(&["b", "a"]));
        let values = Value::Array(vec![Value::Integer(1), Value::Integer(2)]);
        assert_eq!(evaluate("MAP_VALUES", std::slice::from_ref(&both)), values);
        let sorted = evaluate("ENTRIES", &[both, (SqlType::Boolean, Value::Boolean(true))]);
        let entry =
            |key: &str, value| Value::Struct(vec![Value::string(key), Value::Integer(value)]);
        assert_eq!(sorted, Value::Array(vec![entry("a", 2), entry("b", 1)]));
    }

    #[test]
    fn maps_are_put_together() {
        let united = evaluate("MAP_UNION", &[map(&[("a", 1), ("b", 2)]), map(&[("a", 3)])]);
        assert_eq!(united, map(&[("a", 3), ("b", 2)]).1);
        assert_eq!(evaluate("MAP_UNION", &[null(ty()), map(&[("a", 3)])]), map(&[("a", 3)]).1);
        assert_eq!(evaluate("MAP_UNION", &[null(ty()), null(ty())]), Value::Null);
        let keys = (SqlType::array(SqlType::String), texts(&["a", "b"]));
        let padded = evaluate("AS_MAP", &[keys, array(SqlType::Integer, &[Value::Integer(1)])]);
        let expected =
            vec![(Value::string("a"), Value::Integer(1)), (Value::string("b"), Value::Null)];
        assert_eq!(padded, Value::Map(expected));
    }
}
