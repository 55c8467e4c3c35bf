//! The built-in scalar functions (spec section 3.1), one family per file: each function declares its
//! name, description and signatures next to its evaluation. Registered by `builtin`; they never do
//! I/O and never fail a batch.

mod array_sets;
mod arrays;
mod collections;
mod compare;
mod concat;
mod date_arithmetic;
mod date_formats;
mod decimals;
mod encoding;
mod geo;
mod greatest;
mod java_regex;
mod json;
mod json_path;
mod lambdas;
mod maps;
mod mask;
mod math;
mod nulls;
mod regexp;
mod register;
mod rounding;
mod rows;
mod split;
mod strings;
mod substring;
#[cfg(test)]
mod testing;
mod to_json;
mod uri;
mod url;
mod utf16;

pub(crate) use register::register;
