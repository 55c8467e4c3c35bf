//! The connectors against real servers: each test on MariaDB and on MySQL, where they are to be had.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod authentication;
mod configuration;
mod definitions;
mod kill;
mod large_changes;
mod node;
mod output_options;
mod recovery;
mod replay;
mod server;
mod settings;
mod snapshot_modes;
mod statement_format;
mod tutorial;
mod types_mapping;
