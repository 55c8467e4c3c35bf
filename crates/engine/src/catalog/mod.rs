//! What is defined, and how it survives a restart.

mod command;
mod command_topic;
mod metastore;
mod stored;

pub use command::{Command, PersistentQuery};
pub use command_topic::{CommandTopic, Entry};
pub use metastore::Metastore;
pub use stored::decode;
