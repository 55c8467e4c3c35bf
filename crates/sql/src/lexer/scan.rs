//! The scanner: one pass over the bytes, no look-back.

use super::token::{SYMBOLS, Token, TokenKind};
use crate::ast::Span;
use crate::error::{Error, Problem, Result};

/// Longest text that is read, in bytes.
const TEXT_BYTES_MAX: usize = 1 << 20;

/// The tokens of `text`, with one [`TokenKind::End`] behind the last.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>> {
    check_length(text)?;
    let mut scanner = Scanner { text, at: 0 };
    let mut tokens = Vec::with_capacity(text.len() / 6 + 1);
    loop {
        let token = scanner.next_token()?;
        tokens.push(token);
        if token.kind == TokenKind::End {
            return Ok(tokens);
        }
    }
}

/// Fails for a text that is too long to be read.
pub(crate) fn check_length(text: &str) -> Result<()> {
    if text.len() <= TEXT_BYTES_MAX {
        return Ok(());
    }
    let message = format!("the text is longer than {TEXT_BYTES_MAX} bytes");
    Err(Problem::new("text-too-long", message).syntax())
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl Scanner<'_> {
    fn next_token(&mut self) -> Result<Token> {
        self.skip_blanks()?;
        let start = self.at;
        let kind = match self.peek(0) {
            None => TokenKind::End,
            Some(b'\'') => self.quoted(b'\'', TokenKind::String, "string")?,
            Some(quote @ (b'"' | b'`')) => {
                self.quoted(quote, TokenKind::QuotedName, "quoted name")?
            }
            Some(b'0'..=b'9') => self.number_or_word(),
            Some(b'.') if self.is_digit(1) => self.number(),
            Some(b'$') if self.peek(1) == Some(b'{') => self.variable()?,
            Some(byte) if is_word_start(byte) => self.word(TokenKind::Word),
            Some(_) => self.symbol()?,
        };
        Ok(Token { kind, span: Span::new(start, self.at) })
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn is_digit(&self, ahead: usize) -> bool {
        self.peek(ahead).is_some_and(|byte| byte.is_ascii_digit())
    }

    fn skip_blanks(&mut self) -> Result<()> {
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b' ' | b'\t' | b'\r' | b'\n'), _) => self.at += 1,
                (Some(b'-'), Some(b'-')) => self.skip_line(),
                (Some(b'/'), Some(b'*')) => self.skip_block()?,
                _ => return Ok(()),
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
    }

    fn skip_block(&mut self) -> Result<()> {
        let rest = &self.text[self.at + 2..];
        match rest.find("*/") {
            Some(length) => {
                self.at += length + 4;
                Ok(())
            }
            None => Err(self.unterminated("comment")),
        }
    }

    fn quoted(&mut self, quote: u8, kind: TokenKind, what: &str) -> Result<TokenKind> {
        let bytes = self.text.as_bytes();
        let mut at = self.at + 1;
        loop {
            match (bytes.get(at), bytes.get(at + 1)) {
                (Some(byte), Some(next)) if *byte == quote && *next == quote => at += 2,
                (Some(byte), _) if *byte == quote => break,
                (Some(_), _) => at += 1,
                (None, _) => return Err(self.unterminated(what)),
            }
        }
        self.at = at + 1;
        Ok(kind)
    }

    fn unterminated(&self, what: &str) -> Error {
        let span = Span::new(self.at, self.at + 1);
        Problem::new("unterminated", format!("this {what} has no end")).at(span).syntax()
    }

    /// The longest of number and digit-leading name wins; a number where they are equally long.
    fn number_or_word(&mut self) -> TokenKind {
        let start = self.at;
        let number = self.number();
        let number_end = self.at;
        self.at = start;
        let word = self.word(TokenKind::DigitWord);
        if self.at > number_end {
            return word;
        }
        self.at = number_end;
        number
    }

    fn number(&mut self) -> TokenKind {
        let mut kind = TokenKind::Integer;
        self.skip_digits();
        if self.peek(0) == Some(b'.') {
            kind = TokenKind::Decimal;
            self.at += 1;
            self.skip_digits();
        }
        if matches!(self.peek(0), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.peek(1), Some(b'+' | b'-')));
            if self.is_digit(1 + sign) {
                kind = TokenKind::Double;
                self.at += 1 + sign;
                self.skip_digits();
            }
        }
        kind
    }

    fn skip_digits(&mut self) {
        while self.is_digit(0) {
            self.at += 1;
        }
    }

    fn word(&mut self, kind: TokenKind) -> TokenKind {
        while self.peek(0).is_some_and(is_word_part) {
            self.at += 1;
        }
        kind
    }

    fn variable(&mut self) -> Result<TokenKind> {
        let rest = &self.text.as_bytes()[self.at + 2..];
        let length = rest.iter().take_while(|byte| is_word_part(**byte)).count();
        let starts_well = rest.first().is_some_and(|byte| is_word_start(*byte));
        if !starts_well || rest.get(length) != Some(&b'}') {
            let span = Span::new(self.at, self.at + 2 + length);
            let problem = Problem::new("bad-variable", "a variable is written ${name}").at(span);
            return Err(problem.syntax());
        }
        self.at += length + 3;
        Ok(TokenKind::Variable)
    }

    fn symbol(&mut self) -> Result<TokenKind> {
        let rest = &self.text[self.at..];
        if let Some((text, symbol)) = SYMBOLS.iter().find(|(text, _)| rest.starts_with(text)) {
            self.at += text.len();
            return Ok(TokenKind::Symbol(*symbol));
        }
        let strange = rest.chars().next().unwrap_or_default();
        let span = Span::new(self.at, self.at + strange.len_utf8());
        let message = format!("the character '{}' has no meaning here", strange.escape_debug());
        let problem = Problem::new("strange-character", message).at(span);
        Err(problem.wire(format!("token recognition error at: '{strange}'")).syntax())
    }
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn is_word_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@')
}
