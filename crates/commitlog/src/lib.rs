//! The log: topics of partitions of record batches, with atomic commits over partitions.
//!
//! [`Log`] is the one trait between everything that moves records and their storage. This crate
//! never looks into records beyond what a batch header and keys (for compaction) tell.

mod admission;
mod api;
mod client_api;
mod embedded;
mod error;
mod listeners;
mod memory;
pub mod metrics;
mod positions;
mod producers;
mod sequences;
mod topic;
mod unpacking;

pub use api::{
    Append, Appended, Chunk, Commit, CommitId, Committed, Listener, Log, PartitionOffsets,
    Position, TimestampedOffset, TopicDescription, Visibility,
};
pub use client_api::{
    Aborted, CommittedOffset, Fetched, Isolation, Marker, Outcome, Producer, ProducerState,
};
pub use embedded::{Config, EmbeddedLog, ImportSource, Imported, SourceBatches};
pub use error::{Error, Result};
pub use memory::MemoryLog;
pub use sequences::Sequences;
pub use topic::{SEGMENT_BYTES_DEFAULT, TimestampType, TopicChange, TopicConfig};
