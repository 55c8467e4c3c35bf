//! Carries out steps one after the other: what SET and DEFINE change is kept here, statements go to
//! the server, answers to the output.

use std::path::Path;

use serde_json::json;
use sql::ast::{SourceText, Statement, StatementKind};

use super::client::{Client, Error};
use super::command::{Command, HELP};
use super::options::Style;
use super::output::Output;
use super::session::Session;
use super::step::{self, Step};
use super::{render, stream};

/// How deep scripts may run scripts.
const SCRIPT_DEPTH_MAX: usize = 10;

/// The session as a whole.
#[derive(Debug)]
pub struct Runner {
    client: Client,
    session: Session,
    output: Output,
    /// Everything typed, for `history`.
    typed: Vec<String>,
    is_over: bool,
    script_depth: usize,
}

impl Runner {
    /// A session with a server.
    pub fn new(client: Client, session: Session, output: Output) -> Self {
        Self { client, session, output, typed: Vec::new(), is_over: false, script_depth: 0 }
    }

    /// The server.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What is remembered.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Where answers are shown.
    pub fn output(&mut self) -> &mut Output {
        &mut self.output
    }

    /// Whether `exit` was said.
    pub fn is_over(&self) -> bool {
        self.is_over || self.output.is_closed()
    }

    /// Remembers what was typed.
    pub fn note_typed(&mut self, line: &str) {
        self.typed.push(line.to_owned());
    }

    /// Runs the script `name`: first all of it is read, and nothing runs when a part can't be; it ends
    /// at the first error, which is shown with its place in the script. Tells whether all went well.
    pub fn run_script(&mut self, name: &str, text: &str) -> bool {
        if let Err(message) = self.check(name, text) {
            self.output.error(&message);
            return false;
        }
        self.run_pieces(Some(name), text)
    }

    /// Runs what stands in `text` until the first error. Tells whether all went well.
    pub fn run(&mut self, text: &str) -> bool {
        self.run_pieces(None, text)
    }

    fn run_pieces(&mut self, script: Option<&str>, text: &str) -> bool {
        let pieces = match step::pieces(text) {
            Ok(pieces) => pieces,
            Err(message) => {
                self.output.error(&message);
                return false;
            }
        };
        for piece in pieces {
            if let Err(message) = self.run_piece(text, piece) {
                let shown = match script {
                    Some(name) => render::located(&message, name, piece),
                    None => message,
                };
                self.output.error(&shown);
                return false;
            }
            if self.is_over() {
                break;
            }
        }
        true
    }

    fn check(&self, name: &str, text: &str) -> Result<(), String> {
        let mut session = self.session.clone();
        for piece in step::pieces(text)? {
            match step::read(text, piece, &session)? {
                Step::Command(Command::Wrong(message)) => {
                    return Err(render::located(&format!("error: {message}"), name, piece));
                }
                Step::Command(_) => {}
                Step::Statement(statement, _) => define(&mut session, &statement),
            }
        }
        Ok(())
    }

    fn run_piece(&mut self, whole: &str, piece: SourceText<'_>) -> Result<(), String> {
        match step::read(whole, piece, &self.session)? {
            Step::Command(command) => self.command(command),
            Step::Statement(statement, text) => {
                let ran = self.statement(&statement, &text);
                ran.or_else(|error| self.told(&error, step::sent(&text, piece)))
            }
        }
    }

    /// An error as a message; Ctrl-C is told and is none.
    fn told(&mut self, error: &Error, sent: SourceText<'_>) -> Result<(), String> {
        match error {
            Error::Refused(refusal) => Err(render::refusal(refusal, sent)),
            Error::Unreachable(message) => Err(format!("error: {message}")),
            Error::Interrupted => {
                self.output.line("Interrupted: the server may go on with the statement");
                Ok(())
            }
        }
    }

    fn statement(&mut self, statement: &Statement, text: &str) -> super::client::Result<()> {
        match &statement.kind {
            StatementKind::Query(_) => {
                stream::select(&self.client, &self.session, &mut self.output, text)
            }
            StatementKind::Print(_) => {
                stream::print(&self.client, &self.session, &mut self.output, text)
            }
            StatementKind::Set { name, value } => self.set(&name.node, &value.node, text),
            StatementKind::Unset { name } => self.unset(&name.node),
            StatementKind::Define { .. } | StatementKind::Undefine { .. } => {
                define(&mut self.session, statement);
                Ok(())
            }
            StatementKind::List(sql::ast::List::Variables) => {
                self.show_variables();
                Ok(())
            }
            StatementKind::RunScript { file } => self.run_file(&file.node),
            _ => self.remote(text),
        }
    }

