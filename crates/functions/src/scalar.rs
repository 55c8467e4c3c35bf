//! Scalar functions: what they are and how a call finds its overload.
//!
//! The planner calls [`Scalar::lambda_parameters`] and [`Scalar::resolve`]; plans store the index of
//! the overload, and the evaluator calls [`Overload::evaluate`]. Nothing here looks at values.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use arrow_array::ArrayRef;
use types::{DECIMAL_PRECISION_MAX, SqlType};

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
    /// Index of the parameter that may repeat (or be absent), if any.
    pub variadic: Option<usize>,
    /// Type of the result.
    pub returns: Returns,
    /// Evaluates the overload over whole columns.
    pub evaluate: Evaluate,
}

/// The evaluation of an overload over whole columns: one result per row.
pub type Evaluate = fn(&mut Call<'_>) -> ArrayRef;

/// What a parameter takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// Exactly this type, after implicit casts.
    Exact(SqlType),
    /// A DECIMAL of any precision and scale; as a result, the widest of the DECIMAL arguments.
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
#[derive(Clone)]
pub enum Returns {
    /// This type, with the generics of the parameters filled in.
    Declared(Parameter),
    /// Computed from the argument types, which already fit the parameters.
    Computed(fn(&[ArgumentType]) -> Result<SqlType>),
}

impl std::fmt::Debug for Returns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Declared(parameter) => write!(f, "Declared({parameter:?})"),
            Self::Computed(_) => f.write_str("Computed"),
        }
    }
}

/// The types that the generics of a signature stand for in one call.
type Generics = BTreeMap<char, SqlType>;

/// Whether implicit casts may be used to make an argument fit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Casts {
    Refused,
    Allowed,
}

impl Scalar {
    /// A function without overloads; see [`Self::overload`].
    pub fn new(name: &'static str, category: &'static str, description: &'static str) -> Self {
        Self { name, category, description, overloads: Vec::new() }
    }

    /// Adds an overload. The signature is written as `(STRING, INT...) -> ARRAY<T>`: types by name, `DECIMAL`
    /// for any, single letters for generics, `UNIT`, `(T, K) => R` for a lambda, and `...` behind the
    /// parameter that may repeat.
    ///
    /// # Panics
    /// If the signature can't be read; it is part of the program.
    #[must_use]
    pub fn overload(mut self, signature: &str, evaluate: Evaluate) -> Self {
        self.overloads.push(crate::signature::overload(signature, evaluate));
        self
    }

    /// Computes the result type of the overload added last from its arguments.
    ///
    /// # Panics
    /// If no overload was added before.
    #[must_use]
    pub fn returning(mut self, returns: fn(&[ArgumentType]) -> Result<SqlType>) -> Self {
        let last = self.overloads.last_mut().expect("an overload was added before");
        last.returns = Returns::Computed(returns);
        self
    }

    /// Finds the overload for `arguments` by spec section 2.5: exact match first, then castable ones;
    /// ties by non-variadic, longer fixed prefix, fewer generics.
    ///
    /// # Errors
    /// When no overload fits, or several fit equally well.
    pub fn resolve(&self, arguments: &[ArgumentType]) -> Result<Resolution> {
        let (index, generics) = self.choose(arguments)?;
        let overload = &self.overloads[index];
        overload.resolution(index, arguments, &generics).ok_or_else(|| self.no_match(arguments))?
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
        let (index, generics) = self.choose(arguments)?;
        let overload = &self.overloads[index];
        let parameters_of =
            |position: usize| match overload.parameter_for(position, arguments.len()) {
                Parameter::Lambda(parameters, _) => parameters
                    .iter()
                    .map(|parameter| parameter.concrete(&generics))
                    .collect::<Option<Vec<_>>>()
                    .map(Some)
                    .ok_or_else(|| self.no_match(arguments)),
                _ => Ok(None),
            };
        (0..arguments.len()).map(parameters_of).collect()
    }

    fn choose(&self, arguments: &[ArgumentType]) -> Result<(usize, Generics)> {
        if let Some(choice) = self.best(arguments, Casts::Refused)? {
            return Ok(choice);
        }
        self.best(arguments, Casts::Allowed)?.ok_or_else(|| self.no_match(arguments))
    }

    fn best(&self, arguments: &[ArgumentType], casts: Casts) -> Result<Option<(usize, Generics)>> {
        let mut best: Option<(usize, Generics)> = None;
        let mut tied = false;
        for (index, overload) in self.overloads.iter().enumerate() {
            let Some(generics) = overload.accepts(arguments, casts) else { continue };
            let order =
                best.as_ref().map(|(other, _)| overload.rank().cmp(&self.overloads[*other].rank()));
            match order {
                Some(std::cmp::Ordering::Less) => {}
                Some(std::cmp::Ordering::Equal) => tied = true,
                Some(std::cmp::Ordering::Greater) | None => {
                    best = Some((index, generics));
                    tied = false;
                }
            }
        }
        if tied { Err(self.ambiguous(arguments)) } else { Ok(best) }
    }

