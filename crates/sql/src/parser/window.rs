//! WINDOW and WITHIN.

use crate::ast::{Duration, Spanned, Window, WindowKind, Within};
use crate::error::Result;
use crate::lexer::{Symbol, TokenKind};

use super::cursor::Parser;

impl Parser<'_> {
    /// Behind WINDOW: `[name] KIND (...)`.
    pub(super) fn window(&mut self) -> Result<Spanned<Window>> {
        let start = self.next().span.start;
        let named = self.next().kind == TokenKind::Word
            && self.is_name(self.next())
            && !self.peek(1).is(Symbol::LeftParen);
        let name = if named { Some(self.identifier()?) } else { None };
        let kind = self.window_kind()?;
        let retention = self.window_option(&["RETENTION"])?;
        let grace = self.window_option(&["GRACE", "PERIOD"])?;
        self.expect_symbol(Symbol::RightParen)?;
        Ok(Spanned::new(Window { name, kind, retention, grace }, self.span_from(start)))
    }

    fn window_kind(&mut self) -> Result<WindowKind> {
        if self.eat_word("TUMBLING") {
            self.expect_symbol(Symbol::LeftParen)?;
            let size = self.keyword_duration(&["SIZE"])?;
            Ok(WindowKind::Tumbling { size })
        } else if self.eat_word("HOPPING") {
            self.expect_symbol(Symbol::LeftParen)?;
            let size = self.keyword_duration(&["SIZE"])?;
            self.expect_symbol(Symbol::Comma)?;
            let advance = self.keyword_duration(&["ADVANCE", "BY"])?;
            Ok(WindowKind::Hopping { size, advance })
        } else if self.eat_word("SESSION") {
            self.expect_symbol(Symbol::LeftParen)?;
            let gap = self.duration()?.node;
            Ok(WindowKind::Session { gap })
        } else {
            Err(self.unexpected(&["TUMBLING", "HOPPING", "SESSION"]))
        }
    }

    fn keyword_duration(&mut self, words: &[&str]) -> Result<Duration> {
        self.expect_words(words)?;
        Ok(self.duration()?.node)
    }

    /// `, WORDS duration`, if that is next.
    fn window_option(&mut self, words: &[&str]) -> Result<Option<Duration>> {
        let ahead = self.at_symbol(Symbol::Comma)
            && words.iter().enumerate().all(|(i, word)| self.peek(i + 1).is_word(self.text, word));
        if !ahead {
            return Ok(None);
        }
        self.advance();
        self.keyword_duration(words).map(Some)
    }

    /// Behind WITHIN: `size` or `(before, after)`, then perhaps GRACE PERIOD.
    pub(super) fn within(&mut self) -> Result<Spanned<Within>> {
        let start = self.next().span.start;
        let (before, after) = if self.eat_symbol(Symbol::LeftParen) {
            let before = self.duration()?.node;
            self.expect_symbol(Symbol::Comma)?;
            let after = self.duration()?.node;
            self.expect_symbol(Symbol::RightParen)?;
            (before, after)
        } else {
            let size = self.duration()?.node;
            (size, size)
        };
        let grace = match self.at_words(&["GRACE", "PERIOD"]) {
            true => Some(self.keyword_duration(&["GRACE", "PERIOD"])?),
            false => None,
        };
        Ok(Spanned::new(Within { before, after, grace }, self.span_from(start)))
    }
}