    fn remote(&mut self, text: &str) -> super::client::Result<()> {
        for entity in self.client.statements(text, &self.session)? {
            self.show(&entity);
        }
        Ok(())
    }

    fn show(&mut self, entity: &serde_json::Value) {
        match self.session.style {
            Style::Tabular => self.output.text(&render::entity(entity)),
            Style::Json => self.output.line(&render::pretty(entity)),
        }
    }

    /// The server forgets what a request sets, but knows what may be set, and to what.
    fn set(&mut self, name: &str, value: &str, text: &str) -> super::client::Result<()> {
        self.remote(text)?;
        let old = self.session.properties.insert(name.to_owned(), value.to_owned());
        let changed = old.map_or_else(String::new, |old| format!(" from '{old}'"));
        self.note(&format!(
            "Successfully changed local property '{name}'{changed} to '{value}'. Use the UNSET \
             command to revert your change."
        ));
        Ok(())
    }

    fn unset(&mut self, name: &str) -> super::client::Result<()> {
        match self.session.properties.remove(name) {
            Some(value) => {
                self.note(&format!(
                    "Successfully unset local property '{name}' (value was '{value}')."
                ));
                Ok(())
            }
            None => {
                let message = format!("Cannot unset local property '{name}': it was not set");
                Err(Error::Refused(json!({ "message": message })))
            }
        }
    }

    /// A word to a person, not part of an answer.
    fn note(&mut self, text: &str) {
        if self.session.style == Style::Tabular {
            self.output.line(text);
        }
    }

    fn show_variables(&mut self) {
        let one = |(name, value)| json!({ "name": name, "value": value });
        let variables: Vec<serde_json::Value> = self.session.variables().iter().map(one).collect();
        self.show(&json!({ "@type": "variables", "variables": variables }));
    }

    fn run_file(&mut self, file: &str) -> super::client::Result<()> {
        let refused = |message: String| Error::Refused(json!({ "message": message }));
        let text = step::read_script(Path::new(file)).map_err(refused)?;
        if self.script_depth == SCRIPT_DEPTH_MAX {
            return Err(refused(format!("scripts run scripts {SCRIPT_DEPTH_MAX} deep")));
        }
        self.script_depth += 1;
        let is_good = self.run_script(file, &text);
        self.script_depth -= 1;
        if is_good { Ok(()) } else { Err(refused(format!("the script {file} has failed"))) }
    }

    fn command(&mut self, command: Command) -> Result<(), String> {
        match command {
            Command::Clear => self.output.text("\u{1b}[2J\u{1b}[H"),
            Command::Exit => self.is_over = true,
            Command::Help => self.output.text(HELP),
            Command::History => self.history(),
            Command::Version => self.version(),
            Command::Output(None) => self.output.line(&format!(
                "Current output format: {}",
                if self.session.style == Style::Json { "JSON" } else { "TABULAR" }
            )),
            Command::Output(Some(style)) => self.session.style = style,
            Command::Server(None) => self.output.line(self.client.url()),
            Command::Server(Some(url)) => {
                self.client.set_url(&url).map_err(|message| format!("error: {message}"))?;
            }
            Command::RunScript(file) => {
                let ran = self.run_file(&file);
                return ran.or_else(|error| self.told(&error, SourceText::whole("")));
            }
            Command::Spool(file) => self.spool(file.as_deref())?,
            Command::Wrap(wraps) => self.session.wraps = wraps,
            Command::ColumnWidth(width) => self.session.column_width = width,
            Command::RequestPipelining => {
                self.output.line("Each statement waits for those before it");
            }
            Command::Wrong(message) => return Err(format!("error: {message}")),
        }
        Ok(())
    }

    fn history(&mut self) {
        for (index, line) in self.typed.iter().enumerate() {
            let numbered = format!("{:>4}: {line}", index + 1);
            self.output.line(&numbered);
        }
    }

    fn version(&mut self) {
        let server = match self.client.info() {
            Ok(info) => info["version"].as_str().unwrap_or("unknown").to_owned(),
            Err(_) => "not reachable".to_owned(),
        };
        let own = env!("CARGO_PKG_VERSION");
        self.output.line(&format!("Command line: {own}, server: {server}"));
    }

    fn spool(&mut self, file: Option<&str>) -> Result<(), String> {
        let name = file.unwrap_or_default();
        self.output.spool(file).map_err(|error| format!("error: cannot write to {name}: {error}"))
    }
}

/// What DEFINE and UNDEFINE do.
fn define(session: &mut Session, statement: &Statement) {
    match &statement.kind {
        StatementKind::Define { name, value } => session.define(&name.node, value),
        StatementKind::Undefine { name } => {
            session.undefine(&name.node);
        }
        _ => {}
    }
}
