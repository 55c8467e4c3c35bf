//! Kafka record batches of magic 2: the one form in which records travel, rest and are read.
//!
//! [`Builder`] makes a batch, [`Batches`] walks over concatenated ones, [`Batch`] is a checked,
//! zero-copy view of one and [`Records`] its decompressed records. Used by the log, the brokers, the
//! engine and the connectors. This crate does no I/O, keeps no state and never panics on the bytes
//! it is handed.
//!
//! # Layout
//!
//! All integers are big-endian; `varint` and `varlong` are ZigZag-coded as in Protocol Buffers.
//!
//! | at | bytes | field | remark |
//! |---:|---:|---|---|
//! | 0 | 8 | base offset | offset of the first record; assigned by the log |
//! | 8 | 4 | length | bytes that follow this field |
//! | 12 | 4 | partition leader epoch | assigned by the log |
//! | 16 | 1 | magic | 2 |
//! | 17 | 4 | checksum | CRC-32C of everything from the attributes on |
//! | 21 | 2 | attributes | bits 0-2 compression, 3 log-append time, 4 transactional, 5 control, 6 delete horizon |
//! | 23 | 4 | last offset delta | last offset minus base offset; kept by compaction |
//! | 27 | 8 | base timestamp | ms since 1970; the delete horizon when bit 6 is set |
//! | 35 | 8 | max timestamp | ms since 1970 |
//! | 43 | 8 | producer id | -1: none |
//! | 51 | 2 | producer epoch | -1: none |
//! | 53 | 4 | base sequence | -1: none |
//! | 57 | 4 | record count | |
//! | 61 | | records | compressed together when the attributes say so |
//!
//! A record: length (varint), attributes (1 byte, 0), timestamp delta (varlong), offset delta
//! (varint), key length (varint, -1 = null), key, value length (varint, -1 = null), value, number of
//! headers (varint), headers. A header: key length (varint), key (UTF-8), value length (varint,
//! -1 = null), value.
//!
//! The base offset and the leader epoch lie outside the checksum, so the log can assign them without
//! touching the rest.
//!
//! Limits: a batch's records may not unpack to more than [`UNPACKED_BYTES_MAX`].

mod batch;
mod builder;
mod compression;
mod control;
mod error;
mod layout;
mod partitioner;
mod record;
#[cfg(test)]
mod tests;
mod varint;

pub use batch::{Batch, Batches, assign_offset, set_max_timestamp, stamp_append_time, widen};
pub use builder::Builder;
pub use compression::Compression;
pub use control::ControlKind;
pub use error::{Error, Result};
pub use layout::{HEADER_BYTES, LENGTH_PREFIX_BYTES};
pub use partitioner::{murmur2, partition_for_key};
pub use record::{Header, Headers, Iter, NO_TIMESTAMP_MS, Record, Records, UNPACKED_BYTES_MAX};
