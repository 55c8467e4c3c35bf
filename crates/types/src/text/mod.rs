//! Textual forms of values that formats, functions and casts share: Java's text of doubles, ISO
//! dates and times, base64, and the order of strings.
//!
//! Writers append to a `String` and allocate nothing else; parsers borrow. Nothing here knows a
//! format or a function.

mod base64;
mod dates;
mod decimals;
mod double;
mod order;
mod timestamp;

#[cfg(test)]
mod tests;

pub use base64::{decode_base64, write_base64};
pub use dates::{days_of_civil, parse_date, parse_time, write_date, write_time};
pub use decimals::write_decimal;
pub use double::{double_text, parse_double, shortest_decimal, write_double};
pub use order::compare_utf16;
pub use timestamp::{parse_timestamp, write_timestamp};

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;
