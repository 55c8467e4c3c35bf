//! Constants.

use types::Decimal;

use crate::ast::{Duration, Literal, Span, Spanned, TimeUnit};
use crate::error::{Error, Problem, Result};
use crate::lexer::{Symbol, Token, TokenKind};

use super::cursor::Parser;

impl Parser<'_> {
    /// A constant, if one is next.
    pub(super) fn optional_literal(&mut self) -> Result<Option<Spanned<Literal>>> {
        let token = self.next();
        let literal = match token.kind {
            TokenKind::String => self.string_literal(),
            TokenKind::Word => return Ok(self.word_literal(token)),
            _ => match self.number_ahead() {
                Some(_) => self.number()?,
                None => return Ok(None),
            },
        };
        Ok(Some(literal))
    }

    /// A constant.
    pub(super) fn literal(&mut self) -> Result<Spanned<Literal>> {
        match self.optional_literal()? {
            Some(literal) => Ok(literal),
            None => Err(self.unexpected(&["a literal"])),
        }
    }

    fn string_literal(&mut self) -> Spanned<Literal> {
        let text = self.advance_string();
        Spanned::new(Literal::String(text.node), text.span)
    }

    fn word_literal(&mut self, token: Token) -> Option<Spanned<Literal>> {
        let literal = match self.text_of(token).to_ascii_uppercase().as_str() {
            "NULL" => Literal::Null,
            "TRUE" => Literal::Boolean(true),
            "FALSE" => Literal::Boolean(false),
            _ => return None,
        };
        self.advance();
        Some(Spanned::new(literal, token.span))
    }

    /// The number token that is next, perhaps behind a minus.
    pub(super) fn number_ahead(&self) -> Option<Token> {
        let token = self.peek(usize::from(self.at_symbol(Symbol::Minus)));
        let numeric =
            matches!(token.kind, TokenKind::Integer | TokenKind::Decimal | TokenKind::Double);
        numeric.then_some(token)
    }

    fn number(&mut self) -> Result<Spanned<Literal>> {
        let start = self.next().span.start;
        let sign = if self.eat_symbol(Symbol::Minus) { "-" } else { "" };
        let token = self.advance();
        let span = self.span_from(start);
        let text = format!("{sign}{}", self.text_of(token));
        let literal = match token.kind {
            TokenKind::Integer => whole_number(&text, span)?,
            TokenKind::Decimal => decimal(&text, span)?,
            _ => double(&text, span)?,
        };
        Ok(Spanned::new(literal, span))
    }

    /// A whole number that is not negative.
    pub(super) fn count(&mut self) -> Result<Spanned<u64>> {
        let token = self.next();
        if token.kind != TokenKind::Integer {
            return Err(self.unexpected(&["INTEGER_VALUE"]));
        }
        self.advance();
        let text = self.text_of(token);
        let value = text.parse().map_err(|_| out_of_range(text, token.span))?;
        Ok(Spanned::new(value, token.span))
    }

    /// `n unit`.
    pub(super) fn duration(&mut self) -> Result<Spanned<Duration>> {
        let count = self.count()?;
        let token = self.next();
        let unit = match token.kind {
            TokenKind::Word => TimeUnit::from_word(self.text_of(token)),
            _ => None,
        };
        let Some(unit) = unit else {
            return Err(self.unexpected(&["DAYS", "HOURS", "MINUTES", "SECONDS", "MILLISECONDS"]));
        };
        self.advance();
        Ok(Spanned::new(Duration { value: count.node, unit }, count.span.to(token.span)))
    }
}

fn whole_number(text: &str, span: Span) -> Result<Literal> {
    if let Ok(value) = text.parse() {
        return Ok(Literal::Integer(value));
    }
    text.parse().map(Literal::Bigint).map_err(|_| out_of_range(text, span))
}

/// A DECIMAL from its text.
pub(super) fn decimal(text: &str, span: Span) -> Result<Literal> {
    text.parse::<Decimal>().map(Literal::Decimal).map_err(|_| out_of_range(text, span))
}

fn double(text: &str, span: Span) -> Result<Literal> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Literal::Double(value)),
        _ => {
            let message = format!("Number overflows DOUBLE: {text}");
            Err(Problem::new("number-out-of-range", message).at(span).literal())
        }
    }
}

fn out_of_range(text: &str, span: Span) -> Error {
    let message = format!("Invalid numeric literal: {text}");
    Problem::new("number-out-of-range", message).at(span).literal()
}
