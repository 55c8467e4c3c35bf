//! The parser's place among the tokens, what it may expect there, and its limits.

use crate::ast::{Position, Span};
use crate::error::{Error, Problem, Result};
use crate::lexer::{Symbol, Token, TokenKind, is_reserved, tokens};

use super::script::Dialect;

/// How deep expressions, types and statements may be nested in each other's parentheses. Each nesting
/// costs some 10 KB of stack in a debug build, of the 2 MB a thread has.
pub(super) const NESTING_MAX: usize = 100;

/// How many levels an expression's tree may have; a chain of n operators has n levels.
pub(super) const EXPRESSION_LEVELS_MAX: usize = 200;

/// A parser over one text. The grammar's rules are methods spread over this folder's files.
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) dialect: Dialect,
    tokens: Vec<Token>,
    at: usize,
    nesting: usize,
    /// Beginning of the statement being read, with its position: later positions are measured from
    /// there, so that long scripts cost no more than their length.
    measured: (usize, Position),
    /// Levels of the expression or type finished last.
    levels: usize,
}

impl<'a> Parser<'a> {
    /// A parser at the beginning of `text`.
    pub(super) fn try_new(text: &'a str, dialect: Dialect) -> Result<Self> {
        let tokens = tokens(text)?;
        let measured = (0, Position::START);
        Ok(Self { text, dialect, tokens, at: 0, nesting: 0, measured, levels: 0 })
    }

    /// The token `ahead` of the next one; the last token is always the end.
    pub(super) fn peek(&self, ahead: usize) -> Token {
        let last = self.tokens.len() - 1;
        self.tokens[(self.at + ahead).min(last)]
    }

    /// The next token.
    pub(super) fn next(&self) -> Token {
        self.peek(0)
    }

    /// Steps over the next token and returns it.
    pub(super) fn advance(&mut self) -> Token {
        let token = self.next();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    /// A mark to come back to with [`Self::rewind`].
    pub(super) fn mark(&self) -> usize {
        self.at
    }

    /// Goes back to a mark.
    pub(super) fn rewind(&mut self, mark: usize) {
        self.at = mark;
    }

    /// What a token says.
    pub(super) fn text_of(&self, token: Token) -> &'a str {
        token.text(self.text)
    }

    /// From `start` to the end of the token stepped over last.
    pub(super) fn span_from(&self, start: usize) -> Span {
        let end = self.at.checked_sub(1).map_or(start, |last| self.tokens[last].span.end);
        Span::new(start, end.max(start))
    }

    /// Position of a byte of the statement being read.
    pub(super) fn position(&self, offset: usize) -> Position {
        let (start, position) = self.measured;
        position.after(&self.text[start..offset])
    }

    /// Notes that a statement begins here; returns where.
    pub(super) fn begin_statement(&mut self) -> (usize, Position) {
        let start = self.next().span.start;
        self.measured = (start, self.position(start));
        self.measured
    }

    /// Whether the next token is a sign.
    pub(super) fn at_symbol(&self, symbol: Symbol) -> bool {
        self.next().is(symbol)
    }

