//! The Kafka door: listeners and connections. What is said on them is the `broker` crate's.

mod connection;
pub mod listeners;

pub use connection::KafkaService;
