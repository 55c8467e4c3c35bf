//! The path of EXTRACTJSONFIELD: `$`, then `.name`, `['name']` or `[index]` steps to one value.

use serde_json::Value as Json;

/// A path to one value.
#[derive(Debug, PartialEq, Eq)]
pub struct Path {
    steps: Vec<Step>,
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// When the text is no such path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let invalid = || format!("invalid JSON path: '{text}'");
        let mut rest = text.strip_prefix('$').ok_or_else(invalid)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, behind) = read_step(rest).ok_or_else(invalid)?;
            steps.push(step);
            rest = behind;
        }
        Ok(Self { steps })
    }

    /// The value at this path; `None` where there is none.
    pub fn find<'a>(&self, root: &'a Json) -> Option<&'a Json> {
        self.steps.iter().try_fold(root, |node, step| match (node, step) {
            (Json::Object(fields), Step::Key(key)) => fields.get(key),
            (Json::Array(elements), Step::Index(index)) => elements.get(*index),
            _ => None,
        })
    }
}

fn read_step(text: &str) -> Option<(Step, &str)> {
    if let Some(rest) = text.strip_prefix('.') {
        let end = rest.find(|c: char| !is_plain(c)).unwrap_or(rest.len());
        return (end > 0).then(|| (Step::Key(rest[..end].to_owned()), &rest[end..]));
    }
    let rest = text.strip_prefix('[')?;
    for quote in ['\'', '"'] {
        if let Some(rest) = rest.strip_prefix(quote) {
            let (key, behind) = read_quoted(rest, quote)?;
            return Some((Step::Key(key), behind.strip_prefix(']')?));
        }
    }
    let (index, behind) = rest.split_once(']')?;
    Some((Step::Index(index.parse().ok()?), behind))
}

/// The text up to an unescaped `quote`, and what follows it.
fn read_quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut key = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => key.push(characters.next()?.1),
            c if c == quote => return Some((key, &text[at + c.len_utf8()..])),
            c => key.push(c),
        }
    }
    None
}

/// Whether `c` may stand in a name without quotes.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || ":$_@-".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_values() {
        let json: Json =
            serde_json::from_str(r#"{"a": {"b": [1, {"x y": 2}]}, "@t": 3}"#).expect("JSON");
        for (path, expected) in [
            ("$.a.b[0]", Some("1")),
            ("$.a.b[1]['x y']", Some("2")),
            (r#"$["@t"]"#, Some("3")),
            ("$.@t", Some("3")),
            ("$.a.c", None),
            ("$.a[0]", None),
            ("$.a.b[2]", None),
        ] {
            let found = Path::parse(path).expect(path).find(&json).map(ToString::to_string);
            assert_eq!(found.as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn wrong_paths_are_refused() {
        for path in ["a", "$a", "$.", "$.a[", "$.a[x]", "$['a", "$['a'", "$.a b"] {
            assert!(Path::parse(path).is_err(), "{path}");
        }
    }
}
