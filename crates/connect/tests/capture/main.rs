//! The connectors against real servers.

mod configuration;
mod definitions;
mod kill;
mod node;
mod recovery;
mod replay;
mod server;
mod tutorial;
mod types_mapping;
