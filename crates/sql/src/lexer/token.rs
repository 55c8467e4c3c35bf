//! What the scanner makes of a text.

use crate::ast::Span;

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

/// Kinds of token. What a token says is read from the text at its span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// An unquoted word: a keyword or a name.
    Word,
    /// A name that begins with a digit.
    DigitWord,
    /// A name in backticks or double quotes.
    QuotedName,
    /// `'text'`.
    String,
    /// Digits only.
    Integer,
    /// A number with a point.
    Decimal,
    /// A number with an exponent.
    Double,
    /// `${name}` that was not substituted.
    Variable,
    /// A sign.
    Symbol(Symbol),
    /// The end of the text.
    End,
}

/// Signs of one or two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    LeftParen,
    RightParen,
    LeftBracket,
    RightBracket,
    Comma,
    Dot,
    Semicolon,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Concat,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Arrow,
    FatArrow,
    Assign,
}

/// Every sign with its spellings, the longer before those they begin with.
pub(super) const SYMBOLS: [(&str, Symbol); 23] = [
    ("||", Symbol::Concat),
    ("<>", Symbol::NotEqual),
    ("!=", Symbol::NotEqual),
    ("<=", Symbol::LessOrEqual),
    (">=", Symbol::GreaterOrEqual),
    ("->", Symbol::Arrow),
    ("=>", Symbol::FatArrow),
    (":=", Symbol::Assign),
    ("(", Symbol::LeftParen),
    (")", Symbol::RightParen),
    ("[", Symbol::LeftBracket),
    ("]", Symbol::RightBracket),
    (",", Symbol::Comma),
    (".", Symbol::Dot),
    (";", Symbol::Semicolon),
    ("+", Symbol::Plus),
    ("-", Symbol::Minus),
    ("*", Symbol::Star),
    ("/", Symbol::Slash),
    ("%", Symbol::Percent),
    ("=", Symbol::Equal),
    ("<", Symbol::Less),
    (">", Symbol::Greater),
];

impl Symbol {
    /// How the sign is written.
    pub(crate) fn text(self) -> &'static str {
        SYMBOLS
            .iter()
            .find(|(_, symbol)| *symbol == self)
            .map(|(text, _)| *text)
            .expect("the table holds every sign")
    }
}

impl Token {
    /// Whether this is `symbol`.
    pub(crate) fn is(&self, symbol: Symbol) -> bool {
        self.kind == TokenKind::Symbol(symbol)
    }

    /// What the token says.
    pub(crate) fn text<'a>(&self, whole: &'a str) -> &'a str {
        &whole[self.span.start..self.span.end]
    }

    /// Whether this is the unquoted `word`, in any case.
    pub(crate) fn is_word(&self, whole: &str, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text(whole).eq_ignore_ascii_case(word)
    }
}
