//! JSON: objects (or bare single columns) to columns and back, by ksqlDB's coercions (spec section
//! 6.5). Payloads are decoded straight into column builders and encoded straight into one buffer;
//! no document tree is built.

mod decode;
mod encode;
mod fields;
mod read;
mod scalars;
mod text;
mod write;

#[cfg(test)]
mod tests;

pub use decode::JsonDecoder;
pub use encode::JsonEncoder;
pub use fields::is_upper_of;
pub use scalars::{parse_double, time_of_day};
pub use write::{Cell, Scratch};
