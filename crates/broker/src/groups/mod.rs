//! Consumer groups: membership by the classic protocol and by KIP-848, and committed offsets.
//!
//! What the protocols mean is in state machines without time, log or runtime (`classic`, `consumer`).
//! Around them: `entry` holds one group with the requests that wait for it, `migration` lets it change
//! its protocol, `coordinator` is the list of groups, `storage` their records in `__consumer_offsets`,
//! `expiry` what happens because time passes, and `requests` translates from and to the wire. Offsets are the log's own; the coordinator decides
//! who may move them.

mod classic;
mod classic_calls;
mod consumer;
mod coordinator;
mod deadlines;
mod dispatch;
mod embedded;
mod entry;
mod expiry;
mod failures;
mod member_ids;
mod migration;
mod now;
mod requests;
mod settings;
mod storage;
#[cfg(test)]
mod tests;
mod topics;
mod transactional;

pub(crate) use coordinator::Coordinator;
pub(crate) use dispatch::dispatch;
pub(crate) use expiry::expire;
pub(crate) use now::Now;
pub(crate) use transactional::{TransactionalMember, metadata_bytes_max, while_member};

use failures::refusal;
