//! Private database servers for the tests of every crate: MariaDB where it is installed, MySQL where
//! `scripts/fetch-mysql.sh` has put one. Each runs in a directory and on a port of loopback of its own,
//! with its binlog on, and ends with its last user. What is not there is skipped, and loudly so.

mod client;
mod each;
mod flavour;
mod numbers;
mod programs;
mod server;
#[cfg(test)]
mod tests;

pub use flavour::Flavour;
pub use numbers::numbers;
pub use server::Server;
