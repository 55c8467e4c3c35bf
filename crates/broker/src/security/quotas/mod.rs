//! Client quotas: how much a user, a client or an address may do in a second. Whoever does more is
//! answered at once and kept waiting with its next request; records that would be too much for a reader
//! are not sent at all.

mod alter;
mod bucket;
mod describe;
mod entity;
mod hold_back;
mod meters;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use alter::alter;
pub(crate) use describe::describe;
pub(crate) use entity::{Entity, Limits};
pub(crate) use hold_back::HoldBack;
pub(crate) use meters::Meters;
pub(crate) use table::Quotas;
