//! Groups by the consumer protocol (KIP-848): the coordinator assigns, and members follow at their own
//! pace, heartbeat by heartbeat.
//!
//! [`Group`] is a state machine without log, runtime and other groups, as that of the classic protocol
//! is; here no request waits. Three things follow each other:
//! 1. The *group epoch* grows whenever subscriptions, topics or members change.
//! 2. The *target assignment* is made for a group epoch by an assignor (`uniform` or `range`).
//! 3. Each member's *current assignment* approaches its target: it is asked to revoke what it is to
//!    lose, and gets what others have let go of. Its *member epoch* becomes the target's when it has
//!    nothing left to revoke; only then may it commit offsets for what it got.
//!
//! Members may speak the classic protocol while their application is rolled from one protocol to the
//! other (`classic_members`): the coordinator assigns them partitions like everybody else.

mod assignors;
mod classic_members;
mod expiry;
mod follow;
mod group;
mod heartbeat;
mod leave;
mod member;
mod partitions;
mod pattern;
mod reconcile;
mod snapshot;
mod target;
#[cfg(test)]
mod tests;

pub(crate) use assignors::Assignor;
pub(crate) use group::{Group, Limits, State, Topic, Topics};
pub(crate) use heartbeat::{Answer, Beat, Refusal};
pub(crate) use member::{ClassicMember, Member, MemberState};
pub(crate) use partitions::Partitions;
pub(crate) use pattern::Pattern;
pub(crate) use snapshot::{MemberSnapshot, Snapshot};
