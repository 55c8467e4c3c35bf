//! The embedded log: an implementation of [`crate::Log`] on local disk.
//!
//! # How it works
//!
//! A commit is one frame, appended to the *journal*; one sync of the journal makes every commit before
//! it durable. Its batches stay in memory, where readers find them, until enough has gathered; then a
//! *flush* writes them to the partitions' *segments*, saves the *checkpoint* and drops the journal
//! files that are no longer needed. Opening reads the checkpoint and the journal behind it, never the
//! segments.
//!
//! # On disk
//!
//! ```text
//! checkpoint                                  the log at one commit: topics, segments, positions
//! journal/<first commit, 20 digits>.journal   the commits behind it
//! <topic>-<partition>/<base offset, 20 digits>.log, .index, .timeindex
//! ```
//!
//! Integers are big-endian, checksums are CRC-32C, texts and byte strings follow a 32-bit length.
//!
//! **Segments** and their indexes are laid out as Kafka's, byte by byte: record batches of magic 2 one
//! after the other; the indexes are described in `index`. Offsets of batches follow each other without
//! gaps, also after compaction, which widens batches (their last offset delta) over what it removes.
//! Bytes behind the length that the checkpoint knows are void. A segment ends at `segment.bytes`, or
//! 2 GiB, or `segment.ms`.
//!
//! **Journal file**: a header of 32 bytes: magic `TMjournl` (8), version 1 (4), log id (8), first
//! commit (8), checksum of these (4). Then frames, each: magic `TMfr` (4), payload bytes (4), commit
//! (8), durable commit (8): everything up to it was on stable storage when the frame was written,
//! checksum of the payload (4), checksum of the header before it (4) that starts from the log id and
//! the file's first commit. The payload, up to 256 MiB of batches, is a list of operations: 1 = append
//! (topic id 8, partition 4, batch behind its length), 2 = create topic (topic id 8, name,
//! configuration), 3 = delete topic (topic id 8). An empty payload is a mark: it repeats the number of
//! the commit before it and only says what is durable. Commits are numbered from 1 without gaps, over
//! all files.
//!
//! **Checkpoint**: magic `TMchkpnt` (8), version 1 (4), log id (8), checkpoint number (8), commit (8),
//! next topic id (8), topics, positions, changes of names, checksum of all before it (4). It is
//! replaced as a whole: written as `checkpoint.new`, synced, renamed. The changes of names are made
//! after it and again when the log is opened; doing them twice does no harm.
//!
//! **Positions** of groups are records of the compacted topic `__consumer_offsets` (see
//! `offsets_topic`), in the same frame as the commit's other batches. The checkpoint carries their sum
//! so that opening need not read the topic.
//!
//! **Topics** are created and deleted by operations in the journal, so they too are atomic and in
//! order. The directories of a deleted topic go with the next flush.
//!
//! # What a crash can leave
//!
//! The journal may end in a torn frame: it is cut off. A broken frame that a later one vouches for
//! (its durable commit is not smaller) was acknowledged: the log does not open and names the place.
//! Segments may hold more than the checkpoint knows: cut off when writing goes on. A removed topic's
//! directory may still be there: the journal still says that it goes.

mod administration;
mod applying;
mod broker_calls;
mod checkpoint;
mod checkpoint_codec;
mod codec;
mod committing;
mod compaction;
mod config;
mod core;
mod files;
mod flushing;
mod frame;
mod index;
mod journal;
mod ledger_codec;
mod limits;
mod log;
mod mending;
mod offsets_topic;
mod partition;
mod planning;
mod producer_ids;
mod progress;
mod reading;
mod recovery;
mod replay;
mod retention;
mod searching;
mod segment;
mod segment_reader;
mod segment_writer;
mod state;
mod syncing;
#[cfg(test)]
mod tests;
mod threads;

pub use config::Config;
pub use log::EmbeddedLog;
