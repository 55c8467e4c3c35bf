//! LIKE: `%` and `_` match anything but line breaks, over the whole string.

use arrow_array::cast::AsArray;
use arrow_buffer::{BooleanBuffer, NullBuffer};
use functions::Failures;

use super::node::{Context, Node};
use super::outcome::{Outcome, Rows, after, either, fail_nulls};

/// `operand LIKE pattern [ESCAPE c]`.
#[derive(Debug)]
pub(super) struct Like {
    pub operand: Node,
    pub pattern: Node,
    pub escape: Option<char>,
}

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    /// This character.
    Literal(char),
    /// `_`.
    One,
    /// `%`.
    Many,
}

/// A pattern ends in its escape character.
struct TrailingEscape;

/// Evaluates LIKE.
pub(super) fn evaluate(node: &Like, context: &Context<'_>, failures: &mut Failures) -> Outcome {
    let rows = context.rows();
    let operand = node.operand.evaluate(context, failures);
    let pattern = after(operand.failed.as_ref(), failures, |f| node.pattern.evaluate(context, f));
    let failed = either(operand.failed, pattern.failed);
    let (operand, pattern) = (operand.column, pattern.column);
    let validity =
        NullBuffer::union(operand.validity(rows).as_ref(), pattern.validity(rows).as_ref());
    let nulls = fail_nulls(validity.as_ref(), failed.as_ref(), "LIKE met NULL", failures);
    let failed = either(failed, nulls);

    let texts = operand.array().as_string::<i32>();
    let patterns = pattern.array().as_string::<i32>();
    let mut compiled: Option<(usize, Result<Vec<Piece>, TrailingEscape>)> = None;
    let mut broken = Vec::new();
    let bits = BooleanBuffer::collect_bool(rows, |row| {
        if failed.as_ref().is_some_and(|failed| failed.value(row)) {
            return false;
        }
        let index = pattern.index(row);
        let current = match compiled.take() {
            Some(same) if same.0 == index => same,
            _ => (index, compile(patterns.value(index), node.escape)),
        };
        let found = match &current.1 {
            Ok(pieces) => matches(pieces, texts.value(operand.index(row))),
            Err(TrailingEscape) => {
                broken.push(row);
                false
            }
        };
        compiled = Some(current);
        found
    });
    let failed = either(failed, trailing_escapes(&broken, rows, failures));
    Outcome::of_booleans(bits, failed)
}

fn trailing_escapes(broken: &[usize], rows: usize, failures: &mut Failures) -> Option<Rows> {
    if broken.is_empty() {
        return None;
    }
    let mut bits = vec![false; rows];
    for row in broken {
        failures.push(*row, "LIKE pattern must not end with the escape character");
        bits[*row] = true;
    }
    Some(Rows::from(bits))
}

fn compile(pattern: &str, escape: Option<char>) -> Result<Vec<Piece>, TrailingEscape> {
    let mut pieces = Vec::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        let piece = match character {
            c if Some(c) == escape => Piece::Literal(characters.next().ok_or(TrailingEscape)?),
            '%' => Piece::Many,
            '_' => Piece::One,
            c => Piece::Literal(c),
        };
        if piece != Piece::Many || pieces.last() != Some(&Piece::Many) {
            pieces.push(piece);
        }
    }
    Ok(pieces)
}

/// What Java's `.` does not match.
fn is_line_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Matches greedily from the left and goes back to the last `%` only: to take the earliest place
/// for what stands before it is never worse.
fn matches(pieces: &[Piece], text: &str) -> bool {
    let (mut piece, mut at) = (0, 0);
    // Behind the last `%`, and where the text it covers ends.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let next = text[at..].chars().next();
        let advanced = match (pieces.get(piece), next) {
            (Some(Piece::Many), _) => {
                piece += 1;
                retry = Some((piece, at));
                continue;
            }
            (None, None) => return true,
            (Some(Piece::Literal(wanted)), Some(c)) => *wanted == c,
            (Some(Piece::One), Some(c)) => !is_line_break(c),
            _ => false,
        };
        if advanced {
            piece += 1;
            at += next.map_or(0, char::len_utf8);
            continue;
        }
        let Some((behind, covered)) = retry else {
            return false;
        };
        match text[covered..].chars().next() {
            Some(c) if !is_line_break(c) => {
                at = covered + c.len_utf8();
                retry = Some((behind, at));
                piece = behind;
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(text: &str, pattern: &str) -> bool {
        compile(pattern, Some('!')).is_ok_and(|pieces| matches(&pieces, text))
    }

    #[test]
    fn patterns_match_the_whole_text() {
        for (text, pattern) in [
            ("barfoobaz", "%foo%"),
            ("foo", "f_o"),
            ("", "%"),
            ("", ""),
            ("aXbXc", "a%b%c"),
            ("abab", "%ab"),
            ("%", "!%"),
            ("é€", "__"),
            ("a\nb", "a\nb"),
            ("xa\nab", "%a\n%b"),
        ] {
            assert!(like(text, pattern), "{text:?} LIKE {pattern:?}");
        }
        for (text, pattern) in
            [("foo", "fo"), ("foo", "_"), ("x", "!%"), ("a\nb", "%"), ("a\nb", "a_b"), ("A", "a")]
        {
            assert!(!like(text, pattern), "{text:?} LIKE {pattern:?}");
        }
    }

    #[test]
    fn a_trailing_escape_is_an_error() {
        assert!(compile("abc!", Some('!')).is_err());
        assert!(compile("abc!", None).is_ok());
    }
}
