//! The functions that only ksqlDB's test files call (spec section 3.4), derived from what the files
//! expect of them. They exist in this command's registry and nowhere else.

mod aggregates;
mod gather;
mod scalars;
mod sums;
mod tables;

pub use scalars::restart;

use ::functions::{ArgumentType, Error, Registry};

/// The built-in functions and those of the test files.
pub fn registry() -> Registry {
    let mut registry = Registry::builtin();
    scalars::register(&mut registry);
    aggregates::register(&mut registry);
    tables::register(&mut registry);
    registry
}

/// The complaint about arguments that a function does not take.
fn no_match(name: &str, arguments: &[ArgumentType]) -> Error {
    let text = |argument: &ArgumentType| match argument {
        ArgumentType::Sql(ty) => ty.to_string(),
        ArgumentType::Null => "null".to_owned(),
        ArgumentType::Lambda { .. } => "LAMBDA".to_owned(),
        ArgumentType::Unit => "INTERVALUNIT".to_owned(),
    };
    let given: Vec<String> = arguments.iter().map(text).collect();
    Error::NoMatch(format!("Function '{name}' does not accept parameters ({}).", given.join(", ")))
}
