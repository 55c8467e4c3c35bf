//! The schema registry: subjects, versions, ids, compatibility levels and modes, as Confluent's
//! Schema Registry has them, kept in the compacted topic `_schemas` in its record format.
//!
//! [`Registry`] is used by the registry's REST routes and, as [`formats::SchemaStore`], by the
//! engine and the connectors. This crate knows no HTTP and no REST JSON; its errors carry the codes
//! that the REST API answers with.

mod compatibility;
mod contents;
mod error;
mod journal;
mod level;
mod message;
mod mode;
mod parsed;
mod registry;
mod schema_store;
mod settings;
mod versions;

#[cfg(test)]
mod tests;

pub use contents::{NewSchema, Reference, Schema, SubjectVersion};
pub use error::{Error, Result};
pub use level::CompatibilityLevel;
pub use mode::Mode;
pub use registry::{Registry, TOPIC};
pub use versions::VersionSpec;
