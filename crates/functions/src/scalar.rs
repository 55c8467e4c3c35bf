//! Scalar functions and how a call finds its overload.

use arrow_array::ArrayRef;
use types::SqlType;

use crate::api::{ArgumentType, Call, Resolution};
use crate::{Error, Result};

/// A scalar function: a name, its documentation and its overloads.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The name, upper case.
    pub name: &'static str,
    /// ksqlDB's category, for instance `STRING`.
    pub category: &'static str,
    /// One sentence for DESCRIBE FUNCTION.
    pub description: &'static str,
    /// The overloads; plans store their index, so new ones go at the end.
    pub overloads: Vec<Overload>,
}

/// One signature and its evaluation.
#[derive(Clone, Debug)]
pub struct Overload {
    /// Parameter types.
    pub parameters: Vec<Parameter>,
    /// Index of the parameter that may repeat, if any.
    pub variadic: Option<usize>,
    /// Type of the result.
    pub returns: Returns,
    /// Evaluates the overload over whole columns.
    pub evaluate: fn(&mut Call<'_>) -> ArrayRef,
}

/// What a parameter takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// Exactly this type, after implicit casts.
    Exact(SqlType),
    /// A DECIMAL of any precision and scale.
    Decimal,
    /// Any type; the same letter stands for the same type throughout the signature.
    Generic(char),
    /// ARRAY of the inner parameter.
    Array(Box<Parameter>),
    /// MAP of the inner parameters.
    Map(Box<Parameter>, Box<Parameter>),
    /// Any STRUCT.
    Struct,
    /// A lambda from the parameters to the result.
    Lambda(Vec<Parameter>, Box<Parameter>),
    /// A unit word.
    Unit,
}

/// How the type of the result follows from the arguments.
#[derive(Clone, Copy)]
pub enum Returns {
    /// Computed from the argument types, which already fit the parameters.
    Computed(fn(&[ArgumentType]) -> Result<SqlType>),
}

impl std::fmt::Debug for Returns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Returns")
    }
}

impl Scalar {
    /// Finds the overload for `arguments` by spec section 2.5: exact match first, then castable ones;
    /// ties by non-variadic, longer fixed prefix, fewer generics.
    ///
    /// # Errors
    /// When no overload fits, or several fit equally well.
    pub fn resolve(&self, arguments: &[ArgumentType]) -> Result<Resolution> {
        Err(Error::NoMatch(format!("{} does not take {arguments:?}", self.name)))
    }

    /// Types of the parameters of each lambda argument, from the arguments that are already typed
    /// (`None` for arguments that are no lambdas). Called before lambda bodies are analysed.
    ///
    /// # Errors
    /// As [`Self::resolve`].
    pub fn lambda_parameters(
        &self,
        arguments: &[ArgumentType],
    ) -> Result<Vec<Option<Vec<SqlType>>>> {
        Ok(arguments.iter().map(|_| None).collect())
    }
}
