//! The REST APIs over a node in memory, spoken to through real sockets.

mod node;
mod streams;
mod transcripts;
