//! The schema registry's REST API, as Confluent's: routes and JSON over the `registry` crate.

mod answer;
mod compatibility;
mod requests;
mod routes;
mod schemas;
mod settings;
mod subjects;

pub use routes::router;
