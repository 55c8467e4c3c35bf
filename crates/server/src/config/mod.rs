//! Configuration: defaults, then a properties file, then the environment.

mod environment;
mod listener;
mod memory;
mod properties_file;
mod settings;

pub use listener::Listener;
pub use memory::Memory;
pub use settings::Config;
pub(crate) use settings::{CONNECT_LISTENERS, KSQL_LISTENERS, REGISTRY_LISTENERS};
