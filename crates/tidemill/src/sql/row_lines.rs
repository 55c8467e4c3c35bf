//! The row stream of `/query` as the command line reads it: pieces cut at line ends into elements.

use serde_json::Value;

/// One element of the stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Element {
    /// Names of the columns.
    Header(Vec<String>),
    /// A row.
    Row(Vec<Value>),
    /// A row that tells of a deletion.
    Tombstone(Vec<Value>),
    /// The query ended by itself.
    Final(String),
    /// The query failed.
    Failed(String),
}

/// Collects pieces and gives whole lines.
#[derive(Debug, Default)]
pub struct Lines {
    buffer: Vec<u8>,
}

impl Lines {
    /// Takes a piece and gives the lines that are whole.
    pub fn take(&mut self, piece: &[u8]) -> Vec<String> {
        self.buffer.extend_from_slice(piece);
        let Some(end) = self.buffer.iter().rposition(|byte| *byte == b'\n') else {
            return Vec::new();
        };
        let rest = self.buffer.split_off(end + 1);
        let whole = std::mem::replace(&mut self.buffer, rest);
        String::from_utf8_lossy(&whole).lines().map(str::to_owned).collect()
    }

    /// What is left when no more comes.
    pub fn rest(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.buffer);
        (!rest.is_empty()).then(|| String::from_utf8_lossy(&rest).into_owned())
    }
}

/// The element of a line; `None` for a line that has none, such as the closing bracket.
pub fn element(line: &str) -> Option<Element> {
    let bare = line.trim().trim_start_matches(['[', ',']).trim_end_matches(',');
    let parsed = serde_json::from_str(bare).or_else(|_| {
        // The last element has the array's closing bracket behind it.
        serde_json::from_str(bare.strip_suffix(']').unwrap_or(bare))
    });
    let Ok(Value::Object(members)) = parsed else { return None };
    let (kind, value) = members.into_iter().next()?;
    match kind.as_str() {
        "header" => Some(Element::Header(column_names(value["schema"].as_str()?))),
        "row" => row(value),
        "finalMessage" => Some(Element::Final(value.as_str()?.to_owned())),
        "errorMessage" => {
            let message = value["message"].as_str().or(value.as_str());
            Some(Element::Failed(message.unwrap_or("the query failed").to_owned()))
        }
        _ => None,
    }
}

fn row(mut value: Value) -> Option<Element> {
    let Value::Array(columns) = value["columns"].take() else { return None };
    let is_tombstone = value["tombstone"].as_bool().unwrap_or_default();
    Some(if is_tombstone { Element::Tombstone(columns) } else { Element::Row(columns) })
}

/// The names in "`A` BIGINT KEY, `B` STRUCT<`C` STRING>".
fn column_names(schema: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut expects_name) = (0_i32, true);
    let mut chars = schema.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '`' => {
                let name = quoted_name(&mut chars);
                if depth == 0 && expects_name {
                    names.push(name);
                    expects_name = false;
                }
            }
            '<' | '(' => depth += 1,
            '>' | ')' => depth -= 1,
            ',' if depth == 0 => expects_name = true,
            _ => {}
        }
    }
    names
}

/// The rest of a back-quoted name; two back-quotes stand for one.
fn quoted_name(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut name = String::new();
    while let Some(c) = chars.next() {
        if c == '`' && chars.next_if_eq(&'`').is_none() {
            break;
        }
        name.push(c);
    }
    name
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_of_whole_and_of_broken_arrays() {
        let header = r#"[{"header":{"queryId":"q","schema":"`A``B` DECIMAL(4, 2), `C` MAP<STRING, STRUCT<`D` INTEGER>> KEY"}},"#;
        assert_eq!(element(header), Some(Element::Header(vec!["A`B".into(), "C".into()])));
        let row = r#"{"row":{"columns":[1,["x]"]]}}]"#;
        assert_eq!(element(row), Some(Element::Row(vec![json!(1), json!(["x]"])])));
        let tombstone = r#",{"row":{"columns":[null],"tombstone":true}}"#;
        assert_eq!(element(tombstone), Some(Element::Tombstone(vec![Value::Null])));
        let last = r#"{"finalMessage":"Limit Reached"}]"#;
        assert_eq!(element(last), Some(Element::Final("Limit Reached".into())));
        assert_eq!(element("]"), None);
    }

    #[test]
    fn lines_are_whole_whatever_the_pieces() {
        let mut lines = Lines::default();
        assert_eq!(lines.take(b"ab"), Vec::<String>::new());
        assert_eq!(lines.take(b"c\nd\ne"), ["abc", "d"]);
        assert_eq!(lines.rest().as_deref(), Some("e"));
        assert_eq!(lines.rest(), None);
    }
}
