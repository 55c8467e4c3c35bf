//! The engine: what is defined, what runs, and the answers to statements and queries.
//!
//! [`Engine`] is the one door: `server` gives it requests and turns its answers into JSON. Definitions
//! are durable in the command topic before they take effect, and folded again at start.

pub mod catalog;
pub mod definition;
mod engine;
mod entity;
mod error;
mod info;
mod persistent;
mod print;
mod processing_log;
pub mod properties;
mod pull;
mod push;
mod query;
mod query_stream;
mod request;
mod services;
mod statements;
mod thread;
mod topics;
mod world;

#[cfg(test)]
mod tests;

pub use engine::Engine;
pub use entity::{
    Answer, CommandStatus, ConnectorDescription, ConnectorInfo, ConnectorListing, Entity,
    ExtendedDescription, FieldInfo, FieldRole, FunctionDescription, FunctionListing, GroupOffsets,
    PartitionOffsets, PluginListing, PropertyListing, QueryDescription, QueryKind, QueryListing,
    Signature, SourceDescription, SourceListing, TopicListing,
};
pub use error::{Error, ErrorCode, Failure, Result};
pub use info::{Health, Info, Metrics, QueryCounters};
pub use print::{NextLines, PrintAnswer};
pub use query_stream::{FinalMessage, Head, Next, QueryAnswer, Row, Wake};
pub use request::Request;
pub use services::{Config, Services};
