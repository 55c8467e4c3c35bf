//! Types as written: built-in, custom, and collections of them.

use types::SqlType;

use super::{Identifier, Span};

/// A type and its place. Equality ignores the place.
#[derive(Clone, Debug)]
pub struct Type {
    /// The type.
    pub kind: TypeKind,
    /// Its place.
    pub span: Span,
}

impl PartialEq for Type {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What a type is.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// A built-in type without parameters (never DECIMAL, ARRAY, MAP or STRUCT).
    Scalar(SqlType),
    /// A name that CREATE TYPE must have made.
    Custom(Identifier),
    /// `DECIMAL(precision, scale)`, not yet checked against the limits of section 2.1.
    Decimal {
        /// Number of digits.
        precision: u64,
        /// Number of digits behind the point.
        scale: u64,
    },
    /// `ARRAY<element>` or `element ARRAY`.
    Array(Box<Type>),
    /// `MAP<key, value>`.
    Map(Box<Type>, Box<Type>),
    /// `STRUCT<name type, ...>`.
    Struct(Vec<TypeField>),
}

/// A field of a STRUCT type.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeField {
    /// The field's name.
    pub name: Identifier,
    /// The field's type.
    pub ty: Type,
}
