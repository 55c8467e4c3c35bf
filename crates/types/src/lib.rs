//! The words every other crate speaks: SQL types and values, source schemas, serde descriptions,
//! ids, and the seams through which the outside world (clock, randomness, disk) is passed in.
//!
//! Used by every crate. It must stay small (everything rebuilds when it changes), do no work of its
//! own beyond conversions, and never read the clock, randomness or file system except in
//! [`seams::system`], which the binary alone plugs in.

pub mod columns;
mod decimal;
mod ids;
mod schema;
pub mod seams;
mod serde_spec;
mod sql_type;
pub mod text;
pub mod topics;
mod value;

pub use decimal::Decimal;
pub use ids::{Offset, QueryId, SchemaId, TopicPartition};
pub use schema::{Column, Header, Schema, SourceKind, WindowKind};
pub use serde_spec::{Delimiter, Format, NullableRepresentation, SerdeSpec};
pub use sql_type::{DECIMAL_PRECISION_MAX, Field, SqlType};
pub use value::Value;
