//! SPLIT and SPLIT_TO_MAP.

use types::Value;

use super::rows::{map2, map3};
use crate::{Registry, Scalar};

const CATEGORY: &str = "STRING";

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    registry.add_scalar(split());
    registry.add_scalar(split_to_map());
}

fn split() -> Scalar {
    Scalar::new(
        "SPLIT",
        CATEGORY,
        "The parts between the occurrences of a delimiter; an empty delimiter gives single characters.",
    )
    .overload("(STRING, STRING) -> ARRAY<STRING>", |call| map2(call, text_parts))
    .overload("(BYTES, BYTES) -> ARRAY<BYTES>", |call| map2(call, byte_parts))
}

fn split_to_map() -> Scalar {
    Scalar::new("SPLIT_TO_MAP", CATEGORY, "A map from a text of entries, given both delimiters.")
        .overload("(STRING, STRING, STRING) -> MAP<STRING, STRING>", |call| map3(call, entries))
}

fn text_parts(text: &str, delimiter: &str) -> Vec<String> {
    if delimiter.is_empty() && !text.is_empty() {
        text.chars().map(String::from).collect()
    } else if delimiter.is_empty() {
        vec![String::new()]
    } else {
        text.split(delimiter).map(str::to_owned).collect()
    }
}

fn byte_parts(bytes: &[u8], delimiter: &[u8]) -> Vec<Vec<u8>> {
    if delimiter.is_empty() && !bytes.is_empty() {
        return bytes.iter().map(|byte| vec![*byte]).collect();
    }
    let mut parts = Vec::new();
    let mut rest = bytes;
    let at =
        |rest: &[u8]| rest.windows(delimiter.len().max(1)).position(|window| window == delimiter);
    while let Some(end) = at(rest) {
        parts.push(rest[..end].to_vec());
        rest = &rest[end + delimiter.len()..];
    }
    parts.push(rest.to_vec());
    parts
}

/// Entries without a delimiter inside are left out; of those with the same key, the last one stays.
fn entries(text: &str, entry_delimiter: &str, key_delimiter: &str) -> Option<Value> {
    if entry_delimiter.is_empty() || key_delimiter.is_empty() {
        return None;
    }
    let mut entries: Vec<(Value, Value)> = Vec::new();
    for entry in text.split(entry_delimiter) {
        let mut parts = entry.split(key_delimiter);
        let (Some(key), Some(value)) = (parts.next(), parts.next()) else { continue };
        let (key, value) = (Value::string(key), Value::string(value));
        match entries.iter_mut().find(|(known, _)| *known == key) {
            Some(entry) => entry.1 = value,
            None => entries.push((key, value)),
        }
    }
    Some(Value::Map(entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_between_delimiters() {
        for (text, delimiter, expected) in [
            ("a$$b.c", "$$", &["a", "b.c"][..]),
            (".abc$$", "$$", &[".abc", ""]),
            ("abc", "$$", &["abc"]),
            ("", "$$", &[""]),
            ("a.é", "", &["a", ".", "é"]),
            ("", "", &[""]),
        ] {
            assert_eq!(text_parts(text, delimiter), expected, "{text} by {delimiter}");
            if text.is_ascii() {
                let parts: Vec<&[u8]> = expected.iter().map(|part| part.as_bytes()).collect();
                assert_eq!(byte_parts(text.as_bytes(), delimiter.as_bytes()), parts);
            }
        }
    }

    #[test]
    fn maps_from_texts() {
        let map = |text, entry, key| match entries(text, entry, key) {
            Some(Value::Map(entries)) => Some(entries.len()),
            _ => None,
        };
        assert_eq!(map("apple:green//banana:yellow//cherry:red/", "/", ":"), Some(3));
        assert_eq!(map("a:1/a:2", "/", ":"), Some(1));
        assert_eq!(map("a:1", "/", "="), Some(0));
        assert_eq!(map("a:1", "", ":"), None);
        let cut = entries("apple:green/banana:yellow", "&&", ":").expect("a map");
        let expected = (Value::string("apple"), Value::string("green/banana"));
        assert_eq!(cut, Value::Map(vec![expected]));
    }
}
