//! End-to-end tests: the built binary, a real database, a client over HTTP.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bookstore;
mod kill;
mod node;
mod tutorial;
