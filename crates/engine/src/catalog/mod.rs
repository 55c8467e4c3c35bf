//! What is defined, and how it survives a restart.

mod command;
mod command_topic;
mod metastore;

pub use command::{Command, PersistentQuery};
pub use command_topic::{CommandTopic, Entry};
pub use metastore::Metastore;
