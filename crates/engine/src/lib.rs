//! The engine: what is defined, what runs, and the answers to statements and queries.
//!
//! [`Engine`] is the one door: `server` gives it requests and turns its answers into JSON. Definitions
//! are durable in the command topic before they take effect, and folded again at start.

pub mod catalog;
pub mod definition;
mod entity;
mod error;
mod processing_log;
pub mod properties;
mod query_stream;
mod request;
mod thread;

pub use entity::{
    Answer, CommandStatus, ConnectorDescription, ConnectorInfo, ConnectorListing, Entity,
    ExtendedDescription, FieldInfo, FieldRole, FunctionDescription, FunctionListing, GroupOffsets,
    PartitionOffsets, PluginListing, PropertyListing, QueryDescription, QueryListing, Signature,
    SourceDescription, SourceListing, TopicListing,
};
pub use error::{Error, ErrorCode, Failure, Result};
pub use query_stream::{FinalMessage, Head, Next, Row};
pub use request::Request;
