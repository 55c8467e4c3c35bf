//! Client quotas: how much a user, a client or an address may do in a second.

mod hold_back;

pub(crate) use hold_back::HoldBack;
