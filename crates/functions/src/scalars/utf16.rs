//! Texts by UTF-16 unit, in which ksqlDB counts lengths and positions.

use std::borrow::Cow;

/// A text whose UTF-16 units can be counted and cut. ASCII texts are only borrowed.
pub enum Units<'a> {
    /// One unit per byte.
    Ascii(&'a str),
    /// Everything else.
    Wide(Vec<u16>),
}

impl<'a> Units<'a> {
    /// The units of `text`.
    pub fn of(text: &'a str) -> Self {
        if text.is_ascii() { Self::Ascii(text) } else { Self::Wide(text.encode_utf16().collect()) }
    }

    /// Number of units.
    pub fn len(&self) -> usize {
        match self {
            Self::Ascii(text) => text.len(),
            Self::Wide(units) => units.len(),
        }
    }

    /// The text of the units from `start` to before `end`; half a surrogate pair becomes U+FFFD.
    ///
    /// # Panics
    /// If the range is out of bounds.
    pub fn slice(&self, start: usize, end: usize) -> Cow<'a, str> {
        match self {
            Self::Ascii(text) => Cow::Borrowed(&text[start..end]),
            Self::Wide(units) => Cow::Owned(String::from_utf16_lossy(&units[start..end])),
        }
    }
}

/// Number of UTF-16 units of `text`.
pub fn len(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// A length or position as INTEGER.
pub fn as_int(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}
