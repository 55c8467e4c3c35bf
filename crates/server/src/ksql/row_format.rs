//! The three texts of a row stream (spec section 8.4), written straight into a buffer.

use engine::{FinalMessage, Head, Row};
use serde_json::json;
use sql::format::quoted_identifier;
use types::Column;

use super::refusal::Refusal;
use super::row_json::{write_string, write_value};
use crate::http::Media;

/// Error code of a query that failed after its answer had begun.
const SERVER_ERROR: u32 = 50000;

/// Which text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    /// An array of `{"header":...}`, `{"row":...}`, ...: what `/query` answers.
    Tagged,
    /// A line of metadata, then one array per line.
    Delimited,
    /// The same elements in one array.
    Array,
}

/// Writes the rows of one answer.
#[derive(Debug)]
pub struct RowFormat {
    text: Text,
    columns: Vec<Column>,
    /// Whether elements of an array end with their separator rather than begin with it. Readers of
    /// push queries read by lines and must not wait for the next row to see this one whole.
    separates_behind: bool,
}

impl RowFormat {
    /// What `/query` writes for a media type.
    pub fn of_query(media: Media, head: &Head) -> Self {
        let text = if media == Media::Delimited { Text::Delimited } else { Text::Tagged };
        Self::new(text, head)
    }

    /// What `/query-stream` writes for a media type.
    pub fn of_query_stream(media: Media, head: &Head) -> Self {
        let text = match media {
            Media::Delimited => Text::Delimited,
            Media::Ksql => Text::Tagged,
            Media::Json => Text::Array,
        };
        Self::new(text, head)
    }

    fn new(text: Text, head: &Head) -> Self {
        let separates_behind = text == Text::Tagged && head.is_push;
        Self { text, columns: head.columns.clone(), separates_behind }
    }

    /// The beginning of the answer.
    pub fn head(&self, head: &Head, out: &mut String) {
        match self.text {
            Text::Tagged => {
                out.push_str("[{\"header\":{\"queryId\":");
                write_string(out, &head.query_id);
                out.push_str(",\"schema\":");
                write_string(out, &schema(head));
                out.push_str("}}");
                self.end_element(out);
            }
            Text::Delimited => {
                write_metadata(head, out);
                out.push('\n');
            }
            Text::Array => {
                out.push('[');
                write_metadata(head, out);
            }
        }
    }

    /// A row; the delimited texts have none for a deletion.
    pub fn row(&self, row: &Row, out: &mut String) {
        match self.text {
            Text::Tagged => {
                self.begin_element(out);
                self.row_object(row, out);
                self.end_element(out);
            }
            _ if row.is_tombstone => {}
            Text::Delimited => {
                self.values(row, out);
                out.push('\n');
            }
            Text::Array => {
                self.begin_element(out);
                self.values(row, out);
            }
        }
    }

    /// A row as an object on its own: `{"row":{"columns":[...]}}`.
    pub fn row_object(&self, row: &Row, out: &mut String) {
        out.push_str("{\"row\":{\"columns\":");
        self.values(row, out);
        out.push_str(if row.is_tombstone { ",\"tombstone\":true}}" } else { "}}" });
    }

    fn values(&self, row: &Row, out: &mut String) {
        out.push('[');
        for (index, (value, column)) in row.columns.iter().zip(&self.columns).enumerate() {
            if index > 0 {
                out.push(',');
            }
            write_value(out, value, &column.ty);
        }
        out.push(']');
    }

    /// The end of the answer.
    pub fn end(&self, message: Option<FinalMessage>, out: &mut String) {
        // The array of a push query that somebody ended needs a last element.
        let message = message.or(self.separates_behind.then_some(FinalMessage::QueryCompleted));
        let words = message.map(words);
        match (self.text, words) {
            (Text::Tagged, Some(words)) => {
                self.begin_element(out);
                out.push_str("{\"finalMessage\":");
                write_string(out, words);
                out.push_str("}]\n");
            }
            (Text::Tagged | Text::Array, _) => out.push_str("]\n"),
            (Text::Delimited, _) => {}
        }
    }

    /// The end of an answer that broke off.
    pub fn failed(&self, message: &str, out: &mut String) {
        let error = json!(
            { "@type": "generic_error", "error_code": SERVER_ERROR, "message": message }
        );
        match self.text {
            Text::Tagged => {
                self.begin_element(out);
                out.push_str(&json!({ "errorMessage": error }).to_string());
                out.push_str("]\n");
            }
            Text::Array => {
                self.begin_element(out);
                out.push_str(&error.to_string());
                out.push_str("]\n");
            }
            Text::Delimited => {
                out.push_str(&error.to_string());
                out.push('\n');
            }
        }
    }

