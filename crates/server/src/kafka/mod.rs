//! The Kafka door: listeners and connections. What is said on them is the `broker` crate's.

mod connection;
pub mod listeners;
mod protection;
mod tls;

pub use connection::KafkaService;
pub use protection::Protection;
