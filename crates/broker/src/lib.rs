//! The broker: Kafka's semantics over the embedded log.
//!
//! [`serve`] speaks Kafka's protocol with one client over any byte stream; [`Broker`] is what all
//! connections share. A request is read as a frame (`wire`), handed to the module of its kind
//! (`dispatch`), and answered in the order of requests (`connection`).
//!
//! The crate owns no sockets and no configuration files (`server` does) and stores nothing by itself:
//! whatever must outlive the process is a record or an operation in the log.

mod api_versions;
mod arrivals;
mod broker;
mod config;
mod connection;
mod context;
mod dispatch;
mod durability;
mod ending;
mod error;
mod fetch;
mod fields;
mod groups;
mod metrics;
mod on_disk;
mod produce;
mod replay;
mod security;
mod task;
#[cfg(test)]
mod tests;
mod topics;
mod transactions;
mod wire;

pub use broker::{Broker, Services};
pub use config::{Advertised, Config};
pub use connection::serve;
pub use context::{Session, Transport};
pub use error::{Error, Result};
pub use metrics::Reading;
pub use security::{Admission, Authentication, ListenerProperties, Property, SaslListener, Turned};
pub use task::spawn;
