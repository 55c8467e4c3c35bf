//! Reads what a person types, or what comes through a pipe, and runs it.

use std::io::BufRead as _;
use std::path::PathBuf;

use rustyline::Editor;
use rustyline::config::Config;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;

use super::editor::{Words, is_complete};
use super::runner::Runner;

const PROMPT: &str = "tidemill> ";
/// Name of the history file in the home directory.
const HISTORY_FILE: &str = ".tidemill_history";
/// Statements that the history keeps.
const HISTORY_MAX: usize = 5_000;
/// Longest text on a pipe without a whole statement in it.
const PENDING_BYTES_MAX: usize = 16 << 20;

type Line = Editor<Words, DefaultHistory>;

/// Talks to a person until `exit` or Ctrl-D. Errors are shown and end nothing.
///
/// # Errors
/// When the terminal can't be used.
pub fn talk(runner: &mut Runner) -> Result<bool, String> {
    let mut editor = editor().map_err(|error| format!("cannot use the terminal: {error}"))?;
    greet(runner);
    refresh(&editor, runner);
    while !runner.is_over() {
        if let Some((width, _)) = editor.dimensions() {
            runner.output().set_width(usize::from(width));
        }
        match editor.readline(PROMPT) {
            Ok(text) => run_typed(&mut editor, runner, &text),
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(format!("cannot read from the terminal: {error}")),
        }
    }
    if let Some(path) = history_path()
        && let Err(error) = editor.save_history(&path)
    {
        eprintln!("cannot save the history to {}: {error}", path.display());
    }
    Ok(true)
}

fn editor() -> rustyline::Result<Line> {
    let config = Config::builder().max_history_size(HISTORY_MAX)?.auto_add_history(false).build();
    let mut editor = Line::with_config(config)?;
    editor.set_helper(Some(Words::default()));
    if let Some(path) = history_path() {
        match editor.load_history(&path) {
            Ok(()) => {}
            Err(ReadlineError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => eprintln!("cannot read the history in {}: {error}", path.display()),
        }
    }
    Ok(editor)
}

fn history_path() -> Option<PathBuf> {
    std::env::var_os("HOME").map(|home| PathBuf::from(home).join(HISTORY_FILE))
}

fn greet(runner: &mut Runner) {
    let url = runner.client().url().to_owned();
    let words = match runner.client().info() {
        Ok(info) => {
            let version = info["version"].as_str().unwrap_or_default();
            format!("Tidemill {version} at {url}. Statements end with ';'; 'help' shows more.")
        }
        Err(_) => format!("No server answers at {url} yet. 'server URL' turns to another one."),
    };
    runner.output().line(&words);
}

fn refresh(editor: &Line, runner: &Runner) {
    if let Some(words) = editor.helper() {
        words.refresh(runner.client(), runner.session());
    }
}

fn run_typed(editor: &mut Line, runner: &mut Runner, text: &str) {
    let typed = text.trim();
    if typed.is_empty() {
        return;
    }
    if let Err(error) = editor.add_history_entry(typed) {
        eprintln!("cannot keep the history: {error}");
    }
    runner.note_typed(typed);
    runner.run(typed);
    let changes_names = ["CREATE", "DROP", "RUN", "SERVER"];
    let first = typed.split_whitespace().next().unwrap_or_default().to_uppercase();
    if changes_names.contains(&first.as_str()) {
        refresh(editor, runner);
    }
}

/// Runs what comes through a pipe, each statement as soon as it is whole; goes on after errors, as a
/// person would. Tells whether all went well.
///
/// # Errors
/// When the pipe breaks.
pub fn pipe(runner: &mut Runner) -> Result<bool, String> {
    let mut is_good = true;
    let mut pending = String::new();
    for line in std::io::stdin().lock().lines() {
        pending.push_str(&line.map_err(|error| format!("cannot read the input: {error}"))?);
        pending.push('\n');
        if pending.len() > PENDING_BYTES_MAX {
            return Err("the input has a statement that does not end".to_owned());
        }
        if is_complete(&pending) {
            is_good &= runner.run(&std::mem::take(&mut pending));
        }
        if runner.is_over() {
            return Ok(is_good);
        }
    }
    if !pending.trim().is_empty() {
        is_good &= runner.run(&pending);
    }
    Ok(is_good)
}
