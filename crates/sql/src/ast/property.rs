//! The `WITH (name = literal, ...)` clause.

use super::{Literal, Span, Spanned};

/// A `WITH` clause, in the order written; no name stands twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Properties {
    /// The properties.
    pub entries: Vec<Property>,
}

/// One `name = literal`.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// The name; upper case in the clauses of sources, as written for connectors.
    pub name: Spanned<String>,
    /// The value.
    pub value: Spanned<Literal>,
}

impl Properties {
    /// The value of `name` (upper case).
    pub fn value(&self, name: &str) -> Option<&Spanned<Literal>> {
        self.property(name).map(|property| &property.value)
    }

    /// The property `name` (upper case).
    pub fn property(&self, name: &str) -> Option<&Property> {
        self.entries.iter().find(|property| property.name.node == name)
    }

    /// Whether there is no property.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Place from the first to the last property; `None` when there is none.
    pub fn span(&self) -> Option<Span> {
        let first = self.entries.first()?.name.span;
        let last = self.entries.last()?.value.span;
        Some(first.to(last))
    }
}
