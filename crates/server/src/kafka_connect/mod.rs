//! Kafka Connect's REST API: routes and JSON over the `connect` crate's runtime.

mod answer;
mod connectors;
mod plugins;
mod routes;
mod validate;

pub use routes::router;