    fn no_match(&self, arguments: &[ArgumentType]) -> Error {
        let problem = format!("does not accept parameters ({})", list(arguments));
        Error::NoMatch(self.complaint(&problem))
    }

    fn ambiguous(&self, arguments: &[ArgumentType]) -> Error {
        let given = list(arguments);
        let problem = format!("cannot be resolved due to ambiguous method parameters ({given})");
        Error::Ambiguous(self.complaint(&problem))
    }

    fn complaint(&self, problem: &str) -> String {
        let name = self.spelling();
        let mut text = format!("Function '{name}' {problem}.\nValid alternatives are:");
        for overload in &self.overloads {
            text.push_str(&format!("\n{name}({})", overload.parameter_list()));
        }
        text.push_str(&format!(
            "\nFor detailed information on a function run: DESCRIBE FUNCTION {name};"
        ));
        text
    }

    /// The name as ksqlDB's messages show it: that of the declaration, mostly in lower case.
    fn spelling(&self) -> String {
        const UPPER_CASE: [&str; 1] = ["COALESCE"];
        if UPPER_CASE.contains(&self.name) {
            self.name.to_owned()
        } else {
            self.name.to_lowercase()
        }
    }
}

impl Overload {
    /// Among overloads that fit, the greatest rank wins.
    fn rank(&self) -> (bool, usize, Reverse<usize>) {
        let generics = self.parameters.iter().filter(|parameter| parameter.has_generics()).count();
        let fixed_prefix = self.variadic.unwrap_or(self.parameters.len());
        (self.variadic.is_none(), fixed_prefix, Reverse(generics))
    }

    /// The parameter that takes argument `position` of `count`.
    fn parameter_for(&self, position: usize, count: usize) -> &Parameter {
        let Some(variadic) = self.variadic else { return &self.parameters[position] };
        let behind = self.parameters.len() - variadic - 1;
        if position < variadic {
            &self.parameters[position]
        } else if position + behind < count {
            &self.parameters[variadic]
        } else {
            &self.parameters[self.parameters.len() - (count - position)]
        }
    }

    fn accepts(&self, arguments: &[ArgumentType], casts: Casts) -> Option<Generics> {
        let count = arguments.len();
        let fits = match self.variadic {
            Some(_) => count + 1 >= self.parameters.len(),
            None => count == self.parameters.len(),
        };
        let mut generics = Generics::new();
        let accepts = |(position, argument)| {
            self.parameter_for(position, count).accepts(argument, casts, &mut generics)
        };
        (fits && arguments.iter().enumerate().all(accepts)).then_some(generics)
    }

    /// `None` when a generic has no type because only NULL stands for it.
    fn resolution(
        &self,
        index: usize,
        arguments: &[ArgumentType],
        generics: &Generics,
    ) -> Option<Result<Resolution>> {
        let widest = widest_decimal(arguments);
        let mut casts = Vec::with_capacity(arguments.len());
        for (position, argument) in arguments.iter().enumerate() {
            let parameter = self.parameter_for(position, arguments.len());
            casts.push(match (argument, parameter) {
                (ArgumentType::Lambda { .. } | ArgumentType::Unit, _) => None,
                (ArgumentType::Sql(ty), Parameter::Decimal) => Some(as_decimal(ty)),
                (ArgumentType::Sql(ty), Parameter::Struct) => Some(ty.clone()),
                (ArgumentType::Null, Parameter::Decimal) => Some(widest.clone()),
                _ => Some(parameter.concrete(generics)?),
            });
        }
        let returns = match &self.returns {
            Returns::Declared(Parameter::Decimal) => Ok(widest),
            Returns::Declared(parameter) => Ok(parameter.concrete(generics)?),
            Returns::Computed(compute) => compute(arguments),
        };
        Some(returns.map(|returns| Resolution { overload: index, arguments: casts, returns }))
    }
}

impl Parameter {
    fn has_generics(&self) -> bool {
        match self {
            Self::Generic(_) => true,
            Self::Array(element) => element.has_generics(),
            Self::Map(key, value) => key.has_generics() || value.has_generics(),
            Self::Lambda(parameters, result) => {
                result.has_generics() || parameters.iter().any(Self::has_generics)
            }
            Self::Exact(_) | Self::Decimal | Self::Struct | Self::Unit => false,
        }
    }

