//! From Connect's data model to record bytes: schemas, and one [`Writer`] per format. The shape of a
//! value is written once, against the trait; Avro, JSON and plain text differ only in the writer.

mod avro;
mod avro_schema;
mod converter;
mod json;
mod json_schema;
mod names;
mod schema;
mod text;
mod writer;

pub use converter::{CONVERTER_OPTIONS, Converter, Encoding};
pub use names::{adjusted, adjusted_field};
pub use schema::{Constant, Field, Nullness, Schema, Type};
pub use writer::{FieldName, Writer};
