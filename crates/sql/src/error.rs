//! What can be wrong with a statement, and how it is told: with a caret for people at a terminal, in
//! ksqlDB's one-line form for REST clients and tests.
//!
//! Made by every step from text to plan; printed by the CLI and the REST server.

use std::fmt::Write;

use crate::ast::{SourceText, Span};

/// Why a text or statement was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not a sequence of statements.
    #[error("{}", .0.message)]
    Syntax(Box<Problem>),
    /// A literal can't be held by any type.
    #[error("{}", .0.message)]
    Literal(Box<Problem>),
    /// A well-formed statement that can't be: unknown names, types that don't fit, broken rules.
    #[error("{}", .0.message)]
    Invalid(Box<Problem>),
    /// Understood, but this version can't do it.
    #[error("{}", .0.message)]
    Unsupported(Box<Problem>),
    /// An invariant of ours does not hold; never the user's fault.
    #[error("internal error: {0}")]
    Internal(String),
}

/// `Result` of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The primary line, as ksqlDB words it where a client may look for it.
    pub message: String,
    /// What was being done, put before the place: `Error in WHERE expression`.
    pub context: Option<String>,
    /// More about the cause.
    pub detail: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// The place in the parsed text.
    pub span: Option<Span>,
    /// The primary line in ksqlDB's words, where `message` says it better.
    pub wire: Option<String>,
    /// Whether ksqlDB's form leaves the place out.
    pub wire_without_place: bool,
    /// Text of the statement that could not be read.
    pub statement: Option<String>,
    /// A stable name of this kind of complaint: lower case, words joined by hyphens.
    pub code: &'static str,
}

impl Problem {
    /// A complaint of kind `code` without a place.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            context: None,
            detail: None,
            hint: None,
            span: None,
            wire: None,
            wire_without_place: false,
            statement: None,
            code,
        }
    }

    /// Sets the place.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Sets what was being done.
    #[must_use]
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.context = Some(context.into());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets the primary line in ksqlDB's words.
    #[must_use]
    pub fn wire(mut self, wire: impl Into<String>) -> Self {
        self.wire = Some(wire.into());
        self
    }

    /// Leaves the place out of ksqlDB's form.
    #[must_use]
    pub fn wire_without_place(mut self) -> Self {
        self.wire_without_place = true;
        self
    }

    /// As an [`Error::Syntax`].
    pub fn syntax(self) -> Error {
        Error::Syntax(Box::new(self))
    }

    /// As an [`Error::Literal`].
    pub fn literal(self) -> Error {
        Error::Literal(Box::new(self))
    }

    /// As an [`Error::Invalid`].
    pub fn invalid(self) -> Error {
        Error::Invalid(Box::new(self))
    }

    /// As an [`Error::Unsupported`].
    pub fn unsupported(self) -> Error {
        Error::Unsupported(Box::new(self))
    }
}

