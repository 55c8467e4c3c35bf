//! Groups by the classic protocol: members join, a leader among them assigns, everybody syncs.
//!
//! [`Group`] is a state machine: it takes what a member asks for together with the time, and returns
//! what has to be done about it as [`Effect`]s. It knows no log, no runtime and no other group. A
//! request that has to wait is known here by its [`Ticket`] only.
//!
//! ```text
//! Empty --join--> Preparing --all have joined, or time is up--> Completing --leader syncs--> Stable
//!   ^                | ^                                            |                           |
//!   +---none left----+ +------- join, leave, a session ends --------+---------------------------+
//! ```

mod commits;
mod expiry;
mod group;
mod join;
mod leave;
mod member;
mod protocols;
mod rebalance;
mod replace;
mod snapshot;
mod subscription;
mod sync;
#[cfg(test)]
mod tests;

pub(crate) use group::{Effect, Group, Limits, State, Ticket};
pub(crate) use join::{Join, JoinAnswer, Joined, JoinedMember, Refused};
pub(crate) use member::{Identity, Member, Protocol};
pub(crate) use snapshot::{MemberSnapshot, Snapshot};
pub(crate) use sync::{Sync, SyncAnswer, Synced};
