//! Guesses the format of raw keys and values and shows them as text, for PRINT (spec section 1.9).
//!
//! A [`Sniffer`] looks at the payloads of one part of a topic one after the other. Every format is a
//! candidate until a payload does not fit it; what is left names the guess, and its first candidate
//! shows the payloads.

mod candidate;
mod registered;
mod sniffer;

#[cfg(test)]
mod tests;

pub use sniffer::{Sniffer, record_line};
