//! Arguments of `tidemill sql`, and which way of working they choose.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::client::Client;
use super::output::Output;
use super::runner::Runner;
use super::session::Session;
use super::{shell, step};

/// How answers are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub enum Style {
    /// As tables.
    #[default]
    Tabular,
    /// As JSON.
    Json,
}

/// Arguments of `tidemill sql`.
#[derive(Debug, Args)]
pub struct Options {
    /// The server.
    #[arg(default_value = "http://localhost:8088")]
    url: String,
    /// Run these statements and exit.
    // They may begin with a comment.
    #[arg(
        short,
        long,
        value_name = "STATEMENTS",
        conflicts_with = "file",
        allow_hyphen_values = true
    )]
    execute: Option<String>,
    /// Run the statements of this file and exit.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// How answers are shown.
    #[arg(long, value_enum, ignore_case = true, default_value_t)]
    output: Style,
    /// Define a variable; may be given several times.
    #[arg(short, long, value_name = "NAME=VALUE")]
    define: Vec<String>,
    /// End streaming queries after this many rows.
    #[arg(long, value_name = "ROWS")]
    query_row_limit: Option<u64>,
    /// End streaming queries after this many milliseconds.
    #[arg(long, value_name = "MS")]
    query_timeout: Option<u64>,
}

/// Runs statements given as arguments or on a pipe, or talks to a person.
pub fn run(options: Options) -> ExitCode {
    match start(options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything went well.
fn start(options: Options) -> Result<bool, String> {
    let client = Client::new(&options.url)?;
    let mut session = Session::new(options.output);
    session.query_rows_max = options.query_row_limit;
    session.query_time_max = options.query_timeout.map(std::time::Duration::from_millis);
    for definition in &options.define {
        let parts = definition.split_once('=');
        let (name, value) =
            parts.ok_or_else(|| format!("'{definition}' is not of the form NAME=VALUE"))?;
        session.define(name.trim(), value);
    }
    let mut runner = Runner::new(client, session, Output::to_terminal());
    if let Some(text) = &options.execute {
        return Ok(runner.run_script("-e", text));
    }
    if let Some(path) = &options.file {
        let text = step::read_script(path)?;
        return Ok(runner.run_script(&path.display().to_string(), &text));
    }
    if std::io::stdin().is_terminal() { shell::talk(&mut runner) } else { shell::pipe(&mut runner) }
}