    fn begin_element(&self, out: &mut String) {
        if !self.separates_behind {
            out.push_str(",\n");
        }
    }

    fn end_element(&self, out: &mut String) {
        if self.separates_behind {
            out.push_str(",\n");
        }
    }
}

/// What a client is told at the end.
pub fn words(message: FinalMessage) -> &'static str {
    match message {
        FinalMessage::LimitReached => "Limit Reached",
        FinalMessage::QueryCompleted => "Query Completed",
    }
}

/// A refusal as the last line of a delimited text.
pub fn delimited_error(refusal: &Refusal) -> String {
    format!("{}\n", refusal.json())
}

/// The columns as SQL: "`ID` BIGINT KEY, `C` STRING".
fn schema(head: &Head) -> String {
    let mut text = String::new();
    for (index, column) in head.columns.iter().enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(&quoted_identifier(&column.name));
        text.push(' ');
        text.push_str(&column.ty.to_string());
        if head.keys.get(index).copied().unwrap_or_default() {
            text.push_str(" KEY");
        }
    }
    text
}

/// Queries that nobody can terminate have no id here.
fn write_metadata(head: &Head, out: &mut String) {
    let query_id = head.is_push.then_some(&head.query_id);
    let names: Vec<&str> = head.columns.iter().map(|column| column.name.as_str()).collect();
    let types: Vec<String> = head.columns.iter().map(|column| column.ty.to_string()).collect();
    let metadata = json!({ "queryId": query_id, "columnNames": names, "columnTypes": types });
    out.push_str(&metadata.to_string());
}

#[cfg(test)]
mod tests {
    use types::{SqlType, Value};

    use super::*;

    fn head(is_push: bool) -> Head {
        let columns = vec![Column::new("ID", SqlType::Bigint), Column::new("C", SqlType::String)];
        Head { query_id: "q1".to_owned(), columns, keys: vec![!is_push, false], is_push }
    }

    fn written(format: &RowFormat, head: &Head, message: Option<FinalMessage>) -> String {
        let mut out = String::new();
        let row = |name: &str, is_tombstone| Row {
            columns: vec![Value::Bigint(1), Value::string(name)],
            is_tombstone,
        };
        format.head(head, &mut out);
        format.row(&row("a", false), &mut out);
        format.row(&row("b", true), &mut out);
        format.end(message, &mut out);
        out
    }

    #[test]
    fn pull_queries_are_closed_without_a_message() {
        let head = head(false);
        let text = written(&RowFormat::of_query(Media::Ksql, &head), &head, None);
        let expected = r#"[{"header":{"queryId":"q1","schema":"`ID` BIGINT KEY, `C` STRING"}},
{"row":{"columns":[1,"a"]}},
{"row":{"columns":[1,"b"],"tombstone":true}}]
"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn each_line_of_a_push_query_is_whole() {
        let head = head(true);
        let format = RowFormat::of_query(Media::Json, &head);
        let text = written(&format, &head, Some(FinalMessage::LimitReached));
        let expected = r#"[{"header":{"queryId":"q1","schema":"`ID` BIGINT, `C` STRING"}},
{"row":{"columns":[1,"a"]}},
{"row":{"columns":[1,"b"],"tombstone":true}},
{"finalMessage":"Limit Reached"}]
"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn delimited_and_array_leave_deletions_out() {
        let head = head(true);
        let delimited = written(&RowFormat::of_query_stream(Media::Delimited, &head), &head, None);
        let metadata =
            r#"{"queryId":"q1","columnNames":["ID","C"],"columnTypes":["BIGINT","STRING"]}"#;
        assert_eq!(delimited, format!("{metadata}\n[1,\"a\"]\n"));
        let array = written(&RowFormat::of_query_stream(Media::Json, &head), &head, None);
        assert_eq!(array, format!("[{metadata},\n[1,\"a\"]]\n"));
    }

    #[test]
    fn a_query_that_breaks_off_ends_in_an_error() {
        let head = head(false);
        let mut out = String::new();
        RowFormat::of_query_stream(Media::Delimited, &head).failed("no \"luck\"", &mut out);
        let error = r#"{"@type":"generic_error","error_code":50000,"message":"no \"luck\""}"#;
        assert_eq!(out, format!("{error}\n"));
    }
}
