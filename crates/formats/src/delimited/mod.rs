//! DELIMITED: one line of separated values (spec section 6.6), quoted as RFC 4180 has it.

mod decode;
mod encode;
mod line;

pub use decode::DelimitedDecoder;
pub use encode::DelimitedEncoder;
