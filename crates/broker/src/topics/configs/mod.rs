//! Configurations of topics, of the broker, of groups and of subscriptions to clients' metrics: told,
//! changed and listed.

mod alter;
mod alteration;
mod change;
mod describe;
mod incremental;
mod list;
mod target;

pub(super) use alter::handle as alter;
pub(super) use describe::handle as describe;
pub(super) use incremental::handle as alter_incrementally;
pub(super) use list::handle as list;
