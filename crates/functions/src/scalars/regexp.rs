//! Functions of regular expressions, in Java's syntax.

use fancy_regex::Regex;

use super::java_regex::{compile, expand, split};
use super::rows::{Memo, map2, map3};
use crate::{Registry, Scalar};

const CATEGORY: &str = "REGULAR EXPRESSION";

/// Adds the functions of this file.
pub fn register(registry: &mut Registry) {
    let functions = [extract(), extract_all(), replace(), split_to_array()];
    functions.into_iter().for_each(|function| registry.add_scalar(function));
}

fn extract() -> Scalar {
    Scalar::new(
        "REGEXP_EXTRACT",
        CATEGORY,
        "The first match of a pattern in a text, or one of its groups.",
    )
    .overload("(STRING, STRING) -> STRING", |call| {
        let mut patterns = Memo::new(compile);
        map2(call, |pattern: &str, text: &str| first_match(patterns.of(pattern)?, text, 0))
    })
    .overload("(STRING, STRING, INT) -> STRING", |call| {
        let mut patterns = Memo::new(compile);
        map3(call, |pattern: &str, text: &str, group: i32| {
            first_match(patterns.of(pattern)?, text, group)
        })
    })
}

fn extract_all() -> Scalar {
    Scalar::new(
        "REGEXP_EXTRACT_ALL",
        CATEGORY,
        "All matches of a pattern in a text, or one group of each.",
    )
    .overload("(STRING, STRING) -> ARRAY<STRING>", |call| {
        let mut patterns = Memo::new(compile);
        map2(call, |pattern: &str, text: &str| all_matches(patterns.of(pattern)?, text, 0))
    })
    .overload("(STRING, STRING, INT) -> ARRAY<STRING>", |call| {
        let mut patterns = Memo::new(compile);
        map3(call, |pattern: &str, text: &str, group: i32| {
            all_matches(patterns.of(pattern)?, text, group)
        })
    })
}

fn replace() -> Scalar {
    Scalar::new(
        "REGEXP_REPLACE",
        CATEGORY,
        "The text with all matches of a pattern replaced; $n is group n.",
    )
    .overload("(STRING, STRING, STRING) -> STRING", |call| {
        let mut patterns = Memo::new(compile);
        map3(call, |text: &str, pattern: &str, replacement: &str| {
            replaced(patterns.of(pattern)?, text, replacement)
        })
    })
}

fn split_to_array() -> Scalar {
    Scalar::new(
        "REGEXP_SPLIT_TO_ARRAY",
        CATEGORY,
        "The parts of a text between the matches of a pattern.",
    )
    .overload("(STRING, STRING) -> ARRAY<STRING>", |call| {
        let mut patterns = Memo::new(compile);
        map2(call, |text: &str, pattern: &str| split(patterns.of(pattern)?, text))
    })
}

fn first_match(regex: &Regex, text: &str, group: i32) -> Result<Option<String>, String> {
    let Some(group) = existing(regex, group) else { return Ok(None) };
    let captures = regex.captures(text).map_err(|error| error.to_string())?;
    let found = captures.as_ref().and_then(|captures| captures.get(group));
    Ok(found.map(|found| found.as_str().to_owned()))
}

fn all_matches(regex: &Regex, text: &str, group: i32) -> Result<Option<Vec<String>>, String> {
    let Some(group) = existing(regex, group) else { return Ok(None) };
    let mut matches = Vec::new();
    for captures in regex.captures_iter(text) {
        let captures = captures.map_err(|error| error.to_string())?;
        matches
            .push(captures.get(group).map_or_else(String::new, |found| found.as_str().to_owned()));
    }
    Ok(Some(matches))
}

fn existing(regex: &Regex, group: i32) -> Option<usize> {
    usize::try_from(group).ok().filter(|group| *group < regex.captures_len())
}

fn replaced(regex: &Regex, text: &str, replacement: &str) -> Result<String, String> {
    let mut result = String::with_capacity(text.len());
    let mut copied = 0;
    for captures in regex.captures_iter(text) {
        let captures = captures.map_err(|error| error.to_string())?;
        let whole = captures.get(0).expect("group 0 is the whole match");
        result.push_str(&text[copied..whole.start()]);
        expand(&captures, replacement, &mut result)?;
        copied = whole.end();
    }
    result.push_str(&text[copied..]);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use crate::scalars::testing::{evaluate, fails, int, text, texts};
    use types::Value;

    #[test]
    fn matches_are_extracted() {
        let extract = |pattern, input| evaluate("REGEXP_EXTRACT", &[text(pattern), text(input)]);
        assert_eq!(extract("test.", "some_test_string"), Value::string("test_"));
        assert_eq!(extract("test.", "anothertest"), Value::Null);
        let group = |n| evaluate("REGEXP_EXTRACT", &[text("(.*) (.*)"), text("a b"), int(n)]);
        assert_eq!(group(2), Value::string("b"));
        assert_eq!(group(3), Value::Null);
        let all =
            |input| evaluate("REGEXP_EXTRACT_ALL", &[text(r"(\w+) (\w*)"), text(input), int(2)]);
        assert_eq!(all("agavra mehta agavra "), texts(&["mehta", ""]));
        assert_eq!(all("agavra"), texts(&[]));
        assert!(fails("REGEXP_EXTRACT", &[text("("), text("a")]));
    }

    #[test]
    fn matches_are_replaced_and_split_at() {
        let arguments = [text("baababaa"), text("(ab)"), text("<$1>")];
        assert_eq!(evaluate("REGEXP_REPLACE", &arguments), Value::string("ba<ab><ab>aa"));
        let arguments = [text("aabcda"), text("(ab|cd)")];
        assert_eq!(evaluate("REGEXP_SPLIT_TO_ARRAY", &arguments), texts(&["a", "", "a"]));
    }
}