impl Error {
    /// An [`Error::Invalid`] without a place.
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Problem::new(code, message).invalid()
    }

    /// An [`Error::Invalid`] at a place.
    pub fn invalid_at(code: &'static str, message: impl Into<String>, span: Span) -> Self {
        Problem::new(code, message).at(span).invalid()
    }

    /// Whether the user can mend it by writing something else.
    pub fn is_user(&self) -> bool {
        !matches!(self, Self::Internal(_))
    }

    /// Whether trying the same again may help: never, planning is a pure function.
    pub fn is_retryable(&self) -> bool {
        false
    }

    /// The stable name of this kind of error.
    pub fn code(&self) -> &'static str {
        self.problem().map_or("internal", |problem| problem.code)
    }

    /// The complaint, unless it is an internal error.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Syntax(problem)
            | Self::Literal(problem)
            | Self::Invalid(problem)
            | Self::Unsupported(problem) => Some(problem),
            Self::Internal(_) => None,
        }
    }

    /// The complaint, to add to it.
    pub fn problem_mut(&mut self) -> Option<&mut Problem> {
        match self {
            Self::Syntax(problem)
            | Self::Literal(problem)
            | Self::Invalid(problem)
            | Self::Unsupported(problem) => Some(problem),
            Self::Internal(_) => None,
        }
    }

    /// The place in the parsed text.
    pub fn span(&self) -> Option<Span> {
        self.problem().and_then(|problem| problem.span)
    }

    /// The message as ksqlDB's REST API words it, with line and column.
    ///
    /// Columns are counted from 1, but in messages about literals from 2, as ksqlDB does.
    pub fn rest_message(&self, source: SourceText<'_>) -> String {
        let Some(problem) = self.problem() else { return self.to_string() };
        let mut text = String::new();
        if let Some(context) = &problem.context {
            text.push_str(context);
            text.push_str(": ");
        }
        text.push_str(&self.place_prefix(problem, source));
        text.push_str(problem.wire.as_ref().unwrap_or(&problem.message));
        for line in [&problem.detail, &problem.hint].into_iter().flatten() {
            text.push('\n');
            text.push_str(line);
        }
        if let Some(statement) = &problem.statement {
            text.push_str("\nStatement: ");
            text.push_str(statement);
        }
        text
    }

    fn place_prefix(&self, problem: &Problem, source: SourceText<'_>) -> String {
        const PREPARING: &str = "Failed to prepare statement: ";
        let shown = problem.span.filter(|_| !problem.wire_without_place);
        let place = shown.map(|span| source.position(span.start));
        match (self, place.map(|place| (place.line, place.column))) {
            (Self::Syntax(_), Some((line, column))) => {
                format!("line {line}:{column}: Syntax Error\n")
            }
            (Self::Literal(_), Some((line, column))) => {
                format!("{PREPARING}line {line}:{}: ", column + 1)
            }
            (Self::Literal(_), None) => PREPARING.to_owned(),
            (_, Some((line, column))) => format!("Line: {line}, Col: {column}: "),
            (_, None) => String::new(),
        }
    }

    /// The message for people: primary line, the line of the text with carets under the place, then
    /// cause and advice.
    pub fn render(&self, source: SourceText<'_>) -> String {
        let mut text = format!("error: {self}\n");
        let Some(problem) = self.problem() else { return text };
        if let Some(span) = problem.span {
            render_place(&mut text, span, source);
        }
        if let Some(detail) = &problem.detail {
            writeln!(text, "{detail}").expect("writing to a string can't fail");
        }
        if let Some(hint) = &problem.hint {
            writeln!(text, "hint: {hint}").expect("writing to a string can't fail");
        }
        text
    }
}

/// Widest excerpt of a line that is shown, in characters.
const EXCERPT_CHARS_MAX: usize = 160;

fn render_place(out: &mut String, span: Span, source: SourceText<'_>) {
    let position = source.position(span.start);
    let start = source.index(span.start);
    let end = source.index(span.end).max(start);
    let line_start = source.text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = source.text[start..].find('\n').map_or(source.text.len(), |at| start + at);
    let before = source.text[line_start..start].chars().count();
    let skipped = before.saturating_sub(EXCERPT_CHARS_MAX / 2);
    let line: String = source.text[line_start..line_end]
        .chars()
        .skip(skipped)
        .take(EXCERPT_CHARS_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let indent = before - skipped;
    let marked = source.text[start..end.min(line_end).max(start)].chars().count();
    let carets = marked.clamp(1, EXCERPT_CHARS_MAX.saturating_sub(indent).max(1));
    let margin = position.line.to_string();
    let blank = " ".repeat(margin.len());
    writeln!(out, "{blank} --> line {}, column {}", position.line, position.column)
        .and_then(|()| writeln!(out, "{margin} | {line}"))
        .and_then(|()| writeln!(out, "{blank} | {}{}", " ".repeat(indent), "^".repeat(carets)))
        .expect("writing to a string can't fail");
}
