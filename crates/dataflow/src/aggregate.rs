//! GROUP BY with aggregates: without windows, in time windows, in sessions (spec sections 1.13, 4).
//!
//! A stored group is its timestamp (8 bytes big endian) followed by the state of each call in its own
//! layout. Results are computed from states, so nothing else is stored.

mod calls;
mod emission;
mod session;
mod slots;
mod time_windows;
mod unwindowed;

pub(crate) use calls::{Calls, GroupCodec};
pub(crate) use session::SessionAggregateOp;
pub(crate) use time_windows::{TimeWindowAggregateOp, TimeWindows};
pub(crate) use unwindowed::AggregateOp;
