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
//! One thread syncs. Another one, the *keeper*, flushes when memory asks for it, looks for something to
//! compact every `log.cleaner.backoff.ms` (`cleaning`) and retires segments every
//! `log.retention.check.interval.ms` (`retention`); compaction lets flushes in between.
//!
//! # On disk
//!
//! ```text
//! checkpoint                                  the log at one commit: topics, segments, positions
//! journal/<first commit, 20 digits>.journal   the commits behind it
//! <topic>-<partition>/<base offset, 20 digits>.log, .index, .timeindex, .txnindex
//! ```
//!
//! Integers are big-endian, checksums are CRC-32C, texts and byte strings follow a 32-bit length.
//!
//! **Segments** and their indexes are laid out as Kafka's, byte by byte: record batches of magic 2 one
//! after the other; the indexes are described in `index` and `txn_index`. Offsets of batches follow each other without
//! gaps, also after compaction, which widens batches (their last offset delta) over what it removes.
//! Bytes behind the length that the checkpoint knows are void. A segment ends at `segment.bytes`, or
//! 2 GiB, or `segment.ms`, or `max.compaction.lag.ms` of a compacted topic, or when compaction begins with
//! all of it.
//!
//! **Journal file**: a header of 32 bytes: magic `TMjournl` (8), version 2 (4), log id (8), first
//! commit (8), checksum of these (4). Version 1, which has only the operations 1 to 3, is read too. Then frames, each: magic `TMfr` (4), payload bytes (4), commit
//! (8), durable commit (8): everything up to it was on stable storage when the frame was written,
//! checksum of the payload (4), checksum of the header before it (4) that starts from the log id and
//! the file's first commit. The payload, up to 256 MiB of batches, is a list of operations: 1 = append
//! (topic id 8, partition 4, batch behind its length), 2 = create topic (topic id 8, name,
//! configuration), 3 = delete topic (topic id 8), 4 = alter topic, which may add partitions (topic id
//! 8, configuration), 5 = move the log start (topic id 8, partition 4, offset 8), 6 = reserve producer
//! ids (the first one not reserved, 8). An empty payload is a mark: it repeats the number of
//! the commit before it and only says what is durable. Commits are numbered from 1 without gaps, over
//! all files.
//!
//! **Configuration** of a topic: partitions (4), cleanup policy (1: bit 0 delete, bit 1 compact),
//! `retention.ms` (8, -1: unlimited), `retention.bytes` (8, all ones: unlimited), `segment.bytes` (8),
//! `segment.ms` (8), `min.compaction.lag.ms` (8), `delete.retention.ms` (8), `max.message.bytes` (4),
//! then every other setting that is not its default, as a list of names and values.
//!
//! **Checkpoint**: magic `TMchkpnt` (8), version 2 (4), log id (8), checkpoint number (8), commit (8),
//! next topic id (8), first producer id not reserved (8), topics, positions, pending positions, changes
//! of names, checksum of all before it (4). A list is a count (4) and its items.
//! - Topic: id (8), name, configuration, list of partitions. Partition: start (8), end of the segments
//!   (8), end of what compaction has seen (8), list of segments (see `segment`), list of producers,
//!   list of aborted transactions.
//! - Producer: id (8), epoch (4), coordinator epoch (4), last timestamp (8), time of its last append
//!   (8), first offset of its open transaction (8, -1: none), list of up to five batches: last sequence
//!   (4), last offset (8), offsets behind the first (4), timestamp (8).
//! - Aborted transaction: producer id (8), first offset (8), offset of the marker (8), last stable offset
//!   behind the marker (8).
//! - Position: group, topic, partition (4), offset of its record in `__consumer_offsets` (8), 1 for a
//!   position (1) and then offset (8), leader epoch (4), metadata, commit time (8), or 0 to forget it.
//! - Pending positions: partition of `__consumer_offsets` (4), producer id (8), list of positions.
//!
//! Version 1, which is read too, has no producer ids, producers, aborted transactions and pending
//! positions, and its positions are group, topic, partition (4) and offset (8). The checkpoint is
//! replaced as a whole: written as `checkpoint.new`, synced, renamed. The changes of names are made
//! after it and again when the log is opened; doing them twice does no harm.
//!
//! **Producers and transactions** (see `crate::producers`) are what the batches of the journal say, by
//! their headers; only the checkpoint keeps their sum.
//!
//! **Positions** of groups are records of the compacted topic `__consumer_offsets` (see
//! `offsets_topic`), in the same frame as the commit's other batches. The checkpoint carries their sum
//! so that opening need not read the topic.
//!
//! **Producer ids** are reserved by the thousand, so that giving one out seldom costs a commit.
//!
//! **Topics** are created, changed and deleted by operations in the journal, so they too are atomic and in
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
mod cleaning;
mod codec;
mod committing;
mod compaction;
mod config;
mod core;
mod files;
mod flushing;
mod frame;
mod full_disk;
mod gapless_writer;
mod importing;
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
mod steady_clock;
mod syncing;
#[cfg(test)]
mod tests;
mod threads;
mod timetable;
mod txn_index;
mod unsynced;

pub use config::Config;
pub use importing::{ImportSource, Imported, SourceBatches};
pub use log::EmbeddedLog;
