//! Every port of a node, and the node itself: configuration, start, serving, stop.
//!
//! [`Server`] opens the data directory, starts log, registry, connectors and engine, and serves
//! ksqlDB's REST API, the schema registry's and Kafka Connect's, whose JSON only this crate knows, and
//! Kafka's protocol, of which it knows only the sockets.

mod acceptor;
mod config;
mod data_dir;
mod error;
mod http;
pub mod kafka;
mod kafka_connect;
mod ksql;
mod metrics;
mod node;
mod schema_registry;
mod server;

#[cfg(test)]
mod tests;

pub use config::{Config, Listener, Memory};
pub use data_dir::DataDir;
pub use error::{Error, Result};
pub use ksql::in_process;
pub use server::{Door, Server};