    fn accepts(&self, argument: &ArgumentType, casts: Casts, generics: &mut Generics) -> bool {
        // A generic binds to the argument's own type, so nothing beside it is cast either.
        let casts = if self.has_generics() { Casts::Refused } else { casts };
        match (argument, self) {
            (ArgumentType::Null, parameter) => !matches!(parameter, Self::Lambda(..) | Self::Unit),
            (ArgumentType::Unit, parameter) => *parameter == Self::Unit,
            (ArgumentType::Lambda { parameters, returns }, Self::Lambda(expected, result)) => {
                *parameters == expected.len()
                    && returns.as_ref().is_none_or(|ty| result.accepts_type(ty, casts, generics))
            }
            (ArgumentType::Lambda { .. }, _) => false,
            (ArgumentType::Sql(ty), parameter) => parameter.accepts_type(ty, casts, generics),
        }
    }

    fn accepts_type(&self, ty: &SqlType, casts: Casts, generics: &mut Generics) -> bool {
        match (self, ty) {
            (Self::Generic(letter), ty) => {
                generics.entry(*letter).or_insert_with(|| ty.clone()) == ty
            }
            (Self::Exact(expected), ty) => {
                expected == ty || (casts == Casts::Allowed && is_castable(ty, expected))
            }
            (Self::Decimal, SqlType::Decimal { .. }) => true,
            (Self::Decimal, SqlType::Integer | SqlType::Bigint) => casts == Casts::Allowed,
            (Self::Array(element), SqlType::Array(ty)) => element.accepts_type(ty, casts, generics),
            (Self::Map(key, value), SqlType::Map(key_type, value_type)) => {
                key.accepts_type(key_type, casts, generics)
                    && value.accepts_type(value_type, casts, generics)
            }
            (Self::Struct, SqlType::Struct(_)) => true,
            _ => false,
        }
    }

    /// The type this stands for, if it is known and one alone.
    fn concrete(&self, generics: &Generics) -> Option<SqlType> {
        match self {
            Self::Exact(ty) => Some(ty.clone()),
            Self::Generic(letter) => generics.get(letter).cloned(),
            Self::Array(element) => Some(SqlType::array(element.concrete(generics)?)),
            Self::Map(key, value) => {
                Some(SqlType::map(key.concrete(generics)?, value.concrete(generics)?))
            }
            Self::Decimal | Self::Struct | Self::Lambda(..) | Self::Unit => None,
        }
    }
}

/// Whether `from` is cast to `to` implicitly in function arguments.
fn is_castable(from: &SqlType, to: &SqlType) -> bool {
    use SqlType::{
        Array, Bigint, Bytes, Date, Decimal, Double, Integer, Map, String, Time, Timestamp,
    };
    match (from, to) {
        (Integer, Bigint | Decimal { .. } | Double) => true,
        (Bigint, Decimal { .. } | Double) | (Decimal { .. }, Double) => true,
        (String, Time | Date | Timestamp | Bytes) => true,
        (Array(from), Array(to)) => from == to || is_castable(from, to),
        (Map(from_key, from), Map(to_key, to)) => {
            (from_key == to_key || is_castable(from_key, to_key))
                && (from == to || is_castable(from, to))
        }
        _ => false,
    }
}

/// The DECIMAL that holds every value of `ty`, which is DECIMAL, INTEGER or BIGINT.
fn as_decimal(ty: &SqlType) -> SqlType {
    match ty {
        SqlType::Integer => SqlType::Decimal { precision: 10, scale: 0 },
        SqlType::Bigint => SqlType::Decimal { precision: 19, scale: 0 },
        other => other.clone(),
    }
}

/// The smallest DECIMAL that holds every value of all DECIMAL, INTEGER and BIGINT arguments.
fn widest_decimal(arguments: &[ArgumentType]) -> SqlType {
    let (mut whole_digits, mut scale_max) = (0, 0);
    for argument in arguments {
        let ArgumentType::Sql(ty) = argument else { continue };
        if let SqlType::Decimal { precision, scale } = as_decimal(ty)
            && !matches!(ty, SqlType::Double)
        {
            whole_digits = whole_digits.max(precision - scale);
            scale_max = scale_max.max(scale);
        }
    }
    let precision = (whole_digits + scale_max).clamp(1, DECIMAL_PRECISION_MAX);
    SqlType::Decimal { precision, scale: scale_max }
}

/// The argument types as ksqlDB's messages list them.
pub(crate) fn list(arguments: &[ArgumentType]) -> String {
    let text = |argument: &ArgumentType| match argument {
        ArgumentType::Sql(ty) => ty.to_string(),
        ArgumentType::Null => "null".to_owned(),
        ArgumentType::Lambda { .. } => "LAMBDA".to_owned(),
        ArgumentType::Unit => "INTERVALUNIT".to_owned(),
    };
    arguments.iter().map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
