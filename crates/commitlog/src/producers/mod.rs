//! What a partition knows of its producers: their last batches, so that a repeated one is not appended
//! again and a missing one is noticed, and their transactions. The rules are those of Kafka's brokers
//! (KIP-98), so that its clients' retries work.
//!
//! [`Check`] refuses what does not fit before a commit is written, [`Ledger`] takes in what was
//! written, live and when the journal is read back. Both logs use them. Nothing here reads the disk.

mod check;
mod entry;
mod ledger;
mod marker;

pub(crate) use check::{Check, Verdict};
pub(crate) use entry::{Entry, Written};
pub(crate) use ledger::{AbortedRange, Ledger, counts};
