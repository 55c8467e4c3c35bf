//! What can go wrong before an expression runs.

use types::SqlType;

use crate::expression::CompareOp;

/// Result of this crate's fallible calls.
pub type Result<T> = std::result::Result<T, Error>;

/// An expression that can't be compiled: analysis let something through, or a stored plan names what
/// this release no longer has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No scalar function has that name.
    #[error("the plan calls the function '{0}', which does not exist")]
    UnknownFunction(String),
    /// The function has fewer overloads.
    #[error(
        "the plan calls overload {overload} of the function '{function}', which does not exist"
    )]
    UnknownOverload {
        /// The function.
        function: String,
        /// The index the plan names.
        overload: usize,
    },
    /// The cast is not supported.
    #[error("Cast of {from} to {to} is not supported")]
    UnsupportedCast {
        /// Type of the operand.
        from: SqlType,
        /// The type asked for.
        to: SqlType,
    },
    /// The operator does not take these types.
    #[error("Unsupported arithmetic types. {left} {right}")]
    UnsupportedArithmetic {
        /// Type of the left operand.
        left: SqlType,
        /// Type of the right operand.
        right: SqlType,
    },
    /// The operands can't be compared.
    #[error("Cannot compare {left} to {right} with {op:?}.")]
    NotComparable {
        /// The operator.
        op: CompareOp,
        /// Type of the left operand.
        left: SqlType,
        /// Type of the right operand.
        right: SqlType,
    },
    /// An operand has a type the operator can't work on.
    #[error("{operation} does not work on {ty}")]
    WrongType {
        /// What was to be done.
        operation: &'static str,
        /// The operand's type.
        ty: SqlType,
    },
}
