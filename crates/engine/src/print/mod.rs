//! PRINT: the raw records of a topic as lines, their formats guessed by `formats::sniff`
//! (spec section 1.9).

mod answer;
mod start;
mod watch;

pub use answer::{NextLines, PrintAnswer};
pub(crate) use start::print;
