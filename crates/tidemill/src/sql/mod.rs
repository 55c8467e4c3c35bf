//! `tidemill sql`: the command line over a server's REST API (spec section 9).
//!
//! A text is cut into steps (`step`), each is carried out by `Runner` (`runner`) with what `Session`
//! remembers, answers are shown by `render`, and `shell` reads what a person types.

mod client;
mod command;
mod editor;
mod options;
mod output;
mod render;
mod row_lines;
mod runner;
mod session;
mod shell;
mod step;
mod stream;

#[cfg(test)]
mod tests;

pub use options::{Options, run};
