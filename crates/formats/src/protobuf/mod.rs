//! PROTOBUF and PROTOBUF_NOSR (spec sections 6.1 to 6.4, 6.7).
//!
//! [`model::File`] is a parsed .proto text; [`reader`] and [`writer`] are compiled from one of its
//! messages for the declared columns. PROTOBUF payloads carry the registry's header and the message's
//! place in its file; PROTOBUF_NOSR payloads are the bare message that the columns generate.

mod decode;
mod encode;
mod generate;
mod indexes;
mod infer;
pub mod model;
mod parse;
mod reader;
mod tokens;
mod well_known;
mod wire;
mod writer;

#[cfg(test)]
mod tests;

pub use decode::ProtobufDecoder;
pub use encode::ProtobufEncoder;
pub use generate::schema_text;
pub use infer::infer;
