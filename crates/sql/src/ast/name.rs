//! Names as they are stored.

use std::hash::{Hash, Hasher};

use super::Span;

/// A name. Equality and hash take the stored name only.
#[derive(Clone, Debug)]
pub struct Identifier {
    /// The stored name: upper case unless it was quoted.
    pub name: String,
    /// Whether it was written in quotes.
    pub quoted: bool,
    /// Its place, quotes included.
    pub span: Span,
}

impl Identifier {
    /// A name that stands in no text.
    pub fn synthetic(name: impl Into<String>) -> Self {
        Self { name: name.into(), quoted: true, span: Span::default() }
    }

    /// The stored name.
    pub fn as_str(&self) -> &str {
        &self.name
    }
}

impl PartialEq for Identifier {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Identifier {}

impl Hash for Identifier {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}
