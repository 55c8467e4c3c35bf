//! Places in a text: byte spans, and the lines and columns people and ksqlDB's messages count.

use std::fmt;

/// A range of bytes of the parsed text. `Debug` prints `start..end`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// A value and its place. Equality ignores the place.
#[derive(Clone, Debug)]
pub struct Spanned<T> {
    /// The value.
    pub node: T,
    /// Its place.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `node` at `span`.
    pub fn new(node: T, span: Span) -> Self {
        Self { node, span }
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

/// A line and a column, both counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Character within the line, from 1.
    pub column: usize,
}

impl Position {
    /// The beginning of a text.
    pub const START: Self = Self { line: 1, column: 1 };

    /// Where one is after reading `text` from here.
    pub fn after(self, text: &str) -> Self {
        match text.rfind('\n') {
            Some(at) => Self {
                line: self.line + text.matches('\n').count(),
                column: text[at + 1..].chars().count() + 1,
            },
            None => Self { line: self.line, column: self.column + text.chars().count() },
        }
    }
}

/// A piece of a parsed text that knows where in the whole it begins, so that spans of the whole can
/// be turned into positions.
#[derive(Clone, Copy, Debug)]
pub struct SourceText<'a> {
    /// The piece.
    pub text: &'a str,
    /// Byte offset of the piece in the whole.
    pub offset: usize,
    /// Position of the piece in the whole.
    pub origin: Position,
}

impl<'a> SourceText<'a> {
    /// The whole text.
    pub fn whole(text: &'a str) -> Self {
        Self { text, offset: 0, origin: Position::START }
    }

    /// Position of a byte of the whole; bytes outside the piece count as its nearest end.
    pub fn position(&self, offset: usize) -> Position {
        self.origin.after(&self.text[..self.index(offset)])
    }

    /// Index within the piece of a byte of the whole, moved down to a character's first byte.
    pub fn index(&self, offset: usize) -> usize {
        let mut index = offset.saturating_sub(self.offset).min(self.text.len());
        while !self.text.is_char_boundary(index) {
            index -= 1;
        }
        index
    }
}
