//! Bytes to Arrow columns and back: one module per format.
//!
//! [`decoder`] and [`encoder`] pick the codec of a part of a topic's records; [`supports`],
//! [`schema_text`] and [`infer`] answer what planning asks. Nothing here does I/O except through
//! the [`SchemaStore`] it is given, and one bad record never fails a batch.

mod api;
mod avro;
pub mod avro_schema;
mod builder;
mod decimals;
mod delimited;
mod digits;
mod error;
mod fault;
mod frame;
mod json;
mod json_sr;
mod kafka;
mod memory_store;
mod none;
mod part;
mod payloads;
mod protobuf;
mod select;
pub mod sniff;
mod support;
mod twos_complement;
pub mod windowed;

pub use api::{
    Decoded, Decoder, Encoder, Failure, InferredColumns, RegisteredSchema, SchemaStore, SchemaType,
};
pub use error::{Error, Result};
pub use memory_store::MemorySchemaStore;
pub use part::{Part, is_unwrapped};
pub use protobuf::model as protobuf_schema;
pub use select::{decoder, encoder, infer, infer_verbatim, schema_text};
pub use support::supports;

#[cfg(test)]
mod tests;
