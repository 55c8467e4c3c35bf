//! The connectors against real servers: MariaDB where it is installed, or the MySQL whose `mysqld` the
//! environment variable `TIDEMILL_MYSQLD` names (`scripts/fetch-mysql.sh` gets one).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod configuration;
mod definitions;
mod kill;
mod node;
mod recovery;
mod replay;
mod server;
mod tutorial;
mod types_mapping;
