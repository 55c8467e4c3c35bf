//! An aggregate function as a table row: its documentation, how calls resolve, how states are made.

use types::{SqlType, Value};

use crate::api::{Accumulators, Aggregate, AggregateResolution, ArgumentType};
use crate::{Error, Result};

/// What a call means, if its arguments fit.
pub(crate) type Resolve =
    fn(&[ArgumentType], &[Option<Value>]) -> Result<Option<AggregateResolution>>;

/// Makes the states of a resolved call: argument types, constants, result type.
pub(crate) type Make = fn(&[SqlType], &[Value], &SqlType) -> Box<dyn Accumulators>;

/// A built-in aggregate function.
#[derive(Debug)]
pub(crate) struct Definition {
    pub name: &'static str,
    /// See [`Aggregate::is_limited`].
    pub is_limited: bool,
    pub description: &'static str,
    /// Parameters and result of each signature, as text.
    pub signatures: &'static [(&'static [&'static str], &'static str)],
    pub resolve: Resolve,
    pub make: Make,
}

impl Aggregate for Definition {
    fn name(&self) -> &str {
        self.name
    }

    fn description(&self) -> &str {
        self.description
    }

    fn signatures(&self) -> Vec<(Vec<String>, String)> {
        let owned = |parameters: &[&str]| parameters.iter().map(ToString::to_string).collect();
        self.signatures.iter().map(|(from, to)| (owned(from), (*to).to_owned())).collect()
    }

    fn resolve(
        &self,
        arguments: &[ArgumentType],
        constants: &[Option<Value>],
    ) -> Result<AggregateResolution> {
        let resolved = (self.resolve)(arguments, constants)?;
        resolved.ok_or_else(|| no_match(self.name, arguments, self.signatures))
    }

    fn is_limited(&self) -> bool {
        self.is_limited
    }

    fn accumulators(
        &self,
        arguments: &[SqlType],
        constants: &[Value],
        returns: &SqlType,
    ) -> Box<dyn Accumulators> {
        (self.make)(arguments, constants, returns)
    }
}

/// The complaint about arguments that no signature takes.
pub(crate) fn no_match(
    name: &str,
    arguments: &[ArgumentType],
    signatures: &[(&[&str], &str)],
) -> Error {
    let given: Vec<String> = arguments.iter().map(argument_text).collect();
    let mut text = format!("Function '{name}' does not accept parameters ({}).", given.join(", "));
    text.push_str("\nValid alternatives are:");
    for (parameters, _) in signatures {
        text.push_str(&format!("\n{name}({})", parameters.join(", ")));
    }
    text.push_str(&format!(
        "\nFor detailed information on a function run: DESCRIBE FUNCTION {name};"
    ));
    Error::NoMatch(text)
}

fn argument_text(argument: &ArgumentType) -> String {
    match argument {
        ArgumentType::Sql(ty) => ty.to_string(),
        ArgumentType::Null => "null".to_owned(),
        ArgumentType::Lambda { .. } => "LAMBDA".to_owned(),
        ArgumentType::Unit => "INTERVALUNIT".to_owned(),
    }
}

/// The only argument's type, if there is one and it has one.
pub(crate) fn single(arguments: &[ArgumentType]) -> Option<&SqlType> {
    match arguments {
        [ArgumentType::Sql(ty)] => Some(ty),
        _ => None,
    }
}

/// A resolution without constants.
pub(crate) fn plain(
    arguments: Vec<SqlType>,
    returns: SqlType,
    can_undo: bool,
) -> AggregateResolution {
    AggregateResolution { arguments, constants: 0, returns, can_undo }
}

/// The constant at `position`.
///
/// # Errors
/// If that argument is no literal.
pub(crate) fn literal<'a>(
    function: &str,
    constants: &'a [Option<Value>],
    position: usize,
) -> Result<&'a Value> {
    constants.get(position).and_then(Option::as_ref).ok_or_else(|| {
        let number = position + 1;
        Error::InvalidArgument(format!(
            "Parameter {number} passed to function {function} must be a literal constant"
        ))
    })
}
