//! The engine as a whole over a log in memory: transcripts of statements, restarts, queries.

mod failures;
mod node;
mod restart;
mod rows;
mod transcript;
mod wordings;
