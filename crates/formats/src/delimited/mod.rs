//! DELIMITED: one line of separated values (spec section 6.6), quoted as RFC 4180 has it.

mod decode;
mod encode;
mod line;

#[cfg(test)]
mod tests;

pub use decode::DelimitedDecoder;
pub use encode::DelimitedEncoder;
