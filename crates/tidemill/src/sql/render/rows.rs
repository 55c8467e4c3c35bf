//! Rows of a query in a box: the header between rules, then one `|cell|cell|` per row. The width is
//! fixed before the first row is known, since rows may never end.

use serde_json::{Map, Value};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::sql::session::Session;

/// Least width of a cell when the terminal's width is shared.
const WIDTH_MIN: usize = 5;
/// What is put behind a cell that was cut.
const CUT: &str = "...";
/// What a deleted row shows in its columns.
const TOMBSTONE: &str = "<TOMBSTONE>";

/// The shape of one query's rows.
#[derive(Clone, Debug)]
pub struct RowBox {
    names: Vec<String>,
    width: usize,
    wraps: bool,
}

impl RowBox {
    /// A box for these columns on a terminal of that width.
    pub fn new(names: Vec<String>, session: &Session, terminal_width: usize) -> Self {
        let shared = (terminal_width / names.len().max(1)).saturating_sub(2).max(WIDTH_MIN);
        let width = if session.column_width > 0 { session.column_width } else { shared };
        Self { names, width, wraps: session.wraps }
    }

    /// The header between its rules.
    pub fn header(&self) -> String {
        let rule =
            format!("+{}\n", format!("{}+", "-".repeat(self.width)).repeat(self.names.len()));
        format!("{rule}{}{rule}", self.lines(&self.names))
    }

    /// A row.
    pub fn row(&self, values: &[Value], is_tombstone: bool) -> String {
        let cell = |value: &Value| match value {
            Value::Null if is_tombstone => TOMBSTONE.to_owned(),
            other => cell_text(other),
        };
        self.lines(&values.iter().map(cell).collect::<Vec<String>>())
    }

    /// A row as a JSON object.
    pub fn json(&self, values: &[Value], is_tombstone: bool) -> String {
        let mut row: Map<String, Value> = Map::new();
        row.extend(self.names.iter().cloned().zip(values.iter().cloned()));
        let row = json_text(&Value::Object(row));
        format!("{{\"row\":{row}{}}}", if is_tombstone { ",\"tombstone\":true" } else { "" })
    }

    fn lines(&self, cells: &[String]) -> String {
        let cut: Vec<Vec<String>> = cells.iter().map(|cell| self.cell_lines(cell)).collect();
        let height = cut.iter().map(Vec::len).max().unwrap_or_default().max(1);
        let mut text = String::new();
        for line in 0..height {
            text.push('|');
            for cell in &cut {
                let shown = cell.get(line).map_or("", String::as_str);
                text.push_str(shown);
                text.push_str(&" ".repeat(self.width.saturating_sub(shown.width())));
                text.push('|');
            }
            text.push('\n');
        }
        text
    }

    /// The lines of a cell, each at most as wide as the column.
    fn cell_lines(&self, cell: &str) -> Vec<String> {
        let mut lines: Vec<String> = cell.lines().flat_map(|line| self.wrapped(line)).collect();
        if self.wraps || (lines.len() <= 1) {
            return lines;
        }
        let room = self.width.saturating_sub(CUT.len());
        let first: String = lines.swap_remove(0);
        let mut kept = String::new();
        for c in first.chars() {
            if kept.width() + c.width().unwrap_or_default() > room {
                break;
            }
            kept.push(c);
        }
        vec![format!("{kept}{CUT}")]
    }

    fn wrapped(&self, line: &str) -> Vec<String> {
        let mut lines = vec![String::new()];
        let mut used = 0;
        for c in line.chars() {
            let width = c.width().unwrap_or_default();
            if used + width > self.width && used > 0 {
                lines.push(String::new());
                used = 0;
            }
            used += width;
            if let Some(last) = lines.last_mut() {
                last.push(c);
            }
        }
        lines
    }
}

/// A value as people read it: text as it is, everything else as JSON, members of objects as `{K=V}`.
fn cell_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(cell_text).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| format!("{key}={}", cell_text(value)));
            format!("{{{}}}", members.collect::<Vec<String>>().join(", "))
        }
        other => json_text(other),
    }
}

/// A value as JSON, its numbers as the server wrote them.
fn json_text(value: &Value) -> String {
    match value {
        // The parser turns `1.0E10` into `1.0e+10`; nothing else in a number changes.
        Value::Number(number) => number.to_string().replace("e+", "E").replace('e', "E"),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(json_text).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                format!("{}:{}", Value::from(name.as_str()), json_text(value))
            };
            format!("{{{}}}", members.iter().map(member).collect::<Vec<String>>().join(","))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sql::options::Style;

    fn row_box(wraps: bool) -> RowBox {
        let mut session = Session::new(Style::Tabular);
        (session.wraps, session.column_width) = (wraps, 6);
        RowBox::new(vec!["NAME".into(), "COUNTED".into()], &session, 80)
    }

    #[test]
    fn long_cells_wrap() {
        let header = "+------+------+\n|NAME  |COUNTE|\n|      |D     |\n+------+------+\n";
        assert_eq!(row_box(true).header(), header);
        let row = row_box(true).row(&[json!("derek and"), json!(3)], false);
        assert_eq!(row, "|derek |3     |\n|and   |      |\n");
    }

    #[test]
    fn or_are_cut() {
        let row = row_box(false).row(&[json!("derek and"), json!({ "A": [1, null] })], false);
        assert_eq!(row, "|der...|{A=...|\n");
    }

    #[test]
    fn numbers_keep_their_text() {
        let values: Vec<Value> =
            serde_json::from_str(r#"[1.0E10, {"A": [2.5E-7, 3.10]}]"#).expect("JSON");
        let wide = RowBox { width: 20, ..row_box(true) };
        assert_eq!(wide.row(&values, false), "|1.0E10              |{A=[2.5E-7, 3.10]}  |\n");
        let json = r#"{"row":{"NAME":1.0E10,"COUNTED":{"A":[2.5E-7,3.10]}}}"#;
        assert_eq!(wide.json(&values, false), json);
    }

    #[test]
    fn deletions_and_wide_characters() {
        assert_eq!(row_box(true).row(&[json!("书"), Value::Null], false), "|书    |null  |\n");
        let row = RowBox { width: 11, ..row_box(true) }.row(&[json!("a"), Value::Null], true);
        assert_eq!(row, "|a          |<TOMBSTONE>|\n");
    }

    #[test]
    fn the_terminal_is_shared() {
        let session = Session::new(Style::Tabular);
        assert_eq!(RowBox::new(vec!["A".into(), "B".into()], &session, 80).width, 38);
        assert_eq!(RowBox::new(vec!["A".into(); 40], &session, 80).width, WIDTH_MIN);
    }
}
