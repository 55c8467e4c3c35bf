//! Commands as JSON text, however deep their expressions are.
//!
//! A statement may nest [`sql`]'s expressions 200 levels deep, and each level is a few levels of JSON:
//! more than serde_json reads by itself, and more than a worker's stack holds. Called by the command
//! topic, and by the query tests, which hold that every plan survives being stored.

use serde::de::DeserializeOwned;

use crate::thread::with_stack;
use crate::{Error, Result};

/// Levels that are read on the caller's stack; serde_json's own limit is a little higher.
const LEVELS_SHALLOW: usize = 100;
/// Levels that are read at all: what the longest expression comes to, and as much again.
const LEVELS_MAX: usize = 4_000;
/// Stack for deep texts: some 8 KB a level in a debug build.
const STACK_BYTES: usize = 64 << 20;

/// Reads a stored value.
///
/// # Errors
/// When `text` is not that of such a value, or is nested too deep.
pub fn decode<T: DeserializeOwned + Send>(text: &[u8]) -> Result<T> {
    let levels = levels(text);
    if levels <= LEVELS_SHALLOW {
        return serde_json::from_slice(text).map_err(|error| Error::Internal(error.to_string()));
    }
    if levels > LEVELS_MAX {
        return Err(Error::Internal(format!("nested {levels} levels deep")));
    }
    let decoded = with_stack(STACK_BYTES, || {
        let mut reader = serde_json::Deserializer::from_slice(text);
        reader.disable_recursion_limit();
        let value = T::deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
        value.map_err(|error| Error::Internal(error.to_string()))
    });
    decoded.unwrap_or_else(|| Err(Error::Internal("no thread for a deep definition".to_owned())))
}

/// How deep arrays and objects are nested.
fn levels(text: &[u8]) -> usize {
    let (mut level, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => level += 1,
            b']' | b'}' if !in_string => level = level.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(level);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_values_are_read_and_bottomless_ones_refused() {
        let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        for levels in [1, LEVELS_SHALLOW, LEVELS_SHALLOW + 1, 2_000] {
            let read: Result<serde_json::Value> = decode(nested(levels).as_bytes());
            let value = read.expect("it can be read");
            // A deep value is also dropped level by level.
            with_stack(STACK_BYTES, move || drop(value));
        }
        let bottomless = nested(LEVELS_MAX + 1);
        assert!(decode::<serde_json::Value>(bottomless.as_bytes()).is_err());
        assert_eq!(levels(br#"{"a[": ["\"[", {}]}"#), 3);
    }
}
