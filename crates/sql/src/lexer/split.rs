//! Cutting a script at its semicolons, without understanding it.

use crate::ast::{Position, SourceText};
use crate::error::Result;

use super::scan::tokens;
use super::token::{Symbol, TokenKind};

/// The statements of a script, each from its first token to its semicolon (or the end of the text).
///
/// For those who must act between statements, as DEFINE does on the variables of later ones.
pub fn split_statements(text: &str) -> Result<Vec<SourceText<'_>>> {
    let mut pieces = Vec::new();
    let mut position = Position::START;
    let mut measured = 0;
    let mut start = None;
    let mut end = 0;
    for token in tokens(text)? {
        let at_end = token.kind == TokenKind::End;
        if !at_end {
            start.get_or_insert(token.span.start);
            end = token.span.end;
        }
        let complete = at_end || token.is(Symbol::Semicolon);
        if let Some(offset) = start.take_if(|_| complete) {
            position = position.after(&text[measured..offset]);
            measured = offset;
            pieces.push(SourceText { text: &text[offset..end], offset, origin: position });
        }
    }
    Ok(pieces)
}

/// Whether a text typed so far ends with a whole statement, or holds none: no open quote or comment,
/// and a semicolon at its end.
pub fn is_complete(text: &str) -> bool {
    match tokens(text) {
        Ok(tokens) => match tokens.as_slice() {
            [.., last, _end] => last.is(Symbol::Semicolon),
            _ => true,
        },
        Err(error) => error.code() != "unterminated",
    }
}
