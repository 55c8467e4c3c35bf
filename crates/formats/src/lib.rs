//! Bytes to Arrow columns and back: one module per format.

mod api;
mod error;

pub use api::{
    Decoded, Decoder, Encoder, Failure, InferredColumns, RegisteredSchema, SchemaStore, SchemaType,
};
pub use error::{Error, Result};
