//! Avro schemas as data: parsing with all names resolved, canonical text, default values.
//!
//! Used by the Avro format here and by the registry's compatibility rules. Ours rather than a
//! library's, because both need what the others drop: aliases and defaults as written, unknown
//! attributes (`connect.name` and the like), references to schemas of other subjects.

mod defaults;
mod model;
mod names;
mod parse;
mod print;

#[cfg(test)]
mod tests;

pub use model::{Document, Enum, Field, Fixed, Kind, Properties, Record, Schema};
pub use names::{check_name, sanitize};
