//! SASL: PLAIN and SCRAM, by SaslHandshake and SaslAuthenticate.

mod authenticate;
mod dialogue;
mod exchange;
mod handshake;
mod listener;
mod mechanism;

pub(crate) use authenticate::{authenticate, authenticate_raw};
pub(crate) use dialogue::Dialogue;
pub(crate) use handshake::handshake;
pub use listener::SaslListener;
