//! Test directives: comments of the form `--@name: value`.

use crate::ast::Span;
use crate::error::Result;

use super::scan::tokens;

/// One `--@name: value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// What stands between `--@` and the colon, trimmed.
    pub name: String,
    /// What stands behind the colon up to the end of the line, trimmed.
    pub value: String,
    /// Its place in the text.
    pub span: Span,
}

/// The directives of a text in order. Fails where the text has no tokens.
pub fn directives(text: &str) -> Result<Vec<Directive>> {
    let mut found = Vec::new();
    let mut gap_start = 0;
    for token in tokens(text)? {
        directives_between(text, gap_start, token.span.start, &mut found);
        gap_start = token.span.end;
    }
    Ok(found)
}

/// Looks through the blanks and comments between two tokens. Block comments are stepped over whole.
fn directives_between(text: &str, start: usize, end: usize, found: &mut Vec<Directive>) {
    let mut at = start;
    while at < end {
        let rest = &text[at..end];
        let length = if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |close| close + 2)
        } else if rest.starts_with("--") {
            let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
            found.extend(directive(&rest[..length], Span::new(at, at + length)));
            length
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        at += length;
    }
}

fn directive(comment: &str, span: Span) -> Option<Directive> {
    let (name, value) = comment.strip_prefix("--@")?.split_once(':')?;
    Some(Directive { name: name.trim().to_owned(), value: value.trim().to_owned(), span })
}