    /// Whether the next tokens are these unquoted words.
    pub(super) fn at_words(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(ahead, word)| self.peek(ahead).is_word(self.text, word))
    }

    /// Steps over a sign if it is next.
    pub(super) fn eat_symbol(&mut self, symbol: Symbol) -> bool {
        let found = self.at_symbol(symbol);
        if found {
            self.advance();
        }
        found
    }

    /// Steps over these words if they are next, all or none.
    pub(super) fn eat_words(&mut self, words: &[&str]) -> bool {
        let found = self.at_words(words);
        if found {
            self.at = (self.at + words.len()).min(self.tokens.len() - 1);
        }
        found
    }

    /// Steps over one word if it is next.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        self.eat_words(&[word])
    }

    /// Steps over a sign that must be next.
    pub(super) fn expect_symbol(&mut self, symbol: Symbol) -> Result<Token> {
        if self.at_symbol(symbol) {
            return Ok(self.advance());
        }
        let found = self.next();
        let missing = symbol.text();
        let wire = format!("missing '{missing}' at {}", self.quote(found));
        let message = format!("expected '{missing}' before {}", self.quote(found));
        Err(Problem::new("syntax", message).wire(wire).at(found.span).syntax())
    }

    /// Steps over words that must be next.
    pub(super) fn expect_words(&mut self, words: &[&str]) -> Result<()> {
        for word in words {
            if !self.eat_word(word) {
                return Err(self.unexpected(&[word]));
            }
        }
        Ok(())
    }

    /// That the next token is none of those which could stand here. Signs are passed as `'('`, words
    /// as they are.
    pub(super) fn unexpected(&self, expected: &[&str]) -> Error {
        let found = self.next();
        if found.kind == TokenKind::Variable {
            return self.undefined_variable(found);
        }
        let wire = match expected {
            [one] => format!("Expecting {one}"),
            many => format!("Expecting {{{}}}", many.join(", ")),
        };
        let message = format!("expected {}, found {}", alternatives(expected), self.quote(found));
        Problem::new("syntax", message).wire(wire).at(found.span).syntax()
    }

    /// That something else than the next token had to stand here; a reserved word gets advice.
    pub(super) fn unexpected_for_name(&self, expected: &str) -> Error {
        let found = self.next();
        let text = self.text_of(found);
        if found.kind != TokenKind::Word || !is_reserved(text) {
            return self.unexpected(&[expected]);
        }
        let position = self.position(found.span.start);
        let (line, column) = (position.line, position.column);
        let wire = format!("Syntax error at or near '{text}' at line {line}:{column}");
        let message = format!("expected {expected}, found the reserved word '{text}'");
        Problem::new("reserved-word", message)
            .wire(wire)
            .hint(format!("to use it as a name, write it in quotes: `{text}`"))
            .at(found.span)
            .syntax()
    }

    fn undefined_variable(&self, token: Token) -> Error {
        let message = format!("the variable {} is not defined", self.text_of(token));
        Problem::new("undefined-variable", message).at(token.span).syntax()
    }

    fn quote(&self, token: Token) -> String {
        match token.kind {
            TokenKind::End => "'<EOF>'".to_owned(),
            TokenKind::String => self.text_of(token).to_owned(),
            _ => format!("'{}'", self.text_of(token)),
        }
    }

    /// Runs a rule one nesting level deeper.
    pub(super) fn nested<T>(&mut self, rule: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.nesting == NESTING_MAX {
            let message = format!("nested more than {NESTING_MAX} levels deep");
            return Err(Problem::new("nesting", message).at(self.next().span).syntax());
        }
        self.nesting += 1;
        let result = rule(self);
        self.nesting -= 1;
        result
    }

    /// Levels of the expression finished last.
    pub(super) fn levels(&self) -> usize {
        self.levels
    }

    /// Notes that nothing below counts: a leaf comes next, or was just finished.
    pub(super) fn reset_levels(&mut self) {
        self.levels = 0;
    }

    /// Notes the levels of the parts of a node that is not finished yet.
    pub(super) fn set_levels(&mut self, levels: usize) {
        self.levels = levels;
    }

    /// Notes that the expression just finished has one level above `below`.
    pub(super) fn finish_level(&mut self, below: usize) -> Result<()> {
        self.levels = below + 1;
        if self.levels > EXPRESSION_LEVELS_MAX {
            let message = format!("the expression has more than {EXPRESSION_LEVELS_MAX} levels");
            let problem = Problem::new("nesting", message).at(self.next().span);
            return Err(problem.hint("replace a long chain of OR by IN").syntax());
        }
        Ok(())
    }

    /// Parses `rule, rule, ...`; returns the items and leaves their highest level noted.
    pub(super) fn comma_list<T>(
        &mut self,
        mut rule: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut items = Vec::new();
        let mut levels = 0;
        loop {
            self.levels = 0;
            items.push(rule(self)?);
            levels = levels.max(self.levels);
            if !self.eat_symbol(Symbol::Comma) {
                self.levels = levels;
                return Ok(items);
            }
        }
    }
}

/// `A, B or C`, with the kinds of token in words.
fn alternatives(expected: &[&str]) -> String {
    let words: Vec<&str> = expected.iter().map(|name| in_words(name)).collect();
    match words.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        words => words.concat(),
    }
}

/// What people call a kind of token that ksqlDB's messages name in capitals.
fn in_words(name: &str) -> &str {
    match name {
        "INTEGER_VALUE" => "a whole number",
        "STRING" => "a string in single quotes",
        "'<EOF>'" => "the end",
        word => word,
    }
}
