//! AVRO: Confluent framing around Avro binary (spec sections 6.2 to 6.4, 6.7).
//!
//! Payloads are read by the schema they were written with, compiled once per schema id into a
//! [`reader::Reader`] for the declared columns; fields are matched by name, so the two may differ.
//! Writing compiles the registered schema into a [`writer::Writer`].

pub mod binary;
mod decode;
mod encode;
mod generate;
mod infer;
mod reader;
mod resolve;
mod writer;

#[cfg(test)]
mod tests;

pub use decode::AvroDecoder;
pub use encode::AvroEncoder;
pub use generate::{check_names, schema_text};
pub use infer::infer;
