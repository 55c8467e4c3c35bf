//! PRINT: the raw records of a topic as lines, their formats guessed (spec section 1.9).

mod answer;
mod avro;
mod candidate;
mod guess;
mod line;
mod start;
mod value_text;
mod watch;

pub use answer::{NextLines, PrintAnswer};
pub(crate) use start::print;
