//! What the line editor knows: when a text is complete, and what can complete a word.

use std::cell::RefCell;
use std::collections::BTreeSet;

use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};
use serde_json::Value;

use super::client::Client;
use super::command;
use super::session::Session;

/// Words that begin commands.
const COMMAND_WORDS: [&str; 12] = [
    "CLEAR",
    "EXIT",
    "HELP",
    "HISTORY",
    "OUTPUT",
    "RUN SCRIPT",
    "SERVER",
    "SET CLI COLUMN-WIDTH",
    "SET CLI WRAP",
    "SPOOL",
    "SPOOL OFF",
    "VERSION",
];

/// The editor's helper.
#[derive(Debug, Default)]
pub struct Words {
    names: RefCell<BTreeSet<String>>,
}

impl Words {
    /// Asks the server for the names there are; keeps those it had when the server does not answer.
    pub fn refresh(&self, client: &Client, session: &Session) {
        let asked = "LIST STREAMS; LIST TABLES; LIST TOPICS; LIST CONNECTORS; LIST FUNCTIONS;";
        if let Ok(entities) = client.statements(asked, session) {
            let mut names = BTreeSet::new();
            entities.iter().for_each(|entity| collect_names(entity, &mut names));
            *self.names.borrow_mut() = names;
        }
    }

    fn candidates(&self, word: &str, is_first: bool) -> Vec<String> {
        let mut found: BTreeSet<String> = BTreeSet::new();
        found.extend(sql::complete::keywords(word).into_iter().map(str::to_owned));
        let upper = word.to_uppercase();
        let begins = |name: &&str| name.to_uppercase().starts_with(&upper);
        if is_first {
            found.extend(COMMAND_WORDS.iter().copied().filter(begins).map(str::to_owned));
        }
        let names = self.names.borrow();
        found.extend(names.iter().filter(|name| begins(&name.as_str())).cloned());
        found.into_iter().collect()
    }
}

/// The names in a list: members called `name` of the only array.
fn collect_names(entity: &Value, names: &mut BTreeSet<String>) {
    let lists = entity.as_object().into_iter().flat_map(|members| members.values());
    for item in lists.filter_map(Value::as_array).flatten() {
        if let Some(name) = item["name"].as_str() {
            names.insert(name.to_owned());
        }
    }
}

/// Whether what was typed can be run.
pub fn is_complete(text: &str) -> bool {
    text.trim().is_empty() || command::parse(text).is_some() || sql::is_complete(text)
}

impl Completer for Words {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let typed = &line[..position];
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
        let start = typed
            .rfind(|c| !is_part(c))
            .map_or(0, |at| at + typed[at..].chars().next().map_or(1, char::len_utf8));
        let word = &typed[start..];
        if word.is_empty() {
            return Ok((position, Vec::new()));
        }
        let is_first = typed[..start].trim().is_empty();
        let candidates = self.candidates(word, is_first).into_iter();
        let pair = |text: String| Pair { display: text.clone(), replacement: text };
        Ok((start, candidates.map(pair).collect()))
    }
}

impl Validator for Words {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let is_complete = is_complete(context.input());
        Ok(if is_complete { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Hinter for Words {
    type Hint = String;
}

impl Highlighter for Words {}

impl Helper for Words {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_names_complete() {
        let words = Words::default();
        let entity = serde_json::json!({ "@type": "streams", "streams": [{ "name": "CALLS" }] });
        collect_names(&entity, &mut words.names.borrow_mut());
        assert_eq!(words.candidates("cal", false), ["CALLS"]);
        assert_eq!(words.candidates("exi", true), ["EXISTS", "EXIT"]);
        assert_eq!(words.candidates("exi", false), ["EXISTS"]);
    }

    #[test]
    fn statements_go_on_until_their_semicolon() {
        assert!(!is_complete("SELECT *"));
        assert!(is_complete("SELECT *\nFROM a;"));
        assert!(is_complete("exit"));
        assert!(is_complete(" "));
        assert!(!is_complete("SELECT ';"));
    }
}
