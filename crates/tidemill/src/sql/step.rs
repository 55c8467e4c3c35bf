//! From a text to steps: commands of the command line, and statements.

use std::path::Path;

use sql::ast::{SourceText, Span, Statement};

use super::command::{self, Command};
use super::session::Session;

/// What is done next.
#[derive(Debug)]
pub enum Step {
    /// A command.
    Command(Command),
    /// A statement, and its text with variables replaced.
    Statement(Box<Statement>, String),
}

/// Cuts `text` into its pieces, each a command or a statement.
///
/// # Errors
/// When the text has no tokens; the message shows the place.
pub fn pieces(text: &str) -> Result<Vec<SourceText<'_>>, String> {
    // Addresses and file names of commands are no tokens of the language.
    let line = text.trim().trim_end_matches(';');
    if !line.contains([';', '\n']) && command::parse(line).is_some() {
        return Ok(vec![SourceText::whole(text)]);
    }
    sql::split_statements(text).map_err(|error| error.render(SourceText::whole(text)))
}

/// Reads one piece of `whole`.
///
/// # Errors
/// When it can't be read; the message shows the place.
pub fn read(whole: &str, piece: SourceText<'_>, session: &Session) -> Result<Step, String> {
    if let Some(command) = command::parse(piece.text) {
        return Ok(Step::Command(command));
    }
    let text = sql::substitute(piece.text, &|name| session.variable(name))
        .map_err(|error| error.render(sent(piece.text, piece)))?;
    let parsed = sql::parse_statement(&text).map_err(|error| {
        // Places are those of the whole text as long as no variable has moved them.
        if text == piece.text {
            shown_in(whole, piece, error)
        } else {
            error.render(sent(&text, piece))
        }
    });
    let statement = parsed?;
    Ok(Step::Statement(Box::new(statement), text))
}

/// The text that is sent for a piece, as a text that begins where the piece does: its lines are counted
/// as in the script.
pub fn sent<'a>(text: &'a str, piece: SourceText<'_>) -> SourceText<'a> {
    SourceText { text, offset: 0, origin: piece.origin }
}

/// An error of a piece, its place shown in the whole text.
fn shown_in(whole: &str, piece: SourceText<'_>, mut error: sql::Error) -> String {
    if let Some(problem) = error.problem_mut() {
        let moved = |span: Span| Span::new(span.start + piece.offset, span.end + piece.offset);
        problem.span = problem.span.map(moved);
    }
    error.render(SourceText::whole(whole))
}

/// The text of a script.
///
/// # Errors
/// When the file can't be read.
pub fn read_script(path: &Path) -> Result<String, String> {
    #[allow(clippy::disallowed_methods, reason = "the user's file")]
    std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::options::Style;

    #[test]
    fn an_error_points_into_the_whole_script() {
        let session = Session::new(Style::Tabular);
        let text = "SHOW STREAMS;\nSHOW TABLES; SELEKT 1;";
        let pieces = pieces(text).expect("tokens");
        let message = read(text, pieces[2], &session).expect_err("no statement");
        assert!(
            message.contains(" --> line 2, column 14\n2 | SHOW TABLES; SELEKT 1;\n"),
            "{message}"
        );
        assert!(message.contains("\n  |              ^^^^^^\n"), "{message}");
    }

    #[test]
    fn commands_may_hold_what_is_no_token() {
        let session = Session::new(Style::Tabular);
        let pieces = pieces("server http://h:1/?x").expect("one piece");
        let step = read("", pieces[0], &session).expect("a command");
        assert!(
            matches!(step, Step::Command(Command::Server(Some(url))) if url == "http://h:1/?x")
        );
    }
}
