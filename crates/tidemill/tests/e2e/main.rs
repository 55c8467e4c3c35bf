//! End-to-end tests: the built binary, a real database, a client over HTTP.

mod bookstore;
mod kill;
mod node;
mod tutorial;
