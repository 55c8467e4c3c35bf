//! Names and strings.

use crate::ast::{ColumnName, Identifier, Spanned};
use crate::error::{Error, Problem, Result};
use crate::lexer::{Symbol, Token, TokenKind, is_reserved};

use super::cursor::Parser;

impl Parser<'_> {
    /// Whether a token can be a name.
    pub(super) fn is_name(&self, token: Token) -> bool {
        match token.kind {
            TokenKind::DigitWord | TokenKind::QuotedName => true,
            TokenKind::Word => !is_reserved(self.text_of(token)),
            _ => false,
        }
    }

    /// A name.
    pub(super) fn identifier(&mut self) -> Result<Identifier> {
        self.identifier_as("a name")
    }

    /// A name, called `what` when it is missing.
    pub(super) fn identifier_as(&mut self, what: &str) -> Result<Identifier> {
        if !self.is_name(self.next()) {
            return Err(self.unexpected_for_name(what));
        }
        let token = self.advance();
        let quoted = token.kind == TokenKind::QuotedName;
        let text = self.text_of(token);
        let name = if quoted { unquote(text) } else { text.to_ascii_uppercase() };
        if name.is_empty() {
            return Err(Problem::new("empty-name", "a name can't be empty")
                .at(token.span)
                .syntax());
        }
        Ok(Identifier { name, quoted, span: token.span })
    }

    /// `name` or `source.name`.
    pub(super) fn column_name(&mut self) -> Result<ColumnName> {
        let first = self.identifier()?;
        if !self.eat_symbol(Symbol::Dot) {
            return Ok(ColumnName { source: None, name: first });
        }
        let name = self.identifier()?;
        Ok(ColumnName { source: Some(first), name })
    }

    /// The name of a new stream or table, whose characters are restricted even in quotes.
    pub(super) fn new_source_name(&mut self) -> Result<Identifier> {
        let name = self.identifier()?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if name.name.chars().all(allowed) {
            return Ok(name);
        }
        let message = format!(
            "Illegal argument. Source names may only contain alphanumeric values, '_' or '-'. Got: '{}'",
            name.name
        );
        Err(Error::invalid_at("bad-source-name", message, name.span))
    }

    /// `'text'`.
    pub(super) fn string(&mut self) -> Result<Spanned<String>> {
        match self.next().kind {
            TokenKind::String => Ok(self.advance_string()),
            _ => Err(self.unexpected(&["STRING"])),
        }
    }

    /// The string that is next.
    pub(super) fn advance_string(&mut self) -> Spanned<String> {
        let token = self.advance();
        Spanned::new(unquote(self.text_of(token)), token.span)
    }

    /// A name or string that keeps its case, as of topics and subjects.
    pub(super) fn name_as_written(&mut self) -> Result<Spanned<String>> {
        if self.next().kind == TokenKind::String {
            return Ok(self.advance_string());
        }
        let name = self.identifier()?;
        let written = if name.quoted {
            name.name
        } else {
            self.text[name.span.start..name.span.end].to_owned()
        };
        Ok(Spanned::new(written, name.span))
    }
}

/// The text between quotes, in which a doubled quote stands for one.
pub(super) fn unquote(quoted: &str) -> String {
    let Some(quote) = quoted.chars().next() else { return String::new() };
    let inner = &quoted[1..quoted.len() - 1];
    let doubled: String = [quote, quote].iter().collect();
    inner.replace(&doubled, quote.encode_utf8(&mut [0; 4]))
}
