//! From a text to steps: commands of the command line, and statements.

use std::path::Path;

use sql::ast::{SourceText, Statement};

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

/// Reads one piece.
///
/// # Errors
/// When it can't be read; the message shows the place.
pub fn read(piece: SourceText<'_>, session: &Session) -> Result<Step, String> {
    if let Some(command) = command::parse(piece.text) {
        return Ok(Step::Command(command));
    }
    let text = sql::substitute(piece.text, &|name| session.variable(name))
        .map_err(|error| error.render(SourceText::whole(piece.text)))?;
    // Places are those of the whole text as long as no variable has moved them.
    let shown = match text == piece.text {
        true => SourceText { offset: 0, ..piece },
        false => SourceText::whole(&text),
    };
    let statement = sql::parse_statement(&text).map_err(|error| error.render(shown))?;
    Ok(Step::Statement(Box::new(statement), text))
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
