//! Produce: record batches of clients into the log.
//!
//! A request goes through in four steps: its batches are taken apart by partition (`partition`); each
//! is held against what its topic and Kafka's format demand (`admission`, `validation`); what passes
//! becomes one commit of the log (`appending`, `transactional`); and the answer is due at once, after a sync or never,
//! as the client asked (`handler`). What is wrong with one partition never stops the others.

mod admission;
mod appending;
mod handler;
mod partition;
mod response;
#[cfg(test)]
mod tests;
mod transactional;
mod validation;

pub(crate) use handler::answer;
