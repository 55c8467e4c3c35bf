//! Transactions: producer ids, the coordinator and its topic `__transaction_state`.
//!
//! `transaction` says what each request makes of a transactional id, `coordinator` writes that down and
//! keeps it, `verification` lets others write within a transaction, `expiry` is what happens by itself
//! and `mending` what is put in order at a start. Each request has a file of its own.

mod add_offsets;
mod add_partitions;
mod coordinator;
mod deadlines;
mod describe_producers;
mod describe_transactions;
mod end_txn;
mod expiry;
mod init_producer_id;
mod list_transactions;
mod mending;
mod offset_commit;
mod record;
mod requests;
mod settings;
mod slots;
mod state;
#[cfg(test)]
mod tests;
mod topic;
mod transaction;
mod verification;
mod write_markers;

pub(crate) use coordinator::Coordinator;
pub(crate) use expiry::expire;
pub(crate) use requests::dispatch;
pub(crate) use verification::{Membership, Verified, Write};

use state::State;
