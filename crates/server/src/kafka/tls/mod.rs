//! TLS on Kafka listeners, by Kafka's `ssl.` properties with PEM files: certificates, who clients are by
//! theirs, and the handshake.

mod certificate;
mod der;
mod handshake;
mod mapping;
mod pem;
mod settings;
#[cfg(test)]
mod tests;

pub use handshake::{Identity, Tls};
