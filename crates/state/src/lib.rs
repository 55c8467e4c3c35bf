//! Keyed state of dataflow tasks: a write-back cache over an ordered key-value backend.
//!
//! A [`Store`] belongs to one task, which alone reads and writes it, so nothing here locks on the hot
//! path. Its truth is the changelog topic: the store collects what changed since the last commit
//! ([`Store::drain_changes`]) for its owner to append to the log in the same commit. Dirty entries stay
//! in memory until [`Store::checkpoint`] writes them to the backend in one atomic batch together with
//! the changelog position they reflect; the owner calls it only when the commits up to that position
//! are durable in the log. Recovery reads [`Store::positions`] and replays the changelog from there.
//!
//! | kind | type | key |
//! |---|---|---|
//! | key-value | [`Store`] | the row's key |
//! | window, session, join buffer | [`WindowedStore`] | key, end, start (buffers: time, sequence) |
//! | foreign-key index | [`KeyIndex`] | foreign key, primary key |
//!
//! # What is on disk
//! The directory is marked with a version ([`FjallBackend`]); each store's checkpoint has magic, version,
//! the number of the rows' format and a checksum ([`RowFormat`], `checkpoint.rs`); the backend sums every
//! block it reads. Rows themselves bear no mark. What another release wrote is refused by name; a damaged
//! store is wiped and rebuilt by its owner.
//!
//! Keys are bytes whose order and equality are those of the row's key, and no key may be a proper
//! prefix of another key of the same store (arrow-row's encoding has both properties). This crate
//! never looks into keys or values, and knows neither topics nor plans.

mod backend;
mod cache_budget;
mod checkpoint;
mod error;
mod fjall_backend;
mod key_index;
mod memory;
mod row_format;
mod store;
mod store_id;
mod windowed;

pub use backend::{Backend, Visit, Write};
pub use cache_budget::CacheBudget;
pub use error::{Error, Result};
pub use fjall_backend::FjallBackend;
pub use key_index::KeyIndex;
pub use memory::MemoryBackend;
pub use row_format::RowFormat;
pub use store::Store;
pub use store_id::StoreId;
pub use windowed::{WindowKey, WindowedStore};
