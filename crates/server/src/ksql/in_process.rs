//! The REST API's answers without HTTP, for the test runner of the binary: the same JSON and the same
//! statuses as over a socket, from an engine in the same process.

use std::time::Duration;

use engine::{Engine, Next, QueryAnswer, Request};
use serde_json::Value;

use super::entity_json;
use super::refusal::Refusal;
use super::row_format::RowFormat;
use crate::http::Media;

/// HTTP status of an answer that says yes.
const OK: u32 = 200;

/// An answer with its HTTP status.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// The status.
    pub status: u32,
    /// The JSON.
    pub body: Value,
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Self { status: refusal.code() / 100, body: refusal.json() }
    }
}

/// What `POST /ksql` answers: an array of entities, or an error.
pub fn statements(engine: &Engine, request: &Request) -> Reply {
    match engine.execute(request) {
        Ok(answers) => {
            Reply { status: OK, body: answers.iter().map(entity_json::answer).collect() }
        }
        Err(failure) => Refusal::from(failure).into(),
    }
}

/// What `POST /query` answers to one SELECT, row by row.
#[derive(Debug)]
pub struct Rows {
    answer: QueryAnswer,
    format: RowFormat,
}

impl Rows {
    /// Starts the SELECT.
    ///
    /// # Errors
    /// The answer that says no.
    pub fn start(engine: &Engine, request: &Request) -> Result<Self, Reply> {
        let answer =
            engine.query(request).map_err(|failure| Reply::from(Refusal::from(failure)))?;
        let format = RowFormat::of_query(Media::Ksql, &answer.head);
        Ok(Self { answer, format })
    }

    /// The text of the whole answer. A push query without LIMIT is left when no row came for
    /// `patience`.
    pub fn finish(mut self, patience: Duration) -> String {
        let mut text = String::new();
        self.format.head(&self.answer.head, &mut text);
        loop {
            match self.answer.next(patience) {
                Next::Rows(rows) => rows.iter().for_each(|row| self.format.row(row, &mut text)),
                Next::Nothing => {
                    self.format.end(None, &mut text);
                    return text;
                }
                Next::End(message) => {
                    self.format.end(message, &mut text);
                    return text;
                }
                Next::Failed(message) => {
                    self.format.failed(&message, &mut text);
                    return text;
                }
            }
        }
    }
}
