//! A .proto text as tokens.

use crate::{Error, Result};

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A word: keyword, name (with dots) or number.
    Word(String),
    /// A string's content; escapes stay as written.
    Text(String),
    /// A punctuation mark.
    Mark(char),
}

/// Splits `text` into tokens without comments.
///
/// # Errors
/// `InvalidSchema` for an unclosed string or comment.
pub fn tokens(text: &str) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(start) = rest.chars().next() {
        let used = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").ok_or_else(|| unclosed("comment"))? + 2
        } else if start == '"' || start == '\'' {
            let content = string(&rest[1..], start)?;
            tokens.push(Token::Text(content.to_owned()));
            content.len() + 2
        } else if is_word(start) {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            end
        } else {
            tokens.push(Token::Mark(start));
            start.len_utf8()
        };
        rest = rest[used..].trim_start();
    }
    Ok(tokens)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.' || c == '-' || c == '+'
}

/// The content up to the closing quote.
fn string(text: &str, quote: char) -> Result<&str> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Ok(&text[..at]),
            _ => {}
        }
    }
    Err(unclosed("string"))
}

fn unclosed(what: &str) -> Error {
    Error::InvalidSchema(format!("the .proto text has an unclosed {what}"))
}
