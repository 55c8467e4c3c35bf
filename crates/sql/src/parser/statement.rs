//! The leading word of a statement and what it leads to.

use crate::ast::StatementKind;
use crate::error::{Error, Problem, Result};
use crate::lexer::{TokenKind, nearest};

use super::cursor::Parser;
use super::script::Dialect;

/// A rule for what stands behind a leading word.
type Rule<'a> = fn(&mut Parser<'a>) -> Result<StatementKind>;

/// Words a statement can begin with in the server's dialect.
const LEADING_WORDS: [&str; 18] = [
    "ALTER",
    "ASSERT",
    "CREATE",
    "DEFINE",
    "DESCRIBE",
    "DROP",
    "EXPLAIN",
    "INSERT",
    "LIST",
    "PAUSE",
    "PRINT",
    "RESUME",
    "SELECT",
    "SET",
    "SHOW",
    "TERMINATE",
    "UNDEFINE",
    "UNSET",
];

impl<'a> Parser<'a> {
    /// A statement without its semicolon.
    pub(super) fn statement_kind(&mut self) -> Result<StatementKind> {
        if self.at_words(&["SELECT"]) {
            return self.query().map(StatementKind::Query);
        }
        match self.rule() {
            Some(rule) => {
                self.advance();
                rule(self)
            }
            None => Err(self.unknown_statement()),
        }
    }

    fn rule(&self) -> Option<Rule<'a>> {
        let token = self.next();
        if token.kind != TokenKind::Word {
            return None;
        }
        let word = self.text_of(token).to_ascii_uppercase();
        let rule: Rule<'a> = match word.as_str() {
            "ALTER" => Self::alter,
            "ASSERT" => Self::assert,
            "CREATE" => Self::create,
            "DEFINE" => Self::define,
            "DESCRIBE" => Self::describe,
            "DROP" => Self::drop_statement,
            "EXPLAIN" => Self::explain,
            "INSERT" => Self::insert,
            "LIST" | "SHOW" => Self::list,
            "PAUSE" => |parser| parser.target().map(StatementKind::Pause),
            "PRINT" => Self::print,
            "RESUME" => |parser| parser.target().map(StatementKind::Resume),
            "RUN" if self.dialect == Dialect::Tool => Self::run_script,
            "SET" => Self::set,
            "TERMINATE" => |parser| parser.target().map(StatementKind::Terminate),
            "UNDEFINE" => Self::undefine,
            "UNSET" => Self::unset,
            _ => return None,
        };
        Some(rule)
    }

    fn unknown_statement(&self) -> Error {
        let token = self.next();
        let text = self.text_of(token);
        if token.kind != TokenKind::Word {
            return self.unexpected(&["a statement"]);
        }
        let message = format!("Unknown statement '{text}'");
        let problem = Problem::new("unknown-statement", message).at(token.span);
        match nearest(text, &LEADING_WORDS) {
            Some(word) => problem.hint(format!("Did you mean '{word}'?")).syntax(),
            _ => problem.syntax(),
        }
    }
}
