//! What a server refuses, with the place in the text under a caret.

use serde_json::Value;
use sql::ast::{Position, SourceText, Span};

/// A refusal as a message for people; `sent` is what was sent.
pub fn refusal(refusal: &Value, sent: SourceText<'_>) -> String {
    let message = refusal["message"].as_str().unwrap_or("the server refused without a word");
    let Some((position, message)) = place(message) else { return format!("error: {message}") };
    let Some(offset) = offset_of(sent.text, position) else { return format!("error: {message}") };
    let (first, rest) = message.split_once('\n').unwrap_or((message.as_str(), ""));
    let span = Span::new(offset, offset);
    let shown = sql::Error::invalid_at("server", first, span).render(sent);
    // What follows a syntax error is the statement once more.
    let rest = rest.split_once("Statement:").map_or(rest, |(rest, _)| rest).trim();
    if rest.is_empty() { shown } else { format!("{shown}{rest}\n") }
}

/// A message about the statement `piece` of a script, with its place behind it unless it names one.
pub fn located(message: &str, script: &str, piece: SourceText<'_>) -> String {
    let message = message.trim_end();
    if message.lines().any(|line| line.trim_start().starts_with("--> ")) {
        return message.to_owned();
    }
    let line = piece.origin.line;
    let first = piece.text.lines().next().unwrap_or_default();
    let margin = " ".repeat(line.to_string().len());
    format!("{message}\n{margin} --> {script}:{line}\n{line} | {first}")
}

/// The place that a message names, and the message without it: `line 1:8: Syntax Error` or, behind
/// what was being done, `Line: 1, Col: 8: `.
fn place(message: &str) -> Option<(Position, String)> {
    if let Some(start) = message.find("Line: ") {
        let rest = &message[start + "Line: ".len()..];
        let (line, rest) = rest.split_once(", Col: ")?;
        let (column, rest) = rest.split_once(':')?;
        let position = Position { line: line.parse().ok()?, column: column.trim().parse().ok()? };
        let before = message[..start].trim_end().trim_end_matches(':');
        let joint = if before.is_empty() { "" } else { ": " };
        return Some((position, format!("{before}{joint}{}", rest.trim_start())));
    }
    let rest = &message[message.find("line ")? + "line ".len()..];
    let (line, rest) = rest.split_once(':')?;
    let (column, rest) = rest.split_once(':')?;
    let position = Position { line: line.parse().ok()?, column: column.parse().ok()? };
    let rest = rest.trim_start().strip_prefix("Syntax Error").unwrap_or(rest).trim_start();
    Some((position, rest.to_owned()))
}

/// The byte at a line and column, both counted from 1.
fn offset_of(text: &str, position: Position) -> Option<usize> {
    let line = position.line.checked_sub(1)?;
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let column = position.column.checked_sub(1)?;
    let here = text.get(before..)?;
    here.char_indices().map(|(at, _)| before + at).nth(column).or(Some(text.len()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_named_place_gets_a_caret() {
        let shown = refusal(
            &json!({ "message": "Line: 2, Col: 3: Unknown column B\nSay another." }),
            SourceText::whole("SELECT A,\n  B FROM S;"),
        );
        let expected = "error: Unknown column B\n  --> line 2, column 3\n2 |   B FROM S;\n  |   ^\nSay another.\n";
        assert_eq!(shown, expected);
    }

    #[test]
    fn lines_are_those_of_the_script() {
        let script = "SHOW STREAMS;\n\n  SELECT A,\n  B FROM S;";
        let piece = sql::split_statements(script).expect("tokens")[1];
        let sent = SourceText { offset: 0, ..piece };
        let shown = refusal(&json!({ "message": "Line: 2, Col: 3: Unknown column B" }), sent);
        assert!(shown.contains("\n  --> line 4, column 3\n4 |   B FROM S;\n"), "{shown}");
        assert_eq!(located(&shown, "a.sql", piece), shown.trim_end());
        let shown = located("error: no", "a.sql", piece);
        assert_eq!(shown, "error: no\n  --> a.sql:3\n3 | SELECT A,");
    }

    #[test]
    fn what_was_being_done_stays() {
        let (position, message) =
            place("Error in WHERE expression: Line: 1, Col: 7: no").expect("a place");
        assert_eq!((position.line, position.column), (1, 7));
        assert_eq!(message, "Error in WHERE expression: no");
        let (position, message) = place("line 1:3: Syntax Error\nUnexpected x").expect("a place");
        assert_eq!((position.line, position.column), (1, 3));
        assert_eq!(message, "Unexpected x");
    }

    #[test]
    fn other_messages_stay_as_they_are() {
        let sent = SourceText::whole("CREATE STREAM A;");
        let shown = refusal(&json!({ "message": "Stream A already exists" }), sent);
        assert_eq!(shown, "error: Stream A already exists");
        assert_eq!(
            refusal(&json!({ "message": "in line with x:y:z" }), SourceText::whole("")),
            "error: in line with x:y:z"
        );
    }
}
